"""Ceasing to write to an address: because it does not work, or because its reader asked."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from stakeholders.models import Audience, ContactPoint, OptOut
from stakeholders.rules.kinds import BY_READER, FOR_ADDRESS, ConsentSource, ContactKind, SuppressionKind
from stakeholders.services.stopped_addresses import lift_stop, lock_address, stop_address


def suppress_contact_point(
    *, actor: Actor, now: datetime, contact_point: ContactPoint, reason: str, kind: SuppressionKind = SuppressionKind.OPERATOR
) -> ContactPoint:
    """Nothing is sent there any more. Raises `InvalidInput` without a reason.

    What is true of the address (`FOR_ADDRESS`) holds for every entry that has it (`stop_address`); the others hold for this one, and the
    first of them stands.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        reason = reason.strip()[:200]
        if not reason:
            message = "Say why this address is no longer used."
            raise InvalidInput(message, fields={"reason": [message]})
        if kind in FOR_ADDRESS:
            stop_address(actor=actor, now=now, kind=contact_point.kind, address=contact_point.address, because=kind, reason=reason)
            return _locked(contact_point)
        locked = _locked(contact_point)
        if locked.suppressed_at is None:
            locked.suppressed_at, locked.suppression_kind, locked.suppression_reason = now, kind.value, reason
            locked.save(update_fields=["suppressed_at", "suppression_kind", "suppression_reason"])
            work.record(
                "contact_point.suppressed",
                subject=f"stakeholder:{locked.stakeholder.public_id}",
                body={"contact_point": locked.pk, "kind": locked.kind, "because": kind.value, "reason": reason},
            )
    return locked


def lift_suppression(*, actor: Actor, now: datetime, contact_point: ContactPoint, reason: str, reader_asked: bool = False) -> ContactPoint:
    """The address is written to again; one that is in use stays as it is. A bounce is lifted for every entry that has the address.

    A stop or complaint only where the reader has asked for it again (`reader_asked`, kept as their consent); one sent by text message is
    taken back by START alone (`take_back_stop`). Raises `InvalidInput` without a reason, `Conflict` for one that was removed from
    the register, and for what only its reader takes back.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        reason = reason.strip()[:200]
        if not reason:
            message = "Say why this address is used again."
            raise InvalidInput(message, fields={"reason": [message]})
        lock_address(contact_point.kind, contact_point.address)
        locked = _locked(contact_point)
        if locked.removed_at is not None:
            raise Conflict("The address was removed from the register: add it again instead.")
        if locked.suppressed_at is None:
            return locked
        because = SuppressionKind(locked.suppression_kind)
        if because in BY_READER:
            _require_reader(locked, because, reader_asked=reader_asked)
        told = lift_stop(work, locked.kind, locked.address, reason, because=set(FOR_ADDRESS))
        locked = _locked(contact_point)
        locked.suppressed_at, locked.suppression_kind, locked.suppression_reason, locked.operator_reason = None, "", "", ""
        locked.soft_bounces, locked.bad_since = 0, None
        if because in BY_READER:
            locked.consent_at, locked.consent_source = now, ConsentSource.OPERATOR
        locked.save()
        if not told:
            work.record(
                "contact_point.suppression_lifted",
                subject=f"stakeholder:{locked.stakeholder.public_id}",
                body={"contact_point": locked.pk, "kind": locked.kind, "reason": reason},
            )
    return locked


def _locked(contact_point: ContactPoint) -> ContactPoint:
    return ContactPoint.objects.select_for_update(of=("self",), no_key=True).select_related("stakeholder").get(pk=contact_point.pk)


def _require_reader(contact_point: ContactPoint, because: SuppressionKind, *, reader_asked: bool) -> None:
    if contact_point.kind == ContactKind.SMS and because is SuppressionKind.STOP:
        raise Conflict("Its reader sent STOP: only START, sent from that number, takes it back.", code="stopped_by_reader")
    if not reader_asked:
        raise Conflict(
            "Its reader asked for no more: it is written to again only where the reader has asked for that. Say so, and how.",
            code="stopped_by_reader",
        )


def opt_out(*, actor: Actor, now: datetime, contact_point: ContactPoint, audience: Audience, source: str) -> OptOut:
    """The address gets nothing more that goes to this audience, by whatever entry has it (a trigger); asking again changes nothing.

    A reader who follows an unsubscribe link acts through `accounts.actors.system("unsubscribe")`: holding the link is the
    permission, and whoever checked it calls this. `source` says how they asked, for instance `one_click`.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        kept, made = OptOut.objects.get_or_create(
            contact_point=contact_point, audience=audience, defaults={"at": now, "source": source[:40]}
        )
        if made:
            work.record(
                "contact_point.opted_out",
                subject=f"stakeholder:{contact_point.stakeholder.public_id}",
                body={"contact_point": contact_point.pk, "audience": audience.key, "source": kept.source},
            )
    return kept
