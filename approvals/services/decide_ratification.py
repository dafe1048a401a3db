"""Somebody else looks at what was released without every review, and stands behind it or not."""

from datetime import datetime

from accounts.actors import Actor, system
from approvals.events import RatificationDecided
from approvals.models import Override
from approvals.queries.overrides import ratification_facts
from approvals.rules.override import OverrideState, may_decide
from approvals.services.locking import lock_update
from approvals.services.refuse import refuse_if
from approvals.services.start_correction import start_correction
from audit.services import unit_of_work
from core.errors import InvalidInput, NotFound
from core.events import publish
from incidents.models import Update
from incidents.queries import correction_on_its_way
from incidents.rules.words import UpdateKind
from incidents.services.timeline import note

LONGEST_REASON = 4000


def decide_ratification(*, actor: Actor, now: datetime, override_id: int, ratify: bool, reason: str) -> Override:
    """Ratifies the override, or refuses: that opens the draft of a correction, which nobody wrote yet.

    Never by who overrode, nor by who wrote at the update. A late decision is taken like any other. Raises `NotFound`,
    `Forbidden`, `StepUpRequired`, `Conflict` (decided already), `InvalidInput` (a refusal needs its reason).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        found = Override.objects.filter(pk=override_id).first()
        if found is None:
            raise NotFound
        update = lock_update(actor=actor, update_id=found.update_of_id)
        override = Override.objects.select_related("by", "update_of").get(pk=found.pk)
        user = actor.require_person()
        refuse_if(may_decide(ratification_facts(actor=actor, user=user, override=override)))
        actor.require_step_up(now)
        why = _reason(reason, needed=not ratify)
        override.state = OverrideState.RATIFIED if ratify else OverrideState.REFUSED
        override.decided_by, override.decided_at, override.decided_reason = user, now, why
        override.correction = None if ratify else _correction(update, now)
        override.save(update_fields=["state", "decided_by", "decided_at", "decided_reason", "correction"])
        override.steps.filter(fired_at__isnull=True).update(skipped=True)
        body = {"override": override.public_id, "late": now > override.ratify_by} | ({"reason": why} if why else {})
        if override.correction:
            body |= {"correction": override.correction.public_id}
        work.record(f"override.{override.state}", subject=f"update:{update.public_id}", body=body)
        said = "ratified" if ratify else "not ratified: a correction is opened"
        note(
            update.incident,
            actor=actor,
            now=now,
            kind="override",
            text=f"The override was {said}." + (f" {why}" if why else ""),
            detail={"update": update.public_id, "override": override.public_id},
        )
        publish(RatificationDecided(override_id=override.pk, ratified=ratify, correction_id=override.correction_id, at=now))
        return override


def _reason(given: str, *, needed: bool) -> str:
    text = given.strip()
    if needed and not text:
        raise InvalidInput("Say why.", fields={"reason": ["Say what is wrong with what was released, so that it can be corrected."]})
    if len(text) > LONGEST_REASON:
        raise InvalidInput("The reason is too long.", fields={"reason": [f"Use at most {LONGEST_REASON} characters."]})
    return text


def _correction(update: Update, now: datetime) -> Update:
    """A correction of it that is on its way already, else a new draft that no person wrote at. The authors of the wrong words count."""
    there = correction_on_its_way(update)
    return there or start_correction(actor=system("ratification"), now=now, update_id=update.pk, kind=UpdateKind.CORRECTION)
