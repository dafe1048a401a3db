"""What a worker must know about the deliveries it claimed: one query for all, and what forbids sending."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.db.models.functions import Coalesce

from incidents.models import IncidentGroupObjectPermission, IncidentUserObjectPermission
from notifications.models import Delivery, Message
from notifications.rules.states import MessageKind
from notifications.services.plan_verification import with_answer
from notifications.services.rows import Held
from notifications.transports.contract import Letter, MessageView
from stakeholders.models import OptOut
from stakeholders.rules.kinds import VerificationState

_COLUMNS = (
    "id",
    "key",
    "message_id",
    "tries",
    "ambiguous",
    "contact_point_id",
    "contact_point__address",
    "contact_point__stakeholder__time_zone",
    "contact_point__stakeholder__language",
    "contact_point__suppressed_at",
    "contact_point__verification",
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
    message: Message
    tries: int
    ambiguous: int
    contact_point: int | None
    letter: Letter
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
    views = {pk: _view(message) for pk, message in messages.items()}
    return [_parcel(row, by_id[row["id"]], messages[row["message_id"]], views[row["message_id"]]) for row in rows]


def _may_see() -> Q:
    """The gate of `Incident.objects.visible_to`, set-wise: a restricted incident is told only to those it was granted to."""
    grants = {"content_object": OuterRef("message__incident_id")}
    return (
        Q(message__incident__isnull=True)
        | Q(message__incident__restricted=False)
        | Exists(IncidentUserObjectPermission.objects.filter(user=OuterRef("person"), **grants))
        | Exists(IncidentGroupObjectPermission.objects.filter(group__user=OuterRef("person"), **grants))
    )


def _parcel(row: dict[str, Any], held: Held, message: Message, view: MessageView) -> Parcel:
    by_register = row["contact_point_id"] is not None
    letter = Letter(
        delivery=row["id"],
        key=row["key"],
        address=row["contact_point__address"] if by_register else row["user__email"],
        language=row["contact_point__stakeholder__language"] or "en",
        zone=(row["contact_point__stakeholder__time_zone"] if by_register else row["user__time_zone"]) or "UTC",
        audience_key=row["audience__key"] or "",
        audience_name=row["audience__name"] or "",
        message=view,
        unsubscribe=_unsubscribe(row, view),
    )
    return Parcel(
        held=held,
        message=message,
        tries=row["tries"],
        ambiguous=row["ambiguous"],
        contact_point=row["contact_point_id"],
        letter=letter,
        forbidden=_forbidden(row, message),
    )


def _view(message: Message) -> MessageView:
    wording = message.wording
    if message.kind == MessageKind.VERIFICATION:
        wording = with_answer(wording, message.facts["verification"])
    return MessageView(message.pk, message.public_id, MessageKind(message.kind), wording, message.facts)


def _unsubscribe(row: dict[str, Any], view: MessageView) -> tuple[int, int] | None:
    if view.kind is not MessageKind.RELEASE or row["contact_point_id"] is None or row["audience_id"] is None:
        return None
    return row["contact_point_id"], row["audience_id"]


def _forbidden(row: dict[str, Any], message: Message) -> str:
    if row["contact_point__suppressed_at"] is not None:
        return "the address is suppressed"
    if row["contact_point__verification"] == VerificationState.PENDING and message.kind != MessageKind.VERIFICATION:
        return "the address waits for its confirmation"
    if row["opted_out"] and message.kind == MessageKind.RELEASE:
        return "unsubscribed"
    if not row["may_see"]:
        return "the incident is restricted"
    if row["user__is_active"] is False:
        return "the user is no longer active"
    return ""
