"""Until when readers were promised word, where an update promises nothing itself."""

from collections.abc import Collection
from datetime import datetime

from incidents.models import Update
from incidents.queries import open_promises


def promise_that_runs_on(update: Update, *, audiences: Collection[str], at: datetime) -> datetime | None:
    """When the promise falls due that a correction of `update.corrects` lets run (docs/decisions/0017); none for other updates.

    Only what all these readers were promised by an update, and still wait for.
    """
    if update.corrects_id is None or not audiences:
        return None
    running = open_promises(update.incident).filter(made_by__isnull=False, due_at__gt=at, untold__contains=sorted(audiences))
    return running.values_list("due_at", flat=True).first()
