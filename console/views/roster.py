"""The roster: who can approve now and in the next seven days, and taking back what was entered."""

from datetime import datetime
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import Actor
from accounts.models import Absence, Delegation, RotaShift
from accounts.rules.duties import IN_WORDS, Duty
from accounts.rules.roles import Permission
from accounts.services.absences import cancel_absence
from accounts.services.rota import end_delegation, remove_shifts
from console.forms.typed import small_int
from console.queries.roster import duty_weeks, midnights, shift_groups, span_words
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import Conflict, NotFound


def reader(request: HttpRequest) -> tuple[Actor, ZoneInfo]:
    """Who asks, with the zone their pages are in; raises `NotFound` for whoever may not read the roster."""
    actor = who(request)
    if not actor.may(Permission.ROSTER_READ):
        raise NotFound
    return actor, ZoneInfo(actor.require_person().time_zone)


@page
@require_safe
def roster(request: HttpRequest) -> HttpResponse:
    """Duty by duty: now, the week ahead with its uncovered hours, and what is entered."""
    (actor, zone), now = reader(request), utc_now()
    keeps = actor.may(Permission.ROSTER_WRITE)
    weeks = duty_weeks(now, zone)
    context = {
        "weeks": weeks,
        "uncovered": [week for week in weeks if week.holes],
        "midnights": midnights(now, zone),
        "zone": zone.key,
        "absences": _absences(actor, now, zone, keeps),
        "handovers": _handovers(actor, now, zone, keeps),
        "shifts": shift_groups(now),
        "may_write": keeps,
        "may_train": actor.may(Permission.TRAINING_WRITE),
        "now": now,
    }
    return render(request, "console/roster.html", context)


def _absences(actor: Actor, now: datetime, zone: ZoneInfo, keeps: bool) -> list[dict[str, object]]:
    rows = Absence.objects.filter(ends_at__gt=now).select_related("user").order_by("starts_at", "pk")
    return [
        {
            "row": row,
            "words": span_words(row.starts_at, row.ends_at, zone),
            "running": row.starts_at <= now,
            "mine": keeps or row.user == actor.user,
        }
        for row in rows
    ]


def _handovers(actor: Actor, now: datetime, zone: ZoneInfo, keeps: bool) -> list[dict[str, object]]:
    rows = Delegation.objects.filter(ends_at__gt=now).select_related("giver", "taker").order_by("starts_at", "pk")
    return [
        {
            "row": row,
            "duty": IN_WORDS[Duty(row.duty)].capitalize(),
            "words": span_words(row.starts_at, row.ends_at, zone),
            "running": row.starts_at <= now,
            "mine": keeps or row.giver == actor.user,
        }
        for row in rows
    ]


@page
@require_POST
def absence_end(request: HttpRequest, row: int) -> HttpResponse:
    """Back from now on; what has not begun is taken back."""
    actor, _ = reader(request)
    found = Absence.objects.select_related("user").filter(pk=row).first()
    if found is None:
        raise NotFound
    try:
        cancel_absence(actor=actor, now=utc_now(), absence=found)
    except Conflict as error:
        refuse(request, error)
    else:
        messages.success(request, f"{found.user.get_full_name()} is asked again.")
    return redirect("console:roster")


@page
@require_POST
def handover_end(request: HttpRequest, row: int) -> HttpResponse:
    """The giver has the duty again from now on."""
    actor, _ = reader(request)
    found = Delegation.objects.select_related("giver").filter(pk=row).first()
    if found is None:
        raise NotFound
    try:
        end_delegation(actor=actor, now=utc_now(), delegation=found)
    except Conflict as error:
        refuse(request, error)
    else:
        messages.success(request, f"{found.giver.get_full_name()} has the duty again ({IN_WORDS[Duty(found.duty)]}).")
    return redirect("console:roster")


@page
@require_POST
def shifts_remove(request: HttpRequest) -> HttpResponse:
    """The shifts ticked begin no more from today on."""
    actor, _ = reader(request)
    actor.require(Permission.ROSTER_WRITE)
    wanted = {number for text in request.POST.getlist("shift") if (number := small_int(text)) is not None}
    rows = list(RotaShift.objects.filter(pk__in=wanted))
    if not wanted:
        messages.error(request, "Tick at least one day of the shift to remove.")
    elif len(rows) < len(wanted):
        messages.error(request, "Some of these shifts were removed already. Nothing was changed; look at what is left.")
    else:
        try:
            remove_shifts(actor=actor, now=utc_now(), shifts=rows)
        except Conflict as error:
            refuse(request, error)
        else:
            messages.success(request, f"{len(rows)} weekly shift{'s' if len(rows) != 1 else ''} removed, from today on.")
    return redirect("console:roster")
