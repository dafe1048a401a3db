"""Entering an absence, a handover, shifts and training."""

from collections.abc import Callable
from datetime import date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Actor
from accounts.models import TrainingRecord, User
from accounts.queries.holders import holders
from accounts.rules.duties import IN_WORDS, PERMISSION_OF, Duty
from accounts.rules.roles import Permission
from accounts.rules.rota import instant
from accounts.rules.training import Source
from accounts.services.absences import record_absence
from accounts.services.rota import delegate, set_shift
from accounts.services.training import record_training, withdraw_training
from console.forms.roster import AbsenceForm, HandoverForm, RosterForm, ShiftForm, TrainingForm
from console.views.beside import beside_fields
from console.views.roster import reader
from console.views.support import page
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound

READ_AND_WRITE = require_http_methods(["GET", "HEAD", "POST"])


def _entry(
    request: HttpRequest, form: RosterForm, act: Callable[[dict[str, Any]], str], *, title: str, text: str, button: str, zone: ZoneInfo
) -> HttpResponse:
    """One form on a page of its own: what the service refuses stands beside its field, and what was typed stays."""
    if form.is_bound and form.is_valid():
        try:
            said = act(form.cleaned_data)
        except DomainError as error:
            beside_fields(form, error)
        else:
            messages.success(request, said)
            return redirect("console:roster")
    context = {"form": form, "title": title, "text": text, "button": button, "zone": zone.key}
    return render(request, "console/roster/entry.html", context, status=422 if form.is_bound else 200)


def _subjects(actor: Actor) -> list[User]:
    """Whom the actor may enter something about."""
    return list(holders(Permission.ROSTER_READ)) if actor.may(Permission.ROSTER_WRITE) else [actor.require_person()]


def _posted(request: HttpRequest) -> object:
    return request.POST if request.method == "POST" else None


@page
@READ_AND_WRITE
def absence_new(request: HttpRequest) -> HttpResponse:
    """Oneself is away; whoever keeps the roster enters anybody."""
    actor, zone = reader(request)
    form = AbsenceForm(_posted(request), people=_subjects(actor), zone=zone, initial={"user": actor.require_person().get_username()})

    def act(given: dict[str, Any]) -> str:
        row = record_absence(actor=actor, now=utc_now(), **given)
        return f"{row.user.get_full_name()} is not asked in this time. Look below for hours that nobody covers now."

    text = "Nobody is asked while away: the deputy is, or whoever the duty was handed to."
    return _entry(request, form, act, title="Record an absence", text=text, button="Record the absence", zone=zone)


@page
@READ_AND_WRITE
def handover_new(request: HttpRequest) -> HttpResponse:
    """Hands a duty over for a time."""
    actor, zone = reader(request)
    form = HandoverForm(
        _posted(request),
        people=holders(Permission.ROSTER_READ),
        zone=zone,
        initial={"giver": actor.require_person().get_username(), "duty": _own_duty(actor)},
    )
    giver = form.fields["giver"]
    giver.offer(_subjects(actor), "")  # type: ignore[attr-defined]  # a PersonField

    def act(given: dict[str, Any]) -> str:
        row = delegate(actor=actor, now=utc_now(), duty=Duty(given.pop("duty")), **given)
        return f"{row.taker.get_full_name()} is asked in place of {row.giver.get_full_name()} in this time."

    text = "For this time the other is asked where you would be. It gives no role and takes none away."
    return _entry(request, form, act, title="Hand a duty over", text=text, button="Hand over", zone=zone)


def _own_duty(actor: Actor) -> str:
    return next((duty.value for duty in Duty if actor.may(PERMISSION_OF[duty])), "")


@page
@READ_AND_WRITE
def shift_new(request: HttpRequest) -> HttpResponse:
    """Weekly hours of a person in a duty."""
    actor, zone = reader(request)
    actor.require(Permission.ROSTER_WRITE)
    now = utc_now()
    form = ShiftForm(
        _posted(request),
        people=_on_call(),
        zone=zone,
        initial={"time_zone": zone.key, "valid_from": now.astimezone(zone).date(), "duty": request.GET.get("duty", "")},
    )

    def act(given: dict[str, Any]) -> str:
        made = set_shift(actor=actor, now=utc_now(), duty=Duty(given.pop("duty")), **given)
        return f"{made[0].user.get_full_name()} is on the rota, on {len(made)} day{'s' if len(made) != 1 else ''} of the week."

    text = "A duty with any shift has a rota: outside its hours nobody is on duty. Without one everybody with the role is, always."
    return _entry(request, form, act, title="Add a shift", text=text, button="Put on the rota", zone=zone)


def _on_call() -> list[User]:
    """Everybody whom some duty could call in, by name."""
    return list(holders(*PERMISSION_OF.values()))


@page
@READ_AND_WRITE
def training(request: HttpRequest) -> HttpResponse:
    """Who is trained in what until when; entering a course."""
    actor, zone = reader(request)
    actor.require(Permission.TRAINING_WRITE)
    form = _training_form(actor, zone, _posted(request))
    if form.is_bound and form.is_valid():
        given = form.cleaned_data
        try:
            made = record_training(
                actor=actor,
                now=utc_now(),
                user=given["user"],
                duty=Duty(given["duty"]),
                at=_first_instant(given["at"], zone),
                # The day named still counts.
                valid_until=_first_instant(given["valid_until"] + timedelta(days=1), zone) if given["valid_until"] else None,
                note=given["note"],
            )
        except Forbidden as error:
            form.add_error("user", error.message)
        except DomainError as error:
            beside_fields(form, error)
        else:
            messages.success(request, f"Recorded: {made.user.get_full_name()}, {IN_WORDS[Duty(made.duty)]}.")
            return redirect("console:roster_training")
    return _training_page(request, form)


def _training_form(actor: Actor, zone: ZoneInfo, data: object = None) -> TrainingForm:
    # Nobody records their own training: they are not offered.
    own = actor.require_person().person
    people = [user for user in _on_call() if user.person != own]
    return TrainingForm(data, people=people, zone=zone, initial={"at": utc_now().astimezone(zone).date()})


def _first_instant(day: date, zone: ZoneInfo) -> datetime:
    return instant(datetime.combine(day, time()), zone)


def _training_page(request: HttpRequest, form: TrainingForm, **wrong: Any) -> HttpResponse:
    now = utc_now()
    rows = TrainingRecord.objects.filter(withdrawn_at=None).select_related("user", "recorded_by").order_by("valid_until", "pk")
    records = [
        {
            "row": row,
            "duty": IN_WORDS[Duty(row.duty)].capitalize(),
            "practice": row.source == Source.PRACTICE,
            "over": row.valid_until <= now,
            "soon": now < row.valid_until <= now + timedelta(days=60),
        }
        for row in rows
    ]
    context = {"form": form, "records": records, **wrong}
    return render(request, "console/roster/training.html", context, status=422 if form.is_bound or wrong else 200)


@page
@require_POST
def training_withdraw(request: HttpRequest, row: int) -> HttpResponse:
    """A record that was wrong counts no more."""
    actor, zone = reader(request)
    actor.require(Permission.TRAINING_WRITE)
    found = TrainingRecord.objects.select_related("user").filter(pk=row).first()
    if found is None:
        raise NotFound
    reason = request.POST.get("reason", "")
    try:
        withdraw_training(actor=actor, now=utc_now(), record=found, reason=reason)
    except DomainError as error:
        sentences = error.fields.get("reason", [error.message])
        return _training_page(
            request, _training_form(actor, zone), wrong_row=found.pk, wrong_reason=reason, wrong_words=" ".join(sentences)
        )
    messages.success(request, f"The record of {found.user.get_full_name()} counts no more.")
    return redirect("console:roster_training")
