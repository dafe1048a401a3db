"""Being away: while it lasts, nobody asks."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.models import Absence, User
from accounts.services.roster_access import require_own_or_roster
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput

LONGEST_NOTE = 200
LONGEST_ABSENCE = timedelta(days=731)
FURTHEST = timedelta(days=3660)


def record_absence(*, actor: Actor, now: datetime, user: User, starts_at: datetime, ends_at: datetime, note: str = "") -> Absence:
    """Oneself is away, or, for whoever keeps the roster, somebody is. The note stays out of the log: it may be private.

    Raises `Forbidden`, or `InvalidInput` naming each field at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        require_own_or_roster(actor, user, "enter an absence")
        problems: dict[str, list[str]] = {}
        if ends_at <= starts_at:
            problems["ends_at"] = ["It ends before it begins."]
        elif ends_at <= now:
            problems["ends_at"] = ["It would be over already."]
        elif starts_at > now + FURTHEST:
            problems["starts_at"] = ["It lies more than ten years ahead."]
        elif ends_at - starts_at > LONGEST_ABSENCE:
            problems["ends_at"] = ["At most two years at a time."]
        if len(note) > LONGEST_NOTE:
            problems["note"] = [f"At most {LONGEST_NOTE} characters."]
        if problems:
            raise InvalidInput("Correct the fields named.", fields=problems)
        made = Absence.objects.create(
            user=user, starts_at=starts_at, ends_at=ends_at, note=note.strip(), recorded_by=actor.user, made_at=now
        )
        work.record("absence.recorded", subject=f"user:{user.pk}", body=_times(made))
        return made


def cancel_absence(*, actor: Actor, now: datetime, absence: Absence) -> None:
    """Back from now on; an absence that has not begun is taken back."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        row = Absence.objects.select_for_update(no_key=True, of=("self",)).select_related("user").filter(pk=absence.pk).first()
        if row is None or row.ends_at <= now:
            raise Conflict("This absence is over already.", code="absence_over")
        require_own_or_roster(actor, row.user, "cancel an absence")
        work.record("absence.cancelled", subject=f"user:{row.user_id}", body=_times(row))
        if row.starts_at >= now:
            row.delete()
        else:
            row.ends_at = now
            row.save(update_fields=["ends_at"])


def _times(row: Absence) -> dict[str, str]:
    return {"starts_at": row.starts_at.isoformat(), "ends_at": row.ends_at.isoformat()}
