"""What people tell the room about time: expectations, milestones, and reminders held back."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.rules.roles import Permission
from console.forms.snooze import SnoozeForm
from console.forms.typed import local_instant
from console.views.beside import beside_fields
from console.views.room import etr_form, show_room
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound
from incidents.queries import visible_incident
from incidents.services import assess_etr, record_milestone, snooze_promise
from notifications.rules.times import zone_named


@page
@require_POST
def etr(request: HttpRequest, public_id: str) -> HttpResponse:
    """Says when it is expected to be over."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    actor.require(Permission.INCIDENT_WRITE)
    form = etr_form(actor, incident, request.POST)
    if form.is_valid():
        given: dict[str, Any] = form.cleaned_data
        try:
            at = local_instant(given["expected_at"], zone_named(actor.require_person().time_zone)) if given["expected_at"] else None
            assess_etr(
                actor=actor,
                now=utc_now(),
                incident=incident,
                expected_at=at,
                confidence=given["confidence"],
                note_text=given["note"],
            )
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error, field_of=lambda name: "expected_at" if name == "at" else name)
        else:
            return redirect(f"{reverse('console:room', args=[public_id])}#facts")
    return show_room(request, actor, incident, form=form, status=422)


@page
@require_POST
def milestone(request: HttpRequest, public_id: str) -> HttpResponse:
    """Records what was reached; the draft that it calls for stands ready."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    try:
        made = record_milestone(
            actor=actor, now=utc_now(), incident=incident, kind=request.POST.get("kind", ""), note_text=request.POST.get("note", "").strip()
        )
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
    else:
        messages.success(request, "Recorded, and a draft stands ready. Nothing is published." if made.draft else "Recorded.")
    return redirect("console:room", public_id)


@page
@require_POST
def snooze(request: HttpRequest, public_id: str) -> HttpResponse:
    """Holds the reminders of the incident back."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    actor.require(Permission.UPDATE_WRITE)
    form = SnoozeForm(request.POST)
    if form.is_valid():
        try:
            snooze_promise(actor=actor, now=utc_now(), incident=incident, **form.cleaned_data)
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error)
        else:
            return redirect(f"{reverse('console:room', args=[public_id])}#promise")
    return show_room(request, actor, incident, snooze_form=form, status=422)
