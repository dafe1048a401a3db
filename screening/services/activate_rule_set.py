"""Putting a version of the rule set in force."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.canonical import canonical_hash
from core.errors import Conflict, InvalidInput
from screening.models import RuleSetVersion
from screening.rules.rule_set import problems
from screening.services.save_rule_set import lock_versions
from stakeholders.queries import audience_keys


def activate_rule_set(*, actor: Actor, now: datetime, number: int) -> RuleSetVersion:
    """The draft with this number is in force from now on, for every check, also of updates approved before.

    What is allowed here may leave the house, so it takes a signed-in person and a fresh password. Raises `Forbidden`,
    `StepUpRequired`, `Conflict` (that number is no draft), `InvalidInput` (an audience it names is gone).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.SCREENING_WRITE)
        user = actor.require_step_up(now)
        active, draft = lock_versions()
        if draft is None or draft.number != number:
            raise Conflict(f"Version {number} is no draft; only a draft is activated.", code="not_a_draft")
        if found := problems(draft.document, audiences=audience_keys()):
            raise InvalidInput("Correct the places named.", fields=found)
        active.state = "retired"
        active.save(update_fields=["state"])
        draft.state, draft.activated_by, draft.activated_at = "active", user, now
        draft.save(update_fields=["state", "activated_by", "activated_at"])
        work.record(
            "screening.rule_set_activated",
            subject=f"screening_rule_set:{number}",
            body={"replaces": active.number, "terms": len(draft.document["terms"]), "document_hash": canonical_hash(draft.document)},
        )
        return draft
