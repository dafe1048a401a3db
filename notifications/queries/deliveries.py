"""A message's deliveries one by one: pages of them, and all of them as a table, along the primary key and without full addresses."""

from collections.abc import Iterator

from django.db.models import F, Func, OuterRef, QuerySet, Subquery, TextField

from notifications.models import CauseCounter, Delivery, DeliveryFailure, Message
from notifications.queries.counts import bounds_of
from notifications.rules.following import Followed
from notifications.rules.masked import masked
from notifications.rules.states import CAUSED, LISTED
from stakeholders.rules.tables import guarded

_PIECE = 2000
COLUMNS = (
    "key",
    "name",
    "address",
    "audience",
    "channel",
    "provider",
    "state",
    "reason",
    "attempts",
    "closed_at",
    "stands_in_for",
    "followed",
)


def deliveries_of(message: Message) -> "QuerySet[Delivery]":
    """Its deliveries in the order they were planned, with whom they go to."""
    first, last = bounds_of(message.pk)
    found = Delivery.objects.filter(message=message, pk__gte=first, pk__lte=last)
    return found.select_related("contact_point__stakeholder", "user", "audience", "fallback_of").order_by("pk")


def for_cause(rows: "QuerySet[Delivery]", cause: str) -> "QuerySet[Delivery]":
    """Those of them that stand where they do for one cause."""
    return rows.filter(state__in=sorted(CAUSED)).annotate(cause=_cause_of("reason")).filter(cause=cause)


def listed_alone(rows: "QuerySet[Delivery]", message: Message, *, state: str, cause: str) -> "QuerySet[Delivery]":
    """The same rows of the message's deliveries in a state or for a cause, found by the list kept of failures where all are in it."""
    states = {state} if state else set()
    if cause and not state:
        states = set(CauseCounter.objects.filter(message=message, cause=cause, count__gt=0).values_list("state", flat=True))
    if not states or not states <= LISTED:
        return rows
    return rows.filter(pk__in=DeliveryFailure.objects.filter(message=message, state__in=sorted(states)).values("delivery"))


def failed_for(message: Message, *, state: str, channel: str, cause: str) -> "QuerySet[DeliveryFailure]":
    """What stands so for one cause."""
    found = DeliveryFailure.objects.filter(message=message, state=state, channel=channel)
    named = found.annotate(cause=_cause_of("reason")).filter(cause=cause)
    return named.select_related("delivery__contact_point__stakeholder", "delivery__user").order_by("delivery_id")


def unreached_of(message: Message) -> "QuerySet[DeliveryFailure]":
    """The last delivery to each reader for whom no further channel is left."""
    found = DeliveryFailure.objects.filter(message=message, followed=Followed.UNREACHED.value)
    return found.select_related("delivery__contact_point__stakeholder", "delivery__user").order_by("delivery_id")


def recipient_of(delivery: Delivery) -> tuple[str, str]:
    """Name and masked address."""
    if delivery.contact_point is not None:
        return delivery.contact_point.stakeholder.name, masked(delivery.contact_point.address)
    if delivery.user is not None:
        return delivery.user.get_full_name(), masked(delivery.user.email)
    return "", ""


def _cause_of(field: str) -> Func:
    return Func(F(field), function="notifications_cause", output_field=TextField())


def as_table(message: Message) -> Iterator[list[str]]:
    """A line of headings, then one for each delivery; read piece by piece, with no cell that a spreadsheet runs."""
    yield list(COLUMNS)
    said = DeliveryFailure.objects.filter(delivery=OuterRef("pk")).values("followed")
    after, rows = 0, deliveries_of(message).annotate(followed=Subquery(said))
    while piece := list(rows.filter(pk__gt=after)[:_PIECE]):
        after = piece[-1].pk
        for row in piece:
            name, address = recipient_of(row)
            closed = row.closed_at.isoformat() if row.closed_at else ""
            audience = row.audience.key if row.audience else ""
            cells = [
                str(row.key),
                name,
                address,
                audience,
                row.channel,
                row.provider,
                row.state,
                row.reason,
                str(row.attempt_count),
                closed,
                str(row.fallback_of.key) if row.fallback_of else "",
                row.followed or "",
            ]
            yield [guarded(cell) for cell in cells]
