"""Who would never hear that an incident is over, and who still can."""

from collections.abc import Mapping

from approvals.queries.owed import owed_by
from approvals.rules.resolving import not_told_of_the_end, said_late
from incidents.models import Update
from incidents.queries import open_promises, told, untold_of_the_end
from incidents.queries.hearing import may_hear
from incidents.rules.content import Content
from incidents.rules.words import Status, UpdateKind
from stakeholders.queries import audience_facts


def left_waiting(update: Update, content: Content) -> frozenset[str]:
    """Audiences that the update would resolve the incident without telling, though they wait for word of it and may be told.

    What puts something right goes to those who were sent that, and to nobody else.
    """
    incident = update.incident
    if update.kind == UpdateKind.DRILL or content.status != Status.RESOLVED or incident.status == Status.RESOLVED:
        return frozenset()
    owed = owed_by(update)
    audiences = audience_facts()
    waiting = {key for promise in open_promises(incident) for key in promise.untold}
    shown_on = audiences.public if audiences.public in told(incident) else None
    return not_told_of_the_end(
        readers=[key for key in content.audiences if owed is None or key in owed.audiences],
        waiting=waiting,
        shown_on=shown_on,
        tellable=may_hear(incident, waiting | ({shown_on} if shown_on else set()), audiences),
    )


def tells_the_end(update: Update, content: Content) -> bool:
    """Whether it tells the end of a resolved incident to somebody who was told of the incident, and not of that."""
    return bool(_late_for(update, content).intersection(content.audiences))


def late_word(update: Update, content: Content, names: Mapping[str, str]) -> dict[str, str]:
    """What keeps such an update from being no more than that: sentences by field; empty for none, and for other updates."""
    untold = _late_for(update, content)
    if not untold.intersection(content.audiences):
        return {}
    return said_late(readers=content.audiences, untold=untold, impact=content.impact, stands=update.incident.impact, names=names)


def _late_for(update: Update, content: Content) -> frozenset[str]:
    """Whom an update can still tell that the incident is over."""
    says_so = update.kind == UpdateKind.UPDATE and content.status == Status.RESOLVED
    return untold_of_the_end(update.incident) if says_so else frozenset()
