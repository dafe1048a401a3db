"""Who may pause, resume and cancel what is being sent, and have it sent again."""

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.queries.gate import releaser_to
from core.errors import Forbidden, NotFound
from notifications.models import Message
from notifications.rules.states import MessageKind


def visible_message(actor: Actor, public_id: str) -> Message:
    """A message about an incident that the actor may see; raises `NotFound` for others and for what does not exist."""
    found = Message.objects.visible_to(actor).filter(public_id=public_id).first()
    if found is None:
        raise NotFound
    return found


def visible_release_message(actor: Actor, release_id: str) -> Message:
    """What a release (public id) sends; raises `NotFound` for releases the actor may not see and for what does not exist."""
    sent = Message.objects.visible_to(actor).filter(release__public_id=release_id)
    found = sent.select_related("release", "incident", "paused_by", "ended_by").first()
    if found is None:
        raise NotFound
    return found


def may_govern(actor: Actor, message: Message) -> bool:
    """Who may hold releases back may; of a release its incident's commander too, and whose teams own or stand in for all its audiences."""
    return not _why_not(actor, message)


def require_governing(actor: Actor, message: Message) -> None:
    """Raises `Forbidden` with what it takes."""
    if why := _why_not(actor, message):
        raise Forbidden(why)


def _why_not(actor: Actor, message: Message) -> str:
    if actor.may(Permission.RELEASE_HOLD):
        return ""
    if message.kind != MessageKind.RELEASE or message.incident is None or actor.user is None:
        return "Only who may hold releases back can do this."
    person = releaser_to(actor=actor, user=actor.user, incident=message.incident, audiences=list(message.wording))
    if person.commands_incident or person.owns_audiences:
        return ""
    return "Only who may hold releases back, the incident's commander or an owner of its audiences can do this."
