"""A message's deliveries one by one: pages of them, and all of them as a table, along the primary key and without full addresses."""

from collections.abc import Iterator

from django.db.models import F, Func, Q, QuerySet, TextField, Value

from notifications.models import Delivery, DeliveryFailure, Message
from notifications.queries.counts import bounds_of
from notifications.rules.masked import masked
from notifications.rules.states import LISTED
from stakeholders.rules.tables import guarded

_PIECE = 2000
COLUMNS = ("key", "name", "address", "audience", "channel", "provider", "state", "reason", "attempts", "closed_at")


def deliveries_of(message: Message, *, state: str = "") -> "QuerySet[Delivery]":
    """Its deliveries in the order they were planned, with whom they go to; of one state where it is given."""
    first, last = bounds_of(message.pk)
    found = Delivery.objects.filter(message=message, pk__gte=first, pk__lte=last)
    if state:
        found = found.filter(state=state)
        if state in LISTED:
            # Few among a million are found by the list that is kept of them.
            found = found.filter(pk__in=DeliveryFailure.objects.filter(message=message, state=state).values("delivery"))
    return found.select_related("contact_point__stakeholder", "user", "audience").order_by("pk")


def failed_for(message: Message, *, state: str, channel: str, cause: str) -> "QuerySet[DeliveryFailure]":
    """What stands so for one cause."""
    found = DeliveryFailure.objects.filter(message=message, state=state, channel=channel)
    named = found.annotate(cause=Func(F("reason"), function="notifications_cause", output_field=TextField()))
    return (
        named.filter(Q(cause=Value(cause))).select_related("delivery__contact_point__stakeholder", "delivery__user").order_by("delivery_id")
    )


def recipient_of(delivery: Delivery) -> tuple[str, str]:
    """Name and masked address."""
    if delivery.contact_point is not None:
        return delivery.contact_point.stakeholder.name, masked(delivery.contact_point.address)
    if delivery.user is not None:
        return delivery.user.get_full_name(), masked(delivery.user.email)
    return "", ""


def as_table(message: Message) -> Iterator[list[str]]:
    """A line of headings, then one for each delivery; read piece by piece, with no cell that a spreadsheet runs."""
    yield list(COLUMNS)
    after, rows = 0, deliveries_of(message)
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
            ]
            yield [guarded(cell) for cell in cells]
