"""The addresses of an entry: one more, another one, one less, and in which order they are tried."""

from collections.abc import Sequence
from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import UnitOfWork, unit_of_work
from core.errors import Conflict, InvalidInput
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.rules.entries import MOST_POINTS, Point
from stakeholders.rules.kinds import ConsentSource
from stakeholders.services.addresses import normalise
from stakeholders.services.entry_apply import Origin, bring_back, new_point, remove_points

BY_HAND = Origin(ConsentSource.OPERATOR)


def add_contact_point(
    *, actor: Actor, now: datetime, stakeholder: Stakeholder, kind: str, address: str, origin: Origin = BY_HAND
) -> ContactPoint:
    """One more address, last in order; one that was removed comes back. A colleague's telephone waits for its confirmation.

    Raises `InvalidInput` naming `address`, `Conflict` when it is there.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        return _add(work, _locked(stakeholder), kind, address, origin=origin)


def change_contact_point(*, actor: Actor, now: datetime, contact_point: ContactPoint, address: str) -> ContactPoint:
    """Another address in this one's place. The old one is removed and what was sent there stays told; the new one is confirmed anew.

    Raises `InvalidInput` naming `address`, `Conflict` when the entry has it already.
    """
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        stakeholder = _locked(contact_point.stakeholder)
        old = ContactPoint.objects.get(pk=contact_point.pk)
        if normalise(old.kind, address, field="address") == old.address:
            return old
        new = _add(work, stakeholder, old.kind, address, position=old.position)
        _remove(work, stakeholder, old)
        return new


def remove_contact_point(*, actor: Actor, now: datetime, contact_point: ContactPoint) -> None:
    """Takes the address off the register: nothing more is sent there. One removed already stays removed."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        stakeholder = _locked(contact_point.stakeholder)
        _remove(work, stakeholder, ContactPoint.objects.get(pk=contact_point.pk))


def order_contact_points(*, actor: Actor, now: datetime, stakeholder: Stakeholder, ids: Sequence[int]) -> None:
    """Sets the order in which addresses are preferred; those not named follow as they stood. Raises `InvalidInput` for another's."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = _locked(stakeholder)
        having = {point.pk: point for point in locked.contact_points.filter(removed_at__isnull=True)}
        if len(set(ids)) != len(ids) or not set(ids) <= having.keys():
            message = "Name addresses of this entry, each once."
            raise InvalidInput(message, fields={"order": [message]})
        order = [*ids, *(pk for pk in having if pk not in ids)]
        if order == list(having):
            return
        for position, pk in enumerate(order):
            having[pk].position = position
        ContactPoint.objects.bulk_update(having.values(), ["position"])
        work.record("contact_point.ordered", subject=f"stakeholder:{locked.public_id}", body={"contact_points": order})


def _locked(stakeholder: Stakeholder) -> Stakeholder:
    return Stakeholder.objects.select_for_update(no_key=True).get(pk=stakeholder.pk)


def _add(
    work: UnitOfWork, stakeholder: Stakeholder, kind: str, address: str, *, origin: Origin = BY_HAND, position: int | None = None
) -> ContactPoint:
    normal = Point(kind, normalise(kind, address, field="address"))
    having = list(stakeholder.contact_points.all())
    there = next((point for point in having if Point(point.kind, point.address).key == normal.key), None)
    if there is not None and there.removed_at is None:
        raise Conflict("This entry has that address already.")
    if len([point for point in having if point.removed_at is None]) >= MOST_POINTS:
        raise Conflict(f"An entry has at most {MOST_POINTS} addresses: remove one first.")
    last = max((point.position + 1 for point in having if point.removed_at is None), default=0)
    if there is not None:
        bring_back([there.pk])
        ContactPoint.objects.filter(pk=there.pk).update(position=last if position is None else position)
        point = ContactPoint.objects.get(pk=there.pk)
    else:
        point = new_point(stakeholder, normal, position=last if position is None else position, now=work.now, origin=origin)
        point.save(force_insert=True)
        point.refresh_from_db()  # what was stopped for this address stands on it already
    body = {"contact_point": point.pk, "kind": kind, "verification": str(point.verification), "consent": point.consent_source or "none"}
    work.record("contact_point.added", subject=f"stakeholder:{stakeholder.public_id}", body=body)
    return point


def _remove(work: UnitOfWork, stakeholder: Stakeholder, point: ContactPoint) -> None:
    if point.removed_at is not None:
        return
    remove_points([point.pk], now=work.now)
    work.record(
        "contact_point.removed", subject=f"stakeholder:{stakeholder.public_id}", body={"contact_point": point.pk, "kind": point.kind}
    )
