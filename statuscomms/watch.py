"""Once a minute: the engine and the age of the public page are looked over, and an outside watch is told only when all is well."""

import logging
from datetime import datetime, timedelta

from django.conf import settings

from core.outbound import AddressRefused, Lost, Outbound, Unsent
from notifications.services.auditor import is_due, note_problems, problems_found
from notifications.services.send import lease_of
from notifications.transports.registry import TRANSPORTS
from statuspage.models import PageState

# The page is confirmed every 60 s, changed or not.
PAGE_PATIENCE = timedelta(minutes=5)
HEARTBEAT_SECONDS = 5.0
logger = logging.getLogger(__name__)


def watch(*, now: datetime) -> list[str] | None:
    """What is wrong, in words; `None` where somebody looked less than a minute ago."""
    if not is_due():
        return None
    lease = max(lease_of(made()) for made in TRANSPORTS.values())
    problems = [*problems_found(lease=lease), *_page(now)]
    note_problems(problems)
    for problem in problems:
        logger.error("Found by the auditor: %s", problem)
    if not problems and settings.HEARTBEAT_URL:
        _beat(settings.HEARTBEAT_URL)
    return problems


def _page(now: datetime) -> list[str]:
    state = PageState.objects.first()
    if state is None or state.shown_at is None or now - state.shown_at <= PAGE_PATIENCE:
        return []
    return [f"the public page was last put live {int((now - state.shown_at).total_seconds())} s ago"]


def _beat(url: str) -> None:
    """A call that fails is the outside watch's to notice."""
    out = Outbound(timeout=HEARTBEAT_SECONDS, connections=1)
    try:
        reply = out.run(out.exchange("GET", url))
        if reply.status >= 400:
            logger.warning("The outside watch answers %d", reply.status)
    except (AddressRefused, Lost, Unsent) as error:
        logger.warning("The outside watch cannot be told: %s", type(error).__name__)
    finally:
        out.close()
