"""Who was told of an incident before, and would not hear its end: they belong to none of the audiences any more that it is told to."""

from collections.abc import Collection, Mapping, Sequence

from django.db.models import Exists, OuterRef, Q, QuerySet

from notifications.models import Delivery, Message
from notifications.queries import GOT_OR_MAY_HAVE
from notifications.queries.routing import circle_of, kinds_of
from notifications.rules.routing import Way
from notifications.rules.states import OPEN, MessageKind
from stakeholders.models import Audience, ContactPoint, OptOut
from stakeholders.queries.circles import REACHABLE, Circle


def earlier_messages(incident_id: int, *, before: int | None = None) -> "QuerySet[Message]":
    """What was released of the incident so far, or before the message with this id."""
    found = Message.objects.filter(incident=incident_id, kind=MessageKind.RELEASE)
    return found if before is None else found.filter(pk__lt=before)


def told_earlier(
    messages: "QuerySet[Message]", *, now_told: Sequence[tuple[Circle, Sequence[str]]], channels: Collection[str]
) -> "QuerySet[Delivery]":
    """Deliveries of those messages that arrived, may have, or are still to come, to readers whom none of the circles reaches now.

    Only in the circles' audiences, whose words they are sent, and of these not in internal ones: who left them is not told what stays
    inside. Only addresses that may be written to, that have not opted out of that audience, and by the channels given.
    Unordered; an address stands in it once for each message that it got.
    """
    audiences = [circle.audience for circle, _ in now_told if circle.audience is not None and not circle.audience.is_internal]
    allowed = ContactPoint.objects.filter(pk=OuterRef("contact_point"), **REACHABLE)
    opted_out = OptOut.objects.filter(contact_point=OuterRef("contact_point"), audience=OuterRef("audience"))
    found = Delivery.objects.filter(
        GOT_OR_MAY_HAVE | Q(state__in=sorted(OPEN), message__ended_as=""),
        Exists(allowed),
        ~Exists(opted_out),
        message__in=messages,
        audience__in=audiences,
        channel__in=list(channels),
    )
    for circle, kinds in now_told:
        reached = circle.points().filter(kind__in=list(kinds), stakeholder=OuterRef("contact_point__stakeholder"))
        found = found.filter(~Exists(reached))
    return found.order_by()


def told_earlier_of(message: Message) -> "QuerySet[Delivery]":
    """The same for a message that is being planned: its circles and routes are those of its release."""
    audiences = Audience.objects.filter(key__in=list(message.wording))
    now_told = [(circle_of(message, audience), kinds_of(message, audience)) for audience in audiences]
    channels = message.release.revision.parsed().channels if message.release is not None else ()
    earlier = earlier_messages(message.incident_id or 0, before=message.pk)
    return told_earlier(earlier, now_told=now_told, channels=channels)


def told_earlier_now(incident_id: int, audiences: Sequence[Audience], ways: Mapping[str, Way], channels: Collection[str]) -> int:
    """How many people that would be, were an update with these ways released now."""
    now_told = [(Circle.of(audience), ways[audience.key].kinds) for audience in audiences]
    found = told_earlier(earlier_messages(incident_id), now_told=now_told, channels=channels)
    return found.order_by().values("contact_point__stakeholder").distinct().count()
