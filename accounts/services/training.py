"""Training: courses by whoever keeps the records, practice by the verdicts given on drills."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.models import TrainingRecord, User
from accounts.queries import persons_of
from accounts.rules.duties import IN_WORDS, PERMISSION_OF, REVIEWING, Duty
from accounts.rules.roles import Permission
from accounts.rules.training import COURSE_LASTS, NEEDS_TRAINING, PRACTICE_LASTS, Source
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, Forbidden, InvalidInput

LONGEST_NOTE = 200
# Nobody can know that a course of today still fits in ten years.
LONGEST_COURSE = timedelta(days=3660)


def record_training(
    *, actor: Actor, now: datetime, user: User, duty: Duty, at: datetime | None = None, valid_until: datetime | None = None, note: str = ""
) -> TrainingRecord:
    """A course taken at `at` (now), counting until `valid_until` (a year later). Nobody records their own.

    Raises `Forbidden`, or `InvalidInput` naming each field at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.TRAINING_WRITE)
        if actor.user is not None and len(persons_of([actor.user.pk, user.pk])) == 1:
            raise Forbidden("Nobody records their own training. Ask another administrator.")
        taken = at or now
        until = valid_until or min(taken, now) + COURSE_LASTS
        problems: dict[str, list[str]] = {}
        if duty not in NEEDS_TRAINING:
            problems["duty"] = [f"For this ({IN_WORDS[duty]}) no training is needed."]
        if taken > now:
            problems["at"] = ["Record a course when it has been taken."]
        elif taken < now - LONGEST_COURSE:
            problems["at"] = ["Give a day within the last ten years: what is older counts no more."]
        if "at" not in problems and not taken < until <= taken + LONGEST_COURSE:
            problems["valid_until"] = ["Give a day after the course, within ten years of it."]
        if len(note) > LONGEST_NOTE:
            problems["note"] = [f"At most {LONGEST_NOTE} characters."]
        if problems:
            raise InvalidInput("Correct the fields named.", fields=problems)
        made = TrainingRecord.objects.create(
            user=user, duty=duty, source=Source.COURSE, at=taken, valid_until=until, note=note.strip(), recorded_by=actor.user
        )
        _record(work, "training.recorded", made)
        return made


def record_practice(*, actor: Actor, now: datetime, user: User, duty: Duty, reference: str = "") -> TrainingRecord | None:
    """Credit for a verdict given in practice, called by the service that takes it. `reference` names it, so that it counts once.

    `None` where this practice was credited before. Raises `InvalidInput` for a duty without reviews, or one the person does not hold.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        if duty not in REVIEWING or PERMISSION_OF[duty] not in user.granted:
            raise InvalidInput("Practice counts for a review that the person may give.", fields={"duty": ["Choose another duty."]})
        User.objects.select_for_update(no_key=True).get(pk=user.pk)
        if reference and TrainingRecord.objects.filter(user=user, duty=duty, reference=reference).exists():
            return None
        made = TrainingRecord.objects.create(
            user=user, duty=duty, source=Source.PRACTICE, at=now, valid_until=now + PRACTICE_LASTS, reference=reference
        )
        _record(work, "training.practised", made)
        return made


def withdraw_training(*, actor: Actor, now: datetime, record: TrainingRecord, reason: str) -> None:
    """A record that was wrong counts no more; it stays, with the reason. Raises `Forbidden`, `Conflict`, `InvalidInput`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.TRAINING_WRITE)
        words = reason.strip()
        if not 0 < len(words) <= LONGEST_NOTE:
            raise InvalidInput("A reason is needed.", fields={"reason": [f"Say why, in up to {LONGEST_NOTE} characters."]})
        row = TrainingRecord.objects.select_for_update(no_key=True).get(pk=record.pk)
        if row.withdrawn_at is not None:
            raise Conflict("This record was withdrawn already.", code="training_withdrawn")
        row.withdrawn_at, row.withdrawn_reason, row.withdrawn_by = now, words, actor.user
        row.save(update_fields=["withdrawn_at", "withdrawn_reason", "withdrawn_by"])
        _record(work, "training.withdrawn", row, {"reason": words})


def _record(work: UnitOfWork, entry_type: str, row: TrainingRecord, more: dict[str, str] | None = None) -> None:
    body = {"duty": row.duty, "source": str(row.source), "at": row.at.isoformat(), "valid_until": row.valid_until.isoformat()}
    work.record(entry_type, subject=f"user:{row.user_id}", body=body | (more or {}))
