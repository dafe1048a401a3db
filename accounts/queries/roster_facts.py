"""Gathers what the rules of availability read, for any number of duties at once, in a constant number of queries."""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db.models import Q

from accounts.models import Absence, Delegation, RotaShift, TrainingRecord, User
from accounts.queries.holders import holders
from accounts.rules.availability import DutyRoster, Handover, Holder
from accounts.rules.discount import Discount
from accounts.rules.duties import PERMISSION_OF, Duty
from accounts.rules.roles import Role
from accounts.rules.rota import WeeklyShift, in_force, turns
from accounts.rules.spans import Span, merged
from accounts.rules.training import Source, Training, current_spans

# A shift that began on the day before may still run, in whatever zone.
_REACH = timedelta(days=3)


@dataclass(frozen=True)
class RosterFacts:
    """The rosters of the duties asked for, and the people in them by id."""

    rosters: dict[Duty, DutyRoster]
    people: dict[str, User]

    def people_of(self, ids: Iterable[str]) -> list[User]:
        """The people with these ids, in the order given."""
        return [self.people[one] for one in ids]


def roster_facts(duties: Iterable[Duty], *, start: datetime, end: datetime, discount: Discount | None = None) -> RosterFacts:
    """Everything about these duties between `start` and `end`, in six queries.

    With `discount`, absences are read as if those it names had not been entered, and training as if it had not been withdrawn.
    """
    wanted = list(dict.fromkeys(duties))
    people = _holders(wanted)
    absent = _absences(start, discount)
    trained = _training(wanted, discount)
    shifts = _shifts(wanted, start, end)
    handovers = _handovers(wanted, start, end)
    rosters = {
        duty: DutyRoster(
            duty=duty,
            holders=tuple(
                Holder(
                    user=str(user.pk),
                    person=str(user.person),
                    name=user.get_full_name(),
                    absent=merged(absent[str(user.pk)]),
                    trained=current_spans(trained[duty, str(user.pk)]),
                )
                for user in people.values()
                if PERMISSION_OF[duty] in user.granted
            ),
            turns=tuple(turn for shift in shifts[duty] for turn in turns(shift, start, end)),
            handovers=tuple(handovers[duty]),
            in_force=tuple(in_force(shift) for shift in shifts[duty]),
        )
        for duty in wanted
    }
    return RosterFacts(rosters, people)


def _holders(duties: list[Duty]) -> dict[str, User]:
    needed = {PERMISSION_OF[duty] for duty in duties}
    users = holders(*needed).prefetch_related("role_assignments")
    for user in users:
        # The roles were fetched with everybody's: the property asks no more.
        user.remember_roles(frozenset(Role(assigned.role) for assigned in user.role_assignments.all()))
    return {str(user.pk): user for user in users}


def _absences(start: datetime, discount: Discount | None) -> dict[str, list[Span]]:
    # Later absences too: one that follows at once lengthens the one that is shown.
    found: dict[str, list[Span]] = defaultdict(list)
    rows = Absence.objects.filter(ends_at__gt=start).values_list("user_id", "starts_at", "ends_at", *_entered("recorded_by", "made_at"))
    for user, begins, ends, about, by, at in rows:
        if discount is None or discount.counts(by=_person(by), about=str(about), at=at):
            found[str(user)].append(Span(begins, ends))
    return found


def _training(duties: list[Duty], discount: Discount | None) -> dict[tuple[Duty, str], list[Training]]:
    found: dict[tuple[Duty, str], list[Training]] = defaultdict(list)
    rows = TrainingRecord.objects.filter(duty__in=duties)
    if discount is None:
        rows = rows.filter(withdrawn_at=None)
    told = rows.values_list("duty", "user_id", "source", "at", "valid_until", *_entered("withdrawn_by", "withdrawn_at"))
    for duty, user, source, at, until, about, by, withdrawn in told:
        gone = withdrawn is not None and (discount is None or discount.counts(by=_person(by), about=str(about), at=withdrawn))
        if not gone:
            found[Duty(duty), str(user)].append(Training(Source(source), at, until))
    return found


def _entered(by: str, at: str) -> tuple[str, str, str]:
    """The fields that say about whom, by whom and when: people by person, whatever their account."""
    return "user__person", f"{by}__person", at


def _person(found: object) -> str | None:
    return str(found) if found is not None else None


def _shifts(duties: list[Duty], start: datetime, end: datetime) -> dict[Duty, list[WeeklyShift]]:
    found: dict[Duty, list[WeeklyShift]] = defaultdict(list)
    reaching = Q(valid_until=None) | Q(valid_until__gte=(start - _REACH).date())
    for row in RotaShift.objects.filter(reaching, duty__in=duties, valid_from__lte=(end + _REACH).date()):
        found[Duty(row.duty)].append(
            WeeklyShift(
                user=str(row.user_id),
                deputy=str(row.deputy_id) if row.deputy_id else None,
                weekday=row.weekday,
                starts=row.starts,
                ends=row.ends,
                time_zone=row.time_zone,
                valid_from=row.valid_from,
                valid_until=row.valid_until,
            )
        )
    return found


def _handovers(duties: list[Duty], start: datetime, end: datetime) -> dict[Duty, list[Handover]]:
    found: dict[Duty, list[Handover]] = defaultdict(list)
    rows = Delegation.objects.filter(duty__in=duties, starts_at__lt=end, ends_at__gt=start).order_by("starts_at", "pk")
    for duty, giver, taker, begins, ends in rows.values_list("duty", "giver_id", "taker_id", "starts_at", "ends_at"):
        found[Duty(duty)].append(Handover(str(giver), str(taker), Span(begins, ends)))
    return found
