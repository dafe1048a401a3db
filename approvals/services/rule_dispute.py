"""The arbiter's ruling on a disputed passage."""

from datetime import datetime

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from approvals.models import Dispute, Ruling
from approvals.queries.disputes import only_struck, passage_of
from approvals.queries.people import person_of
from approvals.queries.rounds import contributors_of, live_round
from approvals.rules.dispute import (
    CLOSED_BY,
    Passage,
    RulingFacts,
    RulingKind,
    marked,
    may_rule,
    only_deletes,
    reworded,
    struck,
    text_of,
)
from approvals.services.after_dispute import approve_after_dispute, reopen_round
from approvals.services.close_dispute import close_dispute
from approvals.services.locking import lock_update
from approvals.services.refuse import refuse_if
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput, NotFound
from incidents.models import Update, UpdateRevision
from incidents.rules.content import Content
from incidents.rules.words import UPDATE_MOVES, UpdateState
from incidents.services.revising import add_revision, require_storable
from incidents.services.timeline import note
from templates.rules.gaps import unfilled

LONGEST_TEXT = 4000
SAID: dict[RulingKind, str] = {RulingKind.UPHOLD: "upheld", RulingKind.STRIKE: "struck", RulingKind.REWORD: "reworded"}


def rule_dispute(*, actor: Actor, now: datetime, dispute_id: int, ruling: str, revision: int, reason: str, words: str = "") -> Ruling:
    """Upholds the text, strikes the passage, or puts `words` in its place; `revision` is the number that the arbiter read.

    Upheld, the round goes on as it was. Struck, every verdict given is carried to the words without the passage. Reworded is an
    edit: a new round asks everyone again. The arbiter then counts as a contributor. Raises `NotFound`, `Forbidden`,
    `StepUpRequired`, `Conflict` (closed already, passage gone), `StaleRevision`, `InvalidInput`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        found = Dispute.objects.filter(pk=dispute_id).first()
        if found is None:
            raise NotFound
        update = lock_update(actor=actor, update_id=found.update_of_id)
        dispute = Dispute.objects.select_related("by").get(pk=found.pk)
        user = actor.require_person()
        old = _current(update)
        passage = marked(old.parsed(), passage_of(dispute))
        refuse_if(may_rule(_facts(actor, user, update, dispute, revision_is_current=old.number == revision, stands=passage is not None)))
        actor.require_step_up(now)
        if passage is None:
            raise Conflict("The passage no longer stands in the words.", code="passage_gone")
        kind = _kind(ruling)
        why = _text(reason, "reason", "Say why you rule so: it stays with the update.")
        content = _content(kind, old.parsed(), passage, words)
        review_round = live_round(update)
        close_dispute(work, dispute, CLOSED_BY[kind])
        new = add_revision(work, actor=actor, update=update, content=content) if content else None
        row = Ruling.objects.create(
            dispute=dispute,
            kind=kind,
            by=user,
            reason=why,
            words=words.strip() if kind is RulingKind.REWORD else "",
            from_revision=old,
            start=passage.start,
            revision=new,
            late=now > dispute.due_at,
            at=now,
        )
        _record(work, update, dispute, row)
        _tell(actor, now, update, dispute, row)
        if new is not None and review_round is not None:
            reopen_round(work, actor=actor, update=update, old=review_round, revision=new, ruling=row)
        else:
            approve_after_dispute(work, actor=actor, update=update)
        return row


def _current(update: Update) -> UpdateRevision:
    if update.current is None:
        raise NotFound
    return update.current


def _facts(actor: Actor, user: User, update: Update, dispute: Dispute, *, revision_is_current: bool, stands: bool) -> RulingFacts:
    review_round = dispute.review_round
    return RulingFacts(
        state=dispute.state,
        holds_permission=actor.may(Permission.DISPUTE_RULE),
        arbiter=person_of(user),
        disputed_by=person_of(dispute.by),
        contributors=contributors_of(update) - only_struck(update),
        reviewers=frozenset(person_of(review.reviewer) for review in review_round.reviews.select_related("reviewer")),
        revision_is_current=revision_is_current,
        update_is_closed=not UPDATE_MOVES[UpdateState(update.state)],
        passage_stands=stands,
    )


def _kind(given: str) -> RulingKind:
    try:
        return RulingKind(given)
    except ValueError:
        raise InvalidInput("There is no such ruling.", fields={"ruling": ["Uphold the text, strike the passage, or reword it."]}) from None


def _content(kind: RulingKind, old: Content, passage: Passage, words: str) -> Content | None:
    """The words that come of the ruling; `None` where they stay."""
    if kind is RulingKind.UPHOLD:
        return None
    if kind is RulingKind.STRIKE:
        content = struck(old, passage)
        if not text_of(content, passage).strip():
            raise InvalidInput(
                "Nothing would be left.", fields={"ruling": [f"Without the passage the {passage.field} is empty. Reword it instead."]}
            )
        if not only_deletes(old, content, passage):
            raise RuntimeError("Striking a passage changed something else.")
    else:
        content = reworded(old, passage, _text(words, "words", "Write what is to stand in place of the passage."))
        if content == old:
            raise InvalidInput("Nothing is different.", fields={"words": ["These are the words that are there. Uphold the text instead."]})
        if unfilled(words):
            raise InvalidInput(
                "The words are not finished.", fields={"words": ["Fill in or take out what is still marked to be filled in."]}
            )
    require_storable(content)
    return content


def _text(given: str, field: str, missing: str) -> str:
    text = given.strip()
    if not text:
        raise InvalidInput("Something is missing.", fields={field: [missing]})
    if len(text) > LONGEST_TEXT:
        raise InvalidInput("The text is too long.", fields={field: [f"Use at most {LONGEST_TEXT} characters."]})
    return text


def _record(work: UnitOfWork, update: Update, dispute: Dispute, row: Ruling) -> None:
    body = {
        "dispute": dispute.public_id,
        "ruling": row.kind,
        "reason": row.reason,
        "from_revision": row.from_revision.number,
        "late": row.late,
    }
    if row.revision:
        body |= {"revision": row.revision.number, "content_hash": row.revision.content_hash}
    work.record("dispute.ruled", subject=f"update:{update.public_id}", body=body, policy_version=dispute.review_round.policy_version)


def _tell(actor: Actor, now: datetime, update: Update, dispute: Dispute, row: Ruling) -> None:
    late = " (after the deadline)" if row.late else ""
    note(
        update.incident,
        actor=actor,
        now=now,
        kind="dispute",
        text=f"Ruling{late}: “{dispute.quote}” {SAID[RulingKind(row.kind)]}. {row.reason}",
        detail={"update": update.public_id, "dispute": dispute.public_id},
    )
