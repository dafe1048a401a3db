"""Stops, complaints and bounces: they hold for an address, whoever of the register has it, had it or will have it."""

from datetime import datetime

from django.db import connection
from django.db.models import QuerySet
from django.db.models.functions import Lower

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from stakeholders.models import ContactPoint, StoppedAddress
from stakeholders.rules.kinds import SuppressionKind

# Locks the address first and its entries after it, as everybody does who stops it or takes that back; triggers write the entries.
_STOP = """
INSERT INTO stakeholders_stoppedaddress AS s (kind, address, because, reason, at) VALUES (%s, lower(%s), %s, %s, %s)
ON CONFLICT (kind, address) DO UPDATE SET because = EXCLUDED.because, reason = EXCLUDED.reason, at = EXCLUDED.at
WHERE stakeholders_suppression_rank(EXCLUDED.because) > stakeholders_suppression_rank(s.because)
RETURNING id
"""


def stop_address(*, actor: Actor, now: datetime, kind: str, address: str, because: SuppressionKind, reason: str) -> list[ContactPoint]:
    """Nothing is sent to the address any more, by whatever entry has it; returns those that were concerned, removed ones among them.

    A stop or complaint outweighs a bounce, and each of them what concerns one entry; what is as strong changes nothing.
    `because` is one of `FOR_ADDRESS`. An address that no entry has is kept too.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        with connection.cursor() as cursor:
            cursor.execute(_STOP, [kind, address, because.value, reason, now])
            if cursor.fetchone() is None:
                return []
        concerned = list(points_at(kind, address).select_related("stakeholder").filter(suppression_kind=because).order_by("pk"))
        for point in concerned:
            body = {"contact_point": point.pk, "kind": point.kind, "because": because.value, "reason": reason}
            work.record("contact_point.suppressed", subject=f"stakeholder:{point.stakeholder.public_id}", body=body)
        return concerned


def take_back_stop(*, actor: Actor, now: datetime, kind: str, address: str, reason: str) -> list[ContactPoint]:
    """What its reader had stopped is written to again; returns the entries concerned. Whatever else holds for one of them stays."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        return lift_stop(work, kind, address, reason, because={SuppressionKind.STOP})


def lift_stop(work: UnitOfWork, kind: str, address: str, reason: str, *, because: set[SuppressionKind]) -> list[ContactPoint]:
    """Within a unit of work: takes it off every entry, where it is one of these kinds. Returns the entries concerned."""
    found = StoppedAddress.objects.select_for_update(no_key=True).filter(kind=kind, address=address.lower(), because__in=because).first()
    if found is None:
        return []
    standing = points_at(kind, address).filter(suppression_kind=found.because, removed_at__isnull=True)
    concerned = list(standing.select_related("stakeholder").order_by("pk"))
    found.delete()
    for point in concerned:
        body = {"contact_point": point.pk, "kind": point.kind, "reason": reason}
        work.record("contact_point.suppression_lifted", subject=f"stakeholder:{point.stakeholder.public_id}", body=body)
    return concerned


def lock_address(kind: str, address: str) -> None:
    """Whoever may lift what holds for an address locks it before its entries."""
    list(StoppedAddress.objects.select_for_update(no_key=True).filter(kind=kind, address=address.lower()).values_list("pk"))


def points_at(kind: str, address: str) -> "QuerySet[ContactPoint]":
    """Every entry's contact point with that address in whatever spelling, removed ones among them."""
    return ContactPoint.objects.annotate(lowered=Lower("address")).filter(kind=kind, lowered=address.lower())
