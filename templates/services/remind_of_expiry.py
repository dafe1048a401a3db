"""Tells, once, that an approval runs out."""

from datetime import datetime
from functools import partial

from django.db.models import QuerySet

from accounts.actors import system
from audit.services import unit_of_work
from core.events import publish
from core.one_by_one import one_by_one
from templates.events import HoldingStatementExpiring
from templates.models import HoldingStatementVersion
from templates.rules.holding import REMIND_BEFORE, HoldingState, is_expired

ACTOR = system("holding")
AT_ONCE = 100


def remind_of_expiry(*, now: datetime) -> int:
    """Announces approved versions that expire within a fortnight, each once, however late; returns how many.

    Each in a transaction of its own. Rows that another worker holds are passed over until the next tick.
    """
    due = list(_due(now).order_by("expires_at", "pk").values_list("pk", flat=True)[:AT_ONCE])
    return one_by_one(due, partial(_tell, now=now), what="The expiry of version")


def _due(now: datetime) -> "QuerySet[HoldingStatementVersion]":
    approved = HoldingStatementVersion.objects.filter(state=HoldingState.APPROVED, expiry_told_at__isnull=True)
    return approved.filter(expires_at__lte=now + REMIND_BEFORE)


def _tell(pk: int, *, now: datetime) -> bool:
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        claimed = _due(now).select_for_update(of=("self",), skip_locked=True, no_key=True).select_related("statement")
        version = claimed.filter(pk=pk).first()
        if version is None:
            return False
        if version.expires_at is None:
            raise RuntimeError(f"Approved version {version.pk} has no expiry.")
        version.expiry_told_at = now
        version.save(update_fields=["expiry_told_at"])
        expired = is_expired(expires_at=version.expires_at, now=now)
        work.record(
            "holding.expiring",
            subject=f"holding:{version.statement.public_id}",
            body={"version": version.number, "expires_at": version.expires_at.isoformat(), "expired": expired},
        )
        publish(
            HoldingStatementExpiring(
                version_id=version.pk, statement_id=version.statement_id, expires_at=version.expires_at, expired=expired, at=now
            )
        )
        return True
