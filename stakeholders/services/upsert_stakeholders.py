"""Bringing many entries up to date by their external id, as another system knows them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from django.db import IntegrityError

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from stakeholders.rules.entries import Entry
from stakeholders.services.entry_apply import Origin, apply_changes, record_lists
from stakeholders.services.entry_changes import matched
from stakeholders.services.entry_lookups import look_up

MOST_ROWS = 1000
_TRIES = 3


@dataclass
class Upserted:
    """What became of one row: new, changed, unchanged, or error with what is wrong by field. `id` is ours."""

    external_id: str
    outcome: str
    id: str = ""
    errors: dict[str, list[str]] = field(default_factory=dict)


def upsert_stakeholders(
    *, actor: Actor, now: datetime, rows: Sequence[tuple[Entry, dict[str, list[str]]]], origin: Origin
) -> list[Upserted]:
    """Registers what is new and sets what is given; addresses, where given, are afterwards exactly those. The same again changes nothing.

    A row at fault is answered with its errors and leaves the others alone. Raises `InvalidInput` for more than 1,000 rows, `Conflict`
    where others register the same at this moment, again and again.
    """
    actor.require(Permission.STAKEHOLDER_WRITE)
    if len(rows) > MOST_ROWS:
        message = f"Send at most {MOST_ROWS} rows a call."
        raise InvalidInput(message, fields={"rows": [message]})
    for _ in range(_TRIES):
        try:
            return _once(actor, now, rows, origin)
        except IntegrityError:  # somebody else registered one of them since it was looked up: now it is there
            continue
    raise Conflict("Others are registering the same entries at this moment. Send the same again.")


def _once(actor: Actor, now: datetime, rows: Sequence[tuple[Entry, dict[str, list[str]]]], origin: Origin) -> list[Upserted]:
    with unit_of_work(actor=actor.ref, now=now) as work:
        known = look_up([entry for entry, _ in rows], lock=True)
        answers: list[Upserted] = []
        wanted = []
        seen: set[str] = set()
        touched: set[int] = set()
        for entry, problems in rows:
            name = entry.external_id
            errors = dict(problems)
            if not name:
                errors.setdefault("external_id", ["Give the identifier that your system knows the entry by."])
            elif name in seen:
                errors["external_id"] = ["This external id is in the call twice: the first one counts."]
            seen.add(name)
            change = matched(entry, known, exact_points=True) if not errors else None
            if change is not None:
                errors |= change.problems
                if change.stakeholder is not None and change.stakeholder.pk in touched:
                    errors["contact_points"] = ["Another row of this call is about the same entry: it has one of these addresses."]
            if change is None or errors:
                answers.append(Upserted(name, "error", errors=errors))
                continue
            if change.stakeholder is not None:
                touched.add(change.stakeholder.pk)
            outcome = "new" if change.is_new else "unchanged" if change.is_nothing else "changed"
            answers.append(Upserted(name, outcome))
            wanted.append((change, answers[-1]))
        changes = [change for change, _ in wanted if not change.is_nothing]
        apply_changes(work, changes, known, now=now, origin=origin)
        record_lists(work, changes, origin)
        for change, answer in wanted:
            answer.id = change.made.public_id
        return answers
