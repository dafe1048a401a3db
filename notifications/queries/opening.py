"""Who was told that an incident has opened."""

from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from incidents.models import Incident
from notifications.models import Delivery


@dataclass(frozen=True)
class ToldAtOpening:
    """When the notice was written, and to whom by name."""

    at: datetime
    people: tuple[User, ...]


def source_key_of(incident: Incident) -> str:
    """The one notice of an incident's opening."""
    return f"incident:{incident.public_id}:opened"


def told_at_opening(incident: Incident) -> ToldAtOpening | None:
    """None where nobody had to be told, because whoever opened it commands it."""
    found = list(
        Delivery.objects.filter(message__source_key=source_key_of(incident), fallback_of__isnull=True)
        .select_related("message", "user", "contact_point__stakeholder__user")
        .order_by("id")
    )
    if not found:
        return None
    people = [user for one in found if (user := _reader(one)) is not None]
    return ToldAtOpening(found[0].message.created_at, tuple(people))


def _reader(delivery: Delivery) -> User | None:
    if delivery.contact_point is not None:
        return delivery.contact_point.stakeholder.user
    return delivery.user
