"""The board: what needs me now, what is going on, and how quiet it is."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import F, Q

from accounts.actors import Actor
from console.queries.needs import SOON, Need, needs_of
from incidents.models import Incident, PolicyDecision, Update, UpdatePromise
from incidents.queries.hearing import keepable
from incidents.rules.words import PromiseOutcome, Status, UpdateState
from policies.rules.decision import Outcome
from stakeholders.queries import public_audience_key


@dataclass(frozen=True)
class Row:
    """An incident in a list. `said_at`: when something was last released; `due_at`: when the next word is promised.

    `stands_by`: word is promised only to people who may not be told of the incident now.
    """

    incident: Incident
    said_at: datetime | None
    due_at: datetime | None
    outcome: str
    shown: bool
    stands_by: bool = False


@dataclass(frozen=True)
class Quiet:
    """The calm side: what ended today, and how many of the week's promises were kept (percent; none when none fell due)."""

    resolved_today: int
    kept_percent: int | None


@dataclass(frozen=True)
class Board:
    """Everything the board shows."""

    needs: list[Need]
    active: list[Row]
    quiet: Quiet
    now: datetime

    @property
    def overdue(self) -> int:
        """How many of the needs are past their time."""
        return sum(1 for need in self.needs if need.due_at is not None and need.due_at < self.now)


def rows_of(incidents: Iterable[Incident], now: datetime) -> list[Row]:
    """The incidents with what a list says about each, in a fixed number of queries."""
    listed = list(incidents)
    keys = [incident.pk for incident in listed]
    released = list(Update.objects.filter(incident__in=keys, state=UpdateState.RELEASED).select_related("current").order_by("released_at"))
    said = {update.incident_id: update.released_at for update in released}
    public = public_audience_key()
    shown = {update.incident_id for update in released if update.current and public in update.current.parsed().audiences}
    running = list(UpdatePromise.objects.filter(incident__in=keys, closed_at__isnull=True).select_related("incident").order_by("-due_at"))
    # Only of what would show as late or nearly so is it asked whether anybody could keep it.
    near = [promise for promise in running if promise.due_at < now + SOON]
    standing_by = {promise.pk for promise in near} - keepable(near)
    # The one that falls due first comes last, and stays.
    due = {promise.incident_id: promise.due_at for promise in running if promise.pk not in standing_by}
    promised = {promise.incident_id for promise in running}
    outcomes = dict(PolicyDecision.objects.filter(incident__in=keys).order_by("id").values_list("incident_id", "outcome"))
    return [
        Row(
            incident=incident,
            said_at=said.get(incident.pk),
            due_at=due.get(incident.pk),
            outcome=outcomes.get(incident.pk, Outcome.NONE),
            shown=incident.pk in shown and not incident.restricted,
            stands_by=incident.pk in promised and incident.pk not in due,
        )
        for incident in listed
    ]


def board(actor: Actor, now: datetime) -> Board:
    """The board as this person sees it."""
    visible = Incident.objects.visible_to(actor)
    active = visible.exclude(status=Status.RESOLVED).select_related("commander").order_by("severity", "-opened_at")[:200]
    return Board(needs=needs_of(actor, now), active=rows_of(active, now), quiet=_quiet(actor, now), now=now)


def _quiet(actor: Actor, now: datetime) -> Quiet:
    visible = Incident.objects.visible_to(actor)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    fallen_due = UpdatePromise.objects.filter(incident__in=visible).filter(
        Q(due_at__lte=now, due_at__gt=now - timedelta(days=7)) | Q(closed_at__gt=now - timedelta(days=7), kept_by__isnull=False)
    )
    fallen_due = fallen_due.exclude(outcome__in=[PromiseOutcome.WITHDRAWN, PromiseOutcome.REPLACED])
    total = fallen_due.count()
    kept = fallen_due.filter(kept_by__isnull=False, closed_at__lte=F("due_at")).count()
    return Quiet(
        resolved_today=visible.filter(resolved_at__gte=midnight).count(),
        kept_percent=100 * kept // total if total else None,
    )
