"""Changing how a source's labels are mapped."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import InvalidInput, NotFound, StaleRevision
from integrations.models import EventMapping
from integrations.rules.mapping import problems


def save_mapping(
    *, actor: Actor, now: datetime, source: str, document: dict[str, Any], expected_version: int | None = None
) -> EventMapping:
    """Replaces the mapping. What is already there changes nothing; the log keeps every state.

    Raises `InvalidInput` naming the places at fault, `StaleRevision` when somebody else saved meanwhile, `Forbidden`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.MAPPING_WRITE)
        row = EventMapping.objects.select_for_update(no_key=True).filter(source=source).first()
        if row is None:
            raise NotFound(f"There is no mapping for “{source}”.")
        if expected_version is not None and row.version != expected_version:
            raise StaleRevision(f"The mapping is at version {row.version}, you changed {expected_version}. Load it and try again.")
        if found := problems(document):
            raise InvalidInput("Correct the places named.", fields=found)
        if row.document == document:
            return row
        row.document, row.version, row.updated_by, row.updated_at = document, row.version + 1, actor.ref, now
        row.save()
        work.record("mapping.saved", subject=f"hook:{source}", body={"version": row.version, "document": document})
        return row
