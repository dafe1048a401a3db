"""Holding back, lifting, and starting a correction."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from approvals.models import ReleaseHold
from approvals.queries.holds import visible_hold
from approvals.services import hold_incident, hold_update, lift_hold, start_correction
from console.views.kept import forget, keep
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound, StepUpRequired
from incidents.models import Incident
from incidents.queries import visible_incident, visible_update


@page
@require_POST
def place_on_incident(request: HttpRequest, public_id: str) -> HttpResponse:
    """Nothing of the incident goes out any more."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    return _done(
        request,
        lambda: hold_incident(actor=actor, now=utc_now(), incident_id=incident.pk, reason=request.POST.get("reason", "")),
        back_to=reverse("console:room", args=[incident.public_id]),
        said="Held: nothing of this incident goes out until somebody lifts the hold.",
    )


@page
@require_POST
def place_on_update(request: HttpRequest, update_id: str) -> HttpResponse:
    """This one update does not go out any more."""
    actor = who(request)
    update = visible_update(actor, update_id)
    return _done(
        request,
        lambda: hold_update(actor=actor, now=utc_now(), update_id=update.pk, reason=request.POST.get("reason", "")),
        back_to=reverse("console:release", args=[update.public_id]),
        said="Held: this update does not go out until somebody lifts the hold.",
    )


@page
@require_POST
def lift(request: HttpRequest, hold_id: str) -> HttpResponse:
    """What was held may go again."""
    actor = who(request)
    hold = visible_hold(actor, hold_id)
    return _done(
        request,
        lambda: lift_hold(actor=actor, now=utc_now(), hold_id=hold_id, reason=request.POST.get("reason", "")),
        back_to=reverse("console:room", args=[_incident_of(hold).public_id]),
        said="The hold is lifted. What waited to be sent goes on; a release is decided anew.",
    )


def _incident_of(hold: ReleaseHold) -> Incident:
    found = hold.incident or (hold.update_of.incident if hold.update_of else None)
    if found is None:
        raise NotFound
    return found


def _done(request: HttpRequest, act: Callable[[], object], *, back_to: str, said: str) -> HttpResponse:
    try:
        act()
    except StepUpRequired as error:
        return keep(request, error, "hold", "reason", back_to=back_to)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
    else:
        forget(request, "hold")
        messages.success(request, said)
    return redirect(back_to)


@page
@require_POST
def correct(request: HttpRequest, update_id: str) -> HttpResponse:
    """Starts the correction or the retraction of what was released, and leads to its editor."""
    actor = who(request)
    wrong = visible_update(actor, update_id)
    try:
        update = start_correction(actor=actor, now=utc_now(), update_id=wrong.pk, kind=request.POST.get("kind", ""))
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
        return redirect("console:room", wrong.incident.public_id)
    messages.success(request, "The draft quotes what was released. Write what is right; it goes to exactly those who were sent the other.")
    return redirect("console:editor", update.public_id)
