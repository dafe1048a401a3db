"""Editing an update."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, NotFound, StaleRevision
from incidents.models import Update, UpdateRevision
from incidents.queries import within_reach
from incidents.queries.correcting import as_it_stands
from incidents.rules.content import Content
from incidents.rules.words import UpdateState
from incidents.services.revising import add_revision, following_policy, require_promise, require_storable
from incidents.services.set_update_state import move
from incidents.services.start_update import require_move


def revise_update(*, actor: Actor, now: datetime, update_id: int, base_revision: int, content: Content) -> UpdateRevision:
    """A new revision made from number `base_revision`; content that is already current makes none.

    An update in review or approved becomes a draft again. Raises `StaleRevision` when `base_revision` is not current
    (nothing is overwritten), `Conflict` once released or withdrawn and for a status the incident cannot take, `NotFound`
    for a hidden incident, `InvalidInput` naming the fields at fault.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        update = locked_update(actor, update_id)
        actor.require(Permission.UPDATE_WRITE)
        current = update.current
        if current is None:
            raise RuntimeError(f"Update {update.pk} has no revision.")
        if current.content_hash == content.hash():
            return current
        if update.state in {UpdateState.RELEASED, UpdateState.WITHDRAWN}:
            raise Conflict(f"The update is {update.state}; its words stay. Start another update.", code="update_closed")
        if current.number != base_revision:
            raise StaleRevision(
                f"Revision {current.number} is newer than {base_revision}, which you changed. Load it and bring your words in."
            )
        if content.status != current.content["facts"]["status"]:
            require_move(update.incident, as_it_stands(update, content, update.incident).status, kind=update.kind)
        content = following_policy(update.incident, current.parsed(), content, now)
        require_storable(content)
        require_promise(update.incident, content, now, kind=update.kind)
        revision = add_revision(work, actor=actor, update=update, content=content)
        if update.state != UpdateState.DRAFT:
            move(work, update=update, to=UpdateState.DRAFT)
        return revision


def locked_update(actor: Actor, update_id: int) -> Update:
    """The update, its row locked. Raises `NotFound` for a missing and a hidden one.

    Nothing is joined to it: after a wait for the lock, joined rows would still be those of before the wait.
    """
    visible = within_reach(actor)
    update = Update.objects.select_for_update(of=("self",), no_key=True).filter(pk=update_id, incident__in=visible).first()
    if update is None:
        raise NotFound
    return update
