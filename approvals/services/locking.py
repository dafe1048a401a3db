"""The lock that orders everything done to one update: edits, verdicts, releases. It is taken before any other."""

from django.db.models import QuerySet

from accounts.actors import Actor
from core.errors import NotFound, StaleRevision
from incidents.models import Incident, Update, UpdateRevision


def locked(updates: QuerySet[Update]) -> QuerySet[Update]:
    """The rows, locked until the transaction ends (`SELECT … FOR NO KEY UPDATE`)."""
    return updates.select_for_update(of=("self",), no_key=True)


def lock_update(*, actor: Actor, update_id: int) -> Update:
    """The update, locked and as it is now. Raises `NotFound` when there is none or the actor may not know of it.

    Nothing is joined to it: after a wait for the lock, joined rows would still be those of before the wait.
    """
    visible = Incident.objects.visible_to(actor)
    update = locked(Update.objects.filter(pk=update_id, incident__in=visible)).first()
    if update is None:
        raise NotFound
    return update


def current_revision(update: Update, number: int) -> UpdateRevision:
    """The newest revision, if `number` names it; else raises `StaleRevision`."""
    current = update.current
    if current is None or current.number != number:
        raise StaleRevision(f"The words changed: revision {number} is not the newest. Read the newest revision and decide again.")
    return current
