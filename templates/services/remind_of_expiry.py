"""Tells, once, that an approval runs out."""

from datetime import datetime

from accounts.actors import system
from audit.services import unit_of_work
from core.events import publish
from templates.events import HoldingStatementExpiring
from templates.models import HoldingStatementVersion
from templates.rules.holding import REMIND_BEFORE, HoldingState, is_expired

AT_ONCE = 100


def remind_of_expiry(*, now: datetime) -> int:
    """Announces approved versions that expire within a fortnight, each once, however late; returns how many.

    Rows that another worker holds are passed over until the next tick.
    """
    with unit_of_work(actor=system("holding").ref, now=now) as work:
        due = list(
            HoldingStatementVersion.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
            .select_related("statement")
            .filter(state=HoldingState.APPROVED, expiry_told_at__isnull=True, expires_at__lte=now + REMIND_BEFORE)
            .order_by("expires_at", "pk")[:AT_ONCE]
        )
        for version in due:
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
        return len(due)
