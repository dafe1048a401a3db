"""The rota: weekly shifts, and handing a duty over for a while."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo, available_timezones

from accounts.actors import Actor
from accounts.models import Delegation, RotaShift, User
from accounts.queries import persons_of
from accounts.rules.duties import IN_WORDS, PERMISSION_OF, Duty
from accounts.rules.roles import Permission
from accounts.services.roster_access import require_own_or_roster
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput

LONGEST_REASON = 200
LONGEST_DELEGATION = timedelta(days=366)
# Beyond it nobody plans; near the calendar's ends no clock can be read.
FURTHEST = timedelta(days=3660)


def set_shift(
    *,
    actor: Actor,
    now: datetime,
    duty: Duty,
    user: User,
    weekdays: Iterable[int],
    starts: time,
    ends: time,
    time_zone: str,
    valid_from: date,
    valid_until: date | None = None,
    deputy: User | None = None,
    replaces: RotaShift | None = None,
) -> list[RotaShift]:
    """A shift on each of the weekdays (Monday is 0); `replaces` ends a shift in the same step.

    Raises `Forbidden`, or `InvalidInput` naming each field at fault: only who holds the duty's role can be called in.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ROSTER_WRITE)
        days = sorted(set(weekdays))
        problems = {
            "user": _not_holder(user, duty),
            "deputy": _not_holder(deputy, duty) or ("Choose somebody else than the person on duty." if deputy == user else ""),
            "weekdays": "" if days and days[0] >= 0 and days[-1] <= 6 else "Choose at least one day of the week.",
            "time_zone": "" if time_zone in available_timezones() else "Write an IANA name, for instance Europe/Berlin.",
            "valid_from": _far(valid_from, now),
            "valid_until": "The last day is before the first."
            if valid_until is not None and valid_until < valid_from
            else _far(valid_until, now),
        }
        _refuse(problems)
        if replaces is not None:
            remove_shift(actor=actor, now=now, shift=replaces)
        made = [
            RotaShift.objects.create(
                duty=duty, user=user, deputy=deputy, weekday=day, starts=starts, ends=ends,
                time_zone=time_zone, valid_from=valid_from, valid_until=valid_until,
            )
            for day in days
        ]  # fmt: skip
        for shift in made:
            work.record("rota.shift_set", subject=f"duty:{duty.value}", body=_said(shift))
        return made


def remove_shift(*, actor: Actor, now: datetime, shift: RotaShift) -> None:
    """The shift begins no more, from today of its zone on. One that has begun stays on record, ended; another goes."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.ROSTER_WRITE)
        row = RotaShift.objects.select_for_update(no_key=True).filter(pk=shift.pk).first()
        if row is None:
            raise Conflict("This shift was removed already.", code="shift_gone")
        yesterday = now.astimezone(ZoneInfo(row.time_zone)).date() - timedelta(days=1)
        if row.valid_until is not None and row.valid_until <= yesterday:
            raise Conflict("This shift is over already.", code="shift_over")
        work.record("rota.shift_removed", subject=f"duty:{row.duty}", body=_said(row))
        if row.valid_from > yesterday:
            row.delete()
        else:
            row.valid_until = yesterday
            row.save(update_fields=["valid_until"])


def remove_shifts(*, actor: Actor, now: datetime, shifts: Iterable[RotaShift]) -> None:
    """All of them, or none where one was removed already (`Conflict`)."""
    with unit_of_work(actor=actor.ref, now=now):
        for shift in shifts:
            remove_shift(actor=actor, now=now, shift=shift)


def delegate(
    *, actor: Actor, now: datetime, duty: Duty, giver: User, taker: User, starts_at: datetime, ends_at: datetime, reason: str
) -> Delegation:
    """For this time `taker` is asked where `giver` would be. One hands over one's own duty; who keeps the roster, anybody's.

    Raises `Forbidden`, or `InvalidInput` naming each field at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        require_own_or_roster(actor, giver, "hand a duty over")
        words = reason.strip()
        _refuse(
            {
                "giver": _not_holder(giver, duty),
                "taker": _not_holder(taker, duty) or ("Choose another person." if len(persons_of([giver.pk, taker.pk])) == 1 else ""),
                "ends_at": _wrong_end(starts_at, ends_at, now),
                "reason": "" if 0 < len(words) <= LONGEST_REASON else f"Say why, in up to {LONGEST_REASON} characters.",
            }
        )
        made = Delegation.objects.create(
            duty=duty, giver=giver, taker=taker, starts_at=starts_at, ends_at=ends_at, reason=words, made_at=now
        )
        work.record("rota.delegated", subject=f"duty:{duty.value}", body=_handed(made))
        return made


def end_delegation(*, actor: Actor, now: datetime, delegation: Delegation) -> None:
    """The giver has the duty again from now on; what has not begun is taken back."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        row = Delegation.objects.select_for_update(no_key=True, of=("self",)).select_related("giver").filter(pk=delegation.pk).first()
        if row is None or row.ends_at <= now:
            raise Conflict("This has ended already.", code="delegation_over")
        require_own_or_roster(actor, row.giver, "take a duty back")
        _end(row, now)
        work.record("rota.delegation_ended", subject=f"duty:{row.duty}", body=_handed(row))


def _end(row: Delegation, now: datetime) -> None:
    if row.starts_at >= now:
        row.delete()
    else:
        row.ends_at = now
        row.save(update_fields=["ends_at"])


def _not_holder(user: User | None, duty: Duty) -> str:
    if user is None or PERMISSION_OF[duty] in user.granted:
        return ""
    return f"{user.get_full_name()} has no role for this duty ({IN_WORDS[duty]}). A rota gives no role: ask an administrator for it first."


def _wrong_end(starts_at: datetime, ends_at: datetime, now: datetime) -> str:
    if ends_at <= starts_at:
        return "It ends before it begins."
    if ends_at <= now:
        return "It would be over already."
    if starts_at > now + FURTHEST:
        return "It lies more than ten years ahead."
    return "" if ends_at - starts_at <= LONGEST_DELEGATION else "At most a year at a time."


def _far(day: date | None, now: datetime) -> str:
    return "Choose a day within ten years of today." if day is not None and abs(day - now.date()) > FURTHEST else ""


def _refuse(problems: dict[str, str]) -> None:
    if found := {field: [words] for field, words in problems.items() if words}:
        raise InvalidInput("Correct the fields named.", fields=found)


def _said(shift: RotaShift) -> dict[str, object]:
    return {
        "user": str(shift.user_id),
        "deputy": str(shift.deputy_id) if shift.deputy_id else None,
        "weekday": shift.weekday,
        "starts": shift.starts.isoformat("minutes"),
        "ends": shift.ends.isoformat("minutes"),
        "time_zone": shift.time_zone,
        "valid_from": shift.valid_from.isoformat(),
        "valid_until": shift.valid_until.isoformat() if shift.valid_until else None,
    }


def _handed(row: Delegation) -> dict[str, object]:
    return {
        "giver": str(row.giver_id),
        "taker": str(row.taker_id),
        "starts_at": row.starts_at.isoformat(),
        "ends_at": row.ends_at.isoformat(),
        "reason": row.reason,
    }
