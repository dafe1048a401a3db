"""What must happen in time, whoever calls: every worker each two seconds, and beat through the broker.

Each tick claims its work from rows, so that any number of callers at once do it once.
"""

import logging
from collections.abc import Callable
from datetime import datetime

from django.db import close_old_connections

from approvals.services import claim_due_disputes, claim_ratification_steps, hold_other_times, run_due_schedules, run_slot_steps
from core.database_clock import database_now
from incidents.services.claim_due_steps import claim_due_steps
from incidents.services.dry_run import work_off_dry_runs
from incidents.services.reconsider import reconsider_due
from notifications.rules.states import Lane
from notifications.services import deliver_for, resume_stopped, sweep
from notifications.services.callbacks import apply_waiting_callbacks
from notifications.services.expand import expand_for
from notifications.services.fall_back import fall_back_for
from notifications.services.provider_events import forget_old_events
from notifications.services.upkeep import fold_counters, forget_old_paces
from stakeholders.services import forget_old_imports, run_verifications, work_off_imports
from stakeholders.services.run_escalations import run_escalations
from statuscomms.watch import watch
from statuspage.services import publish_if_needed, restore_kept_back
from templates.services import remind_of_expiry

logger = logging.getLogger(__name__)

# Deliveries come last and only for a moment, so that nobody's clock waits for ten thousand letters.
DELIVERING = 1.5
PLANNING = 1.0


def _deliver(now: datetime) -> int:
    del now
    return deliver_for(DELIVERING)


def _fold(now: datetime) -> int:
    del now
    return fold_counters()


TICKS: dict[str, Callable[[datetime], object]] = {
    # First, so that everything after it reads what the policy answers now.
    "reconsider incidents": lambda now: reconsider_due(now=now),
    "restore what was kept off the page": lambda now: restore_kept_back(now=now),
    "publish the page": lambda now: publish_if_needed(now=now),
    "scheduled releases": lambda now: run_due_schedules(now=now),
    "plans for another time": lambda now: hold_other_times(now=now),
    "review clocks": lambda now: run_slot_steps(now=now),
    "arbiters' deadlines": lambda now: claim_due_disputes(now=now),
    "ratifications": lambda now: claim_ratification_steps(now=now),
    "promises": lambda now: claim_due_steps(now=now),
    "escalations and drills": lambda now: run_escalations(now=now),
    "expiring holding statements": lambda now: remind_of_expiry(now=now),
    "imports": lambda now: work_off_imports(now=now),
    "confirmations": lambda now: run_verifications(now=now),
    "old imports": lambda now: forget_old_imports(now=now),
    "dry runs": lambda now: work_off_dry_runs(now=now),
    "plan deliveries": lambda now: expand_for(PLANNING, now=now),
    "sweep deliveries": lambda now: sweep(now=now),
    "what providers said": lambda now: apply_waiting_callbacks(now=now),
    "fall back": lambda now: fall_back_for(PLANNING, now=now),
    "forget old news of providers": lambda now: forget_old_events(now=now),
    "stopped messages": lambda now: resume_stopped(now=now),
    "fold counters": _fold,
    "forget old paces": lambda now: forget_old_paces(now=now),
    "look over the engine": lambda now: watch(now=now),
    "deliver": _deliver,
}


def run_ticks(now_fn: Callable[[], datetime] = database_now) -> bool:
    """Calls each tick; one that fails is logged and the others go on. Returns whether deliveries are left over.

    The time is the database's: a worker whose own clock is wrong lets nothing out early, and calls nothing late that is not.
    """
    close_old_connections()
    answers: dict[str, object] = {}
    for name, tick in TICKS.items():
        try:
            answers[name] = tick(now_fn())
        except Exception:  # whatever fails here must not keep the other clocks from running
            logger.exception("Tick failed: %s", name)
            close_old_connections()
    close_old_connections()
    return bool(answers.get("deliver"))


def run_first_lane() -> bool:
    """Sends what is due in the first lane, and nothing else. Returns whether there was something."""
    close_old_connections()
    try:
        return bool(deliver_for(DELIVERING, lanes=(int(Lane.FIRST),)))
    except Exception:  # the next round tries again; the other clocks do not depend on it
        logger.exception("The first lane failed")
        return False
    finally:
        close_old_connections()
