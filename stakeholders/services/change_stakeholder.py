"""Correcting an entry of the register."""

from datetime import datetime
from typing import Any

from django.db import IntegrityError, transaction

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from stakeholders.models import Stakeholder
from stakeholders.rules.entries import read
from stakeholders.rules.kinds import ConsentSource
from stakeholders.services.entry_apply import Origin, apply_changes
from stakeholders.services.entry_changes import change_of
from stakeholders.services.entry_lookups import look_up


def change_stakeholder(*, actor: Actor, now: datetime, stakeholder: Stakeholder, **given: Any) -> Stakeholder:
    """Sets the fields given by name (`stakeholders.rules.entries.FIELDS`) and leaves the rest; addresses have services of their own.

    Raises `InvalidInput` naming the fields, also for a colleague in an internal audience who would become somebody outside, and
    `Conflict` where another entry has the external id. The log names the fields and the kinds, not a person's name.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        entry, problems = read(given)
        known = look_up([entry])
        locked = (
            Stakeholder.objects.select_for_update(of=("self",), no_key=True)
            .select_related("organisation", "success_manager", "user")
            .get(pk=stakeholder.pk)
        )
        change = change_of(entry, locked, known)
        if problems := change.problems | problems:
            raise InvalidInput("Correct the fields named and send again.", fields=problems)
        if change.is_nothing:
            return locked
        try:
            with transaction.atomic():
                apply_changes(work, [change], known, now=now, origin=Origin(ConsentSource.OPERATOR))
        except IntegrityError as error:
            if "external_id" not in change.fields:
                raise
            raise Conflict("Another entry has that external id.") from error
        kinds = {"kind": dict(zip(("before", "after"), change.fields["kind"], strict=True))} if "kind" in change.fields else {}
        body = {"fields": sorted({*change.fields, *(["audiences"] if change.audiences_new else [])}), **kinds}
        work.record("stakeholder.changed", subject=f"stakeholder:{locked.public_id}", body=body)
    return locked
