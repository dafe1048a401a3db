"""Moving an update along its way out."""

from datetime import datetime

from accounts.actors import Actor
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict
from incidents.models import Update
from incidents.rules.words import UPDATE_MOVES, UpdateState


def set_update_state(*, actor: Actor, now: datetime, update: Update, to: UpdateState) -> Update:
    """Moves the update to `to`; the calling service has checked who may. Raises `Conflict` for a move there is not.

    Reads and locks the row first, and brings the given instance up to date.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update.state = Update.objects.select_for_update(of=("self",), no_key=True).values_list("state", flat=True).get(pk=update.pk)
        return move(work, update=update, to=to)


def move(work: UnitOfWork, *, update: Update, to: UpdateState) -> Update:
    """The move itself, with the row already locked."""
    old = UpdateState(update.state)
    if to not in UPDATE_MOVES[old]:
        raise Conflict(f"The update is {_words(old)}; it cannot become {_words(to)}.", code="illegal_move")
    update.state = to
    update.released_at = work.now if to is UpdateState.RELEASED else None
    update.save(update_fields=["state", "released_at"])
    work.record("update.moved", subject=f"update:{update.public_id}", body={"from": old.value, "to": to.value})
    return update


def _words(state: UpdateState) -> str:
    return state.value.replace("_", " ")
