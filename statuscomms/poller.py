"""The thread in every worker process that calls the ticks without the broker, every two seconds.

Workers have been seen deaf after a broker came back (celery issues 8030, 10205, 4296); rows must not wait for that.
"""

import logging
import os
import threading
from collections.abc import Callable
from typing import Any

from django.db import connection

from statuscomms.ticks import run_first_lane, run_ticks

INTERVAL = 2.0
# The first lane has a thread of its own in every process, with its own connections: whatever holds up the others, it does not wait.
FIRST_LANE_INTERVAL = 0.5
# Longer than one window of sends usually takes: an orderly end leaves nothing ambiguous.
PATIENCE = 20.0

logger = logging.getLogger(__name__)


class Poller:
    """One thread. `stop` lets the round in progress finish. `run` says whether there is more to do at once."""

    def __init__(self, interval: float = INTERVAL, run: Callable[[], bool] | None = None) -> None:
        self._interval = interval
        self._round = run or run_ticks
        self._ending = threading.Event()
        self._parent = os.getppid()
        self._thread = threading.Thread(target=self._run, name="poller", daemon=True)

    def start(self) -> None:
        """Begins polling."""
        self._thread.start()

    def stop(self) -> None:
        """Ends polling after the round in progress."""
        self._ending.set()
        self._thread.join(PATIENCE)

    def _run(self) -> None:
        try:
            while not self._ending.is_set() and os.getppid() == self._parent:
                if not self._round():
                    self._ending.wait(self._interval)
        finally:
            connection.close()


_pollers: list[Poller] = []


def start_polling(**_signal: Any) -> None:
    """For Celery's `worker_process_init`: this process polls from now on, whether or not there is a broker."""
    _pollers.extend((Poller(), Poller(FIRST_LANE_INTERVAL, run_first_lane)))
    for poller in _pollers:
        poller.start()
    logger.info("Polling every %s s", INTERVAL)


def stop_polling(**_signal: Any) -> None:
    """For Celery's `worker_process_shutdown`."""
    while _pollers:
        _pollers.pop().stop()
