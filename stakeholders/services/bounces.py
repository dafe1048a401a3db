"""What providers say of addresses later: could not be delivered for now, was delivered after all."""

from collections.abc import Collection
from datetime import datetime

from accounts.actors import Actor
from accounts.rules.roles import Permission
from audit.services import unit_of_work
from stakeholders.models import ContactPoint
from stakeholders.rules.bounces import is_broken
from stakeholders.rules.kinds import SuppressionKind
from stakeholders.services.stop_writing import suppress_contact_point

# What a small integer of the database holds.
_MOST = 32767


def record_soft_bounce(*, actor: Actor, now: datetime, contact_point: ContactPoint, detail: str = "") -> ContactPoint:
    """One more failure that may pass by itself: a full mailbox, a telephone switched off.

    The address goes on the review list; after five in a row over three days it is suppressed as bounced. Only that is
    written to the log: `detail` (no address in it) becomes its reason.
    """
    with unit_of_work(actor=actor.ref, now=now):
        actor.require(Permission.STAKEHOLDER_WRITE)
        locked = ContactPoint.objects.select_for_update(no_key=True).get(pk=contact_point.pk)
        if locked.suppressed_at is not None:
            return locked
        locked.bad_since = locked.bad_since or now
        locked.soft_bounces = min(locked.soft_bounces + 1, _MOST)
        locked.save(update_fields=["bad_since", "soft_bounces"])
        if is_broken(soft_bounces=locked.soft_bounces, bad_since=locked.bad_since, now=now):
            reason = f"bounced {locked.soft_bounces} times since {locked.bad_since:%Y-%m-%d}{': ' if detail else ''}{detail}"
            return suppress_contact_point(actor=actor, now=now, contact_point=locked, reason=reason, kind=SuppressionKind.BOUNCE)
        return locked


def record_delivered(*, contact_points: Collection[int]) -> int:
    """What arrived ends the row of soft bounces. One statement that touches only addresses with such a row; returns how many."""
    return ContactPoint.objects.filter(pk__in=contact_points, bad_since__isnull=False).update(bad_since=None, soft_bounces=0)
