"""The way of a version: put forward, approved, handed back, retired. Review itself is the room above."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput
from templates.models import HoldingStatement, HoldingStatementVersion
from templates.rules.holding import HOLDING_MOVES, LONGEST_VALIDITY, LONGEST_VALIDITY_DAYS, HoldingState
from templates.services.write_statement import lock_statement, remember_contributor


def put_forward(*, actor: Actor, now: datetime, version: HoldingStatementVersion, expires_at: datetime) -> HoldingStatementVersion:
    """The draft is in review, to be approved until `expires_at`. The caller holds the statement's lock and opens the round.

    Raises `Conflict` when it is no draft, `InvalidInput` for an expiry that is past or too far away.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        if version.state != HoldingState.DRAFT:
            raise Conflict(f"Version {version.number} is {_words(version.state)}; review is asked for a draft.", code="not_a_draft")
        if expires_at.tzinfo is None or not now < expires_at <= now + LONGEST_VALIDITY:
            sentence = f"Choose a time to come, with its zone, within {LONGEST_VALIDITY_DAYS} days: circumstances change."
            raise InvalidInput("Say until when the approval is to stand.", fields={"expires_at": [sentence]})
        version.requested_at, version.expires_at = now, expires_at
        remember_contributor(version.statement, actor, now)
        return move(work, version, HoldingState.IN_REVIEW)


def move(work: UnitOfWork, version: HoldingStatementVersion, to: HoldingState) -> HoldingStatementVersion:
    """The move itself; approving retires the version approved before. The caller holds the statement's lock."""
    if to not in HOLDING_MOVES[HoldingState(version.state)]:
        raise Conflict(f"Version {version.number} is {_words(version.state)}; it cannot become {_words(to)}.", code="illegal_move")
    if to is HoldingState.APPROVED:
        for earlier in version.statement.versions.filter(state=HoldingState.APPROVED):
            move(work, earlier, HoldingState.RETIRED)
        version.approved_at = work.now
    if to is HoldingState.RETIRED:
        version.retired_at = work.now
    old, version.state = version.state, to
    version.save(update_fields=["state", "requested_at", "expires_at", "approved_at", "retired_at"])
    body: dict[str, object] = {"version": version.number, "from": str(old), "to": to.value, "content_hash": version.content_hash}
    if version.expires_at is not None:
        body["expires_at"] = version.expires_at.isoformat()
    work.record("holding.moved", subject=f"holding:{version.statement.public_id}", body=body)
    return version


def retire_statement(*, actor: Actor, now: datetime, statement: HoldingStatement, number: int) -> HoldingStatementVersion:
    """Takes the approved version `number` out of force. Raises `Conflict` when it is not the approved one, `Forbidden`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.HOLDING_WRITE)
        locked = lock_statement(statement.pk)
        version = locked.versions.filter(number=number, state=HoldingState.APPROVED).first()
        if version is None:
            raise Conflict(f"Version {number} is not in force.", code="not_approved")
        return move(work, version, HoldingState.RETIRED)


def _words(state: str) -> str:
    return str(state).replace("_", " ")
