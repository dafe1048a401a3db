"""Ceasing to write to an address: because it does not work, or because its reader asked."""

from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from core.errors import Conflict, InvalidInput
from stakeholders.models import Audience, ContactPoint, OptOut
from stakeholders.rules.kinds import SuppressionKind


def suppress_contact_point(
    *, actor: Actor, now: datetime, contact_point: ContactPoint, reason: str, kind: SuppressionKind = SuppressionKind.OPERATOR
) -> ContactPoint:
    """Nothing is sent there any more. The first suppression stands: a second changes nothing. Raises `InvalidInput` without a reason."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        reason = reason.strip()[:200]
        if not reason:
            message = "Say why this address is no longer used."
            raise InvalidInput(message, fields={"reason": [message]})
        locked = ContactPoint.objects.select_for_update(of=("self",), no_key=True).select_related("stakeholder").get(pk=contact_point.pk)
        if locked.suppressed_at is None:
            locked.suppressed_at, locked.suppression_kind, locked.suppression_reason = now, kind.value, reason
            locked.save(update_fields=["suppressed_at", "suppression_kind", "suppression_reason"])
            work.record(
                "contact_point.suppressed",
                subject=f"stakeholder:{locked.stakeholder.public_id}",
                body={"contact_point": locked.pk, "kind": locked.kind, "because": kind.value, "reason": reason},
            )
    return locked


def lift_suppression(*, actor: Actor, now: datetime, contact_point: ContactPoint, reason: str) -> ContactPoint:
    """The address is written to again; one that is in use stays as it is.

    Raises `InvalidInput` without a reason, `Conflict` for one that was removed from the register.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        reason = reason.strip()[:200]
        if not reason:
            message = "Say why this address is used again."
            raise InvalidInput(message, fields={"reason": [message]})
        locked = ContactPoint.objects.select_for_update(of=("self",), no_key=True).select_related("stakeholder").get(pk=contact_point.pk)
        if locked.removed_at is not None:
            raise Conflict("The address was removed from the register: add it again instead.")
        if locked.suppressed_at is not None:
            locked.suppressed_at, locked.suppression_kind, locked.suppression_reason = None, "", ""
            locked.soft_bounces, locked.bad_since = 0, None
            locked.save(update_fields=["suppressed_at", "suppression_kind", "suppression_reason", "soft_bounces", "bad_since"])
            work.record(
                "contact_point.suppression_lifted",
                subject=f"stakeholder:{locked.stakeholder.public_id}",
                body={"contact_point": locked.pk, "kind": locked.kind, "reason": reason},
            )
    return locked


def opt_out(*, actor: Actor, now: datetime, contact_point: ContactPoint, audience: Audience, source: str) -> OptOut:
    """The address gets nothing more that goes to this audience; asking again changes nothing.

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
