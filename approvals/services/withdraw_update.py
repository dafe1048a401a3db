"""Gives an update up before it went out."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.queries.rounds import live_round
from approvals.rules.words import RoundState
from approvals.services.close_dispute import overtake_disputes
from approvals.services.locking import lock_update
from approvals.services.schedule import cancel_schedule
from approvals.services.void_round import close_round
from audit.services import unit_of_work
from core.errors import Conflict
from incidents.models import Update
from incidents.rules.words import UPDATE_MOVES, UpdateState
from incidents.services import set_update_state
from incidents.services.timeline import note


def withdraw_update(*, actor: Actor, now: datetime, update_id: int) -> Update:
    """Withdraws it for good; its verdicts no longer count and nothing planned for it goes.

    Raises `NotFound`, `Forbidden`, `Conflict` (already released or withdrawn).
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = lock_update(actor=actor, update_id=update_id)
        actor.require(Permission.UPDATE_WRITE)
        if UpdateState.WITHDRAWN not in UPDATE_MOVES[UpdateState(update.state)]:
            raise Conflict(f"The update is {update.state}; it cannot be withdrawn any more.", code="not_withdrawable")
        if review_round := live_round(update):
            close_round(review_round, RoundState.VOIDED, now=now)
        overtake_disputes(work, update, None)
        cancel_schedule(actor=actor, now=now, update=update, reason="The update was withdrawn.")
        set_update_state(actor=actor, now=now, update=update, to=UpdateState.WITHDRAWN)
        note(update.incident, actor=actor, now=now, kind="withdrawn", text="Update withdrawn", detail={"update": update.public_id})
        work.record("update.withdrawn", subject=f"update:{update.public_id}", body={})
        return update
