"""A reviewer disputes a passage instead of approving or asking for changes."""

from datetime import datetime, timedelta

from accounts.actors import Actor
from accounts.models import User
from approvals.events import DisputeOpened
from approvals.models import Dispute, ReviewRound
from approvals.queries.disputes import open_disputes
from approvals.queries.gate import review_facts
from approvals.queries.rounds import live_round
from approvals.rules.dispute import Passage, quoted
from approvals.rules.review import may_review, permission_for
from approvals.services.claim_slot import end_claims
from approvals.services.locking import lock_update
from approvals.services.refuse import refuse_if
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from core.events import publish
from incidents.models import Update
from incidents.queries import current_decision, decision_value
from incidents.services.timeline import note

LONGEST_TEXT = 4000


def dispute_passage(
    *,
    actor: Actor,
    now: datetime,
    update_id: int,
    kind: str,
    revision: int,
    audience: str,
    language: str,
    field: str,
    quote: str,
    reason: str,
    start: int | None = None,
) -> Dispute:
    """Marks words of the revision as disputed, by somebody who could give the `kind` review now; the policy sets the arbiter's time.

    Without `start` the quoted words must stand exactly once in that text. The round stays open and other reviewers can go on,
    but nothing is approved before the ruling. Raises `NotFound`, `Forbidden`, `StepUpRequired`, `Conflict` (not in review,
    given already, these words are disputed already), `StaleRevision`, `InvalidInput` beside the field at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        user = _who_disputes(actor, kind, now)
        refuse_if(may_review(review_facts(actor=actor, user=user, update=update, kind=kind, revision=revision, at=now)))
        review_round = live_round(update)
        if review_round is None:
            raise Conflict("No review is asked for.", code="not_in_review")
        wanted = Passage(audience, language, field, start or 0, (start or 0) + len(quote), quote)
        passage = _passage(review_round, wanted, exact=start is not None)
        _refuse_twice(update, passage)
        slot = review_round.slots.get(kind=kind)
        end_claims(slot, now=now)
        dispute = Dispute.objects.create(
            update_of=update,
            review_round=review_round,
            slot=slot,
            revision=review_round.revision,
            by=user,
            audience=passage.audience,
            language=passage.language,
            field=passage.field,
            start=passage.start,
            end=passage.end,
            quote=passage.quote,
            reason=_text(reason, "reason", "Say what is wrong with these words, so that the arbiter can rule."),
            at=now,
            due_at=now + timedelta(minutes=decision_value(current_decision(update.incident)).arbiter_minutes),
        )
        work.record(
            "dispute.opened",
            subject=f"update:{update.public_id}",
            policy_version=review_round.policy_version,
            body={
                "dispute": dispute.public_id,
                "kind": kind,
                "revision": review_round.revision.number,
                "content_hash": review_round.revision.content_hash,
                "passage": {name: getattr(passage, name) for name in ("audience", "language", "field", "start", "end", "quote")},
                "reason": dispute.reason,
                "due_at": dispute.due_at.isoformat(),
            },
        )
        note(
            update.incident,
            actor=actor,
            now=now,
            kind="dispute",
            text=f"A passage is disputed: “{passage.quote}”. The arbiter rules by {dispute.due_at:%H:%M} UTC.",
            detail={"update": update.public_id, "dispute": dispute.public_id},
        )
        publish(DisputeOpened(dispute_id=dispute.pk, update_id=update.pk, due_at=dispute.due_at, at=now))
        return dispute


def _who_disputes(actor: Actor, kind: str, now: datetime) -> User:
    actor.require_person()
    if permission := permission_for(kind):
        actor.require(permission)
    return actor.require_step_up(now)


def _passage(review_round: ReviewRound, wanted: Passage, *, exact: bool) -> Passage:
    content = review_round.revision.parsed()
    if wanted.language not in content.wording.get(wanted.audience, {}):
        raise InvalidInput("There is no such wording.", fields={"audience": ["Choose an audience and language that the update has."]})
    if wanted.field not in {"title", "body"}:
        raise InvalidInput("There is no such text.", fields={"field": ["Say title or body."]})
    found = quoted(content, wanted, exact=exact)
    if isinstance(found, Passage):
        return found
    raise InvalidInput("These words cannot be found.", fields={"quote": [found]})


def _refuse_twice(update: Update, passage: Passage) -> None:
    place = {"audience": passage.audience, "language": passage.language, "field": passage.field, "quote": passage.quote}
    if open_disputes(update).filter(**place).exists():
        raise Conflict("These words are disputed already; the ruling settles it for everyone.", code="disputed_already")


def _text(given: str, field: str, missing: str) -> str:
    text = given.strip()
    if not text:
        raise InvalidInput("Something is missing.", fields={field: [missing]})
    if len(text) > LONGEST_TEXT:
        raise InvalidInput("The text is too long.", fields={field: [f"Use at most {LONGEST_TEXT} characters."]})
    return text
