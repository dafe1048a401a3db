"""What a worker must know about the deliveries it claimed: one query for all, and what forbids sending."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from incidents.models import IncidentGroupObjectPermission, IncidentUserObjectPermission
from notifications.models import Delivery, Message
from notifications.rules.states import MessageKind
from notifications.services.rows import Held
from stakeholders.models import OptOut

_COLUMNS = (
    "id",
    "key",
    "message_id",
    "tries",
    "ambiguous",
    "contact_point_id",
    "contact_point__address",
    "contact_point__stakeholder__time_zone",
    "contact_point__suppressed_at",
    "user__email",
    "user__time_zone",
    "user__is_active",
    "audience_id",
    "audience__key",
    "audience__name",
    "opted_out",
    "may_see",
)


@dataclass(frozen=True)
class Parcel:
    """One claimed delivery with all it takes to send it. `forbidden` says why it may not be sent; empty: it may."""

    held: Held
    key: uuid.UUID
    message: Message
    tries: int
    ambiguous: int
    contact_point: int | None
    address: str
    zone: str
    audience: int | None
    audience_key: str
    audience_name: str
    forbidden: str


def load(held: Sequence[Held]) -> list[Parcel]:
    """Reads suppression, opt-out and the incident's visibility as they are now. Order as claimed."""
    by_id = {h.id: h for h in held}
    rows: list[dict[str, Any]] = list(
        Delivery.objects.filter(pk__in=by_id)
        .annotate(
            person=Coalesce("user_id", "contact_point__stakeholder__user_id"),
            opted_out=Exists(OptOut.objects.filter(contact_point=OuterRef("contact_point_id"), audience=OuterRef("audience_id"))),
        )
        .annotate(may_see=_may_see())
        .order_by("lane", "due_at", "id")
        .values(*_COLUMNS)
    )
    messages = Message.objects.in_bulk({row["message_id"] for row in rows})
    return [_parcel(row, by_id[row["id"]], messages[row["message_id"]]) for row in rows]


def _may_see() -> Q:
    """The gate of `Incident.objects.visible_to`, set-wise: a restricted incident is told only to those it was granted to."""
    grants = {"content_object": OuterRef("message__incident_id")}
    return (
        Q(message__incident__isnull=True)
        | Q(message__incident__restricted=False)
        | Exists(IncidentUserObjectPermission.objects.filter(user=OuterRef("person"), **grants))
        | Exists(IncidentGroupObjectPermission.objects.filter(group__user=OuterRef("person"), **grants))
    )


def _parcel(row: dict[str, Any], held: Held, message: Message) -> Parcel:
    by_register = row["contact_point_id"] is not None
    return Parcel(
        held=held,
        key=row["key"],
        message=message,
        tries=row["tries"],
        ambiguous=row["ambiguous"],
        contact_point=row["contact_point_id"],
        address=row["contact_point__address"] if by_register else row["user__email"],
        zone=(row["contact_point__stakeholder__time_zone"] if by_register else row["user__time_zone"]) or "UTC",
        audience=row["audience_id"],
        audience_key=row["audience__key"] or "",
        audience_name=row["audience__name"] or "",
        forbidden=_forbidden(row, message),
    )


def _forbidden(row: dict[str, Any], message: Message) -> str:
    if row["contact_point__suppressed_at"] is not None:
        return "the address is suppressed"
    if row["opted_out"] and message.kind == MessageKind.RELEASE:
        return "unsubscribed"
    if not row["may_see"]:
        return "the incident is restricted"
    if row["user__is_active"] is False:
        return "the user is no longer active"
    return ""
