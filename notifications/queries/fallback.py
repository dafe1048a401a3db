"""What came of those whom a channel did not reach."""

from dataclasses import dataclass

from django.db.models import Count
from django.db.models.functions import Now

from notifications.models import DeliveryFailure, Message
from notifications.rules.following import Followed


@dataclass(frozen=True)
class FallbackCount:
    """`instead`: failures that the next channel stands in for. `unreached`: readers for whom no further channel is left."""

    instead: int = 0
    unreached: int = 0


NOTHING_FELL_BACK = FallbackCount()


def fallback_count(message: Message) -> FallbackCount:
    """How many there are so far: read from an index of those alone."""
    listed = DeliveryFailure.objects.filter(message=message, followed__in=[Followed.PLANNED.value, Followed.UNREACHED.value])
    found = dict(listed.order_by().values_list("followed").annotate(n=Count("pk")))
    return FallbackCount(found.get(Followed.PLANNED, 0), found.get(Followed.UNREACHED, 0))


def awaits_fallback(message: Message) -> bool:
    """Whether something failed whose reader may still be told by another channel, and nobody has looked yet. Never once it is over."""
    if message.ended_as or not any(
        step.get("fallback_after_minutes") is not None for steps in message.plan.get("routes", {}).values() for step in steps
    ):
        return False
    new = DeliveryFailure.objects.filter(message=message, followed=Followed.NOTHING_YET.value)
    return new.filter(message__expires_at__gt=Now()).exists()
