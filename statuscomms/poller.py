"""The thread in every worker process that calls the ticks without the broker, every two seconds.

Workers have been seen deaf after a broker came back (celery issues 8030, 10205, 4296); rows must not wait for that.
"""

import logging
import os
import threading
from typing import Any

from django.db import connection

from statuscomms.ticks import run_ticks

INTERVAL = 2.0
# Longer than one window of sends usually takes: an orderly end leaves nothing ambiguous.
PATIENCE = 20.0

logger = logging.getLogger(__name__)


class Poller:
    """One thread. `stop` lets the round in progress finish."""

    def __init__(self, interval: float = INTERVAL) -> None:
        self._interval = interval
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
                if not run_ticks():
                    self._ending.wait(self._interval)
        finally:
            connection.close()


_pollers: list[Poller] = []


def start_polling(**_signal: Any) -> None:
    """For Celery's `worker_process_init`: this process polls from now on, whether or not there is a broker."""
    poller = Poller()
    _pollers.append(poller)
    poller.start()
    logger.info("Polling every %s s", INTERVAL)


def stop_polling(**_signal: Any) -> None:
    """For Celery's `worker_process_shutdown`."""
    while _pollers:
        _pollers.pop().stop()
