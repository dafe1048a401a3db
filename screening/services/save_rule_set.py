"""Writing the next version of the rule set. Nothing changes for anybody until it is activated."""

from datetime import datetime
from typing import Any

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.canonical import canonical_hash
from core.errors import InvalidInput, NotFound, StaleRevision
from screening.models import RuleSetVersion
from screening.rules.rule_set import problems
from stakeholders.queries import audience_keys


def save_rule_set(*, actor: Actor, now: datetime, document: dict[str, Any], base: int, note: str = "") -> RuleSetVersion:
    """Saves the document as the draft: the one there is, else a new version. What is already there changes nothing.

    `base` is the number of the version that was edited, the draft or else the one in force; when it is no longer that,
    raises `StaleRevision`. Raises `InvalidInput` naming the places at fault, `Forbidden`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.SCREENING_WRITE)
        active, draft = lock_versions()
        if found := problems(document, audiences=audience_keys()):
            raise InvalidInput("Correct the places named.", fields=found)
        if len(note) > 200:
            raise InvalidInput("The note is too long.", fields={"note": ["At most 200 characters."]})
        current = draft or active
        if current.number != base:
            raise StaleRevision(f"Version {current.number} is the newest, you changed {base}. Load it and try again.")
        if current.document == document and current.note == note:
            return current
        if draft is None:
            newest = RuleSetVersion.objects.earliest("-number").number
            draft = RuleSetVersion(number=newest + 1, created_by=actor.user, created_at=now)
        draft.document, draft.note = document, note
        draft.save()
        work.record(
            "screening.rule_set_saved",
            subject=f"screening_rule_set:{draft.number}",
            # Codenames and customers' names stay out of the log; the hash binds them.
            body={"terms": len(document["terms"]), "document_hash": canonical_hash(document), "note": note},
        )
        return draft


def discard_draft(*, actor: Actor, now: datetime, number: int) -> None:
    """Throws the draft away. Raises `NotFound` when that number is no draft, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.SCREENING_WRITE)
        _, draft = lock_versions()
        if draft is None or draft.number != number:
            raise NotFound
        draft.delete()
        work.record("screening.rule_set_discarded", subject=f"screening_rule_set:{number}", body={})


def lock_versions() -> tuple[RuleSetVersion, RuleSetVersion | None]:
    """The version in force and the draft, locked. The one in force is locked first, so that writers wait for each other on it."""
    active = RuleSetVersion.objects.select_for_update(of=("self",), no_key=True).filter(state="active").first()
    if active is None:
        raise NotFound("No screening rule set is in force.")
    return active, RuleSetVersion.objects.select_for_update(of=("self",), no_key=True).filter(state="draft").first()
