"""Letting an update out."""

from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from approvals.models import Release, ReleaseSchedule
from approvals.queries import release_blockers
from approvals.services import release_update
from console.forms.typed import local_instant
from console.instants import zone_of_reader
from console.queries.governing import release_page_facts
from console.queries.wordings import wordings_of
from console.views.kept import forget, keep, kept
from console.views.support import page, refuse, revision_from, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, InvalidInput, NotFound, StepUpRequired
from incidents.models import Update
from incidents.queries import visible_update
from notifications.queries.reach import reach
from notifications.rules.times import in_words


@page
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, update_id: str) -> HttpResponse:
    """Who will receive it and what stands in the way; then one button, now or at a time."""
    actor, now = who(request), utc_now()
    update = visible_update(actor, update_id)
    if request.method == "POST":
        return _release(request, actor, update, now)
    released = Release.objects.filter(update_of=update).first()
    if released is not None:
        return redirect("console:release_progress", released.public_id)
    typed = kept(request, _key(update))
    forget(request, _key(update))
    return render(request, "console/release.html", _context(request, actor, update, now, typed))


def _key(update: Update) -> str:
    return f"release-{update.public_id}"


def _context(request: HttpRequest, actor: Actor, update: Update, now: datetime, typed: dict[str, Any]) -> dict[str, Any]:
    """What the page shows; `typed` is the choice made before a refusal or the password, shown again once."""
    if update.current is None:
        raise NotFound
    content = update.current.parsed()
    pending = update.schedules.filter(state="pending").first()
    return {
        "update": update,
        "incident": update.incident,
        "revision": update.current,
        "content": content,
        "wordings": wordings_of(content),
        "reach": (found := reach(update, content, now=now)),
        "reached": _reached(found.readers, page="page" in content.channels),
        "blockers": release_blockers(update, now),
        "pending": pending,
        "planned_words": _planned(pending, content.schedule_at, zone_of_reader(request)) if pending else "",
        "held": update.schedules.filter(state="held").first(),
        "zone": actor.require_person().time_zone,
        "kept_hold": kept(request, "hold").get("reason", ""),
        "now": now,
        "when": typed.get("when", ""),
        "at": typed.get("at", ""),
        "errors": typed.get("errors", {}),
        **release_page_facts(actor, update),
    }


def _reached(people: int, *, page: bool) -> str:
    """Whom it goes to, as the button says it."""
    return f"{people:,} {'person' if people == 1 else 'people'}{' and the public page' if page else ''}"


def _planned(pending: ReleaseSchedule, schedule_at: str | None, zone: ZoneInfo) -> str:
    """Content that names its time keeps it; any other plan gives way to a release by hand."""
    at = f"A release is planned for {in_words(pending.due_at, zone)}."
    return f"{at} Its reviewers approved that time." if schedule_at else f"{at} Releasing now replaces the plan."


def _release(request: HttpRequest, actor: Actor, update: Update, now: datetime) -> HttpResponse:
    try:
        at = _chosen_time(request, actor)
        made = release_update(actor=actor, now=now, update_id=update.pk, revision=revision_from(request), at=at)
    except StepUpRequired as error:
        return keep(request, error, _key(update), "when", "at")
    except NotFound:
        raise
    except DomainError as error:
        return _refused(request, actor, update, now, error)
    if isinstance(made, Release):
        return redirect("console:release_progress", made.public_id)
    messages.success(
        request, f"It goes out at {in_words(made.due_at, zone_of_reader(request))}, after everything has been checked once more."
    )
    return redirect("console:room", update.incident.public_id)


def _refused(request: HttpRequest, actor: Actor, update: Update, now: datetime, error: DomainError) -> HttpResponse:
    """The page again, with what was chosen; what is wrong with the choice stands beside it."""
    if Release.objects.filter(update_of=update).exists():
        refuse(request, error)
        return redirect("console:release", update.public_id)
    beside = {name: " ".join(error.fields[name]) for name in ("when", "at") if name in error.fields}
    if not beside:
        refuse(request, error)
    typed = {"when": request.POST.get("when", ""), "at": request.POST.get("at", ""), "errors": beside}
    status = 422 if isinstance(error, InvalidInput) else 403 if isinstance(error, Forbidden) else 409
    return render(request, "console/release.html", _context(request, actor, update, now, typed), status=status)


def _chosen_time(request: HttpRequest, actor: Actor) -> datetime | None:
    """`None` for now; else the local time in the person's own zone, as the field shows it. An empty time is never now."""
    match request.POST.get("when", ""):
        case "now":
            return None
        case "at":
            return local_instant(request.POST.get("at", ""), ZoneInfo(actor.require_person().time_zone))
        case _:
            raise InvalidInput("Say when.", fields={"when": ["Choose now or a time."]})
