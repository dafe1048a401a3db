"""Nudging workers. The rows in PostgreSQL are the queue; a nudge only saves the wait for the next poll."""

import threading
import time
from concurrent.futures import Future
from typing import Any

from celery import Task, current_app

PATIENCE = 0.4
"""Seconds that a nudge may take from the person whose act was just committed."""
REST = 2.0
"""Seconds for which nobody waits again for a broker that did not answer: by then the workers have polled."""


class BrokerSilent(Exception):
    """The broker did not take the nudge in time; the next poll does the work."""


class _Broker:
    """How the broker behaved last, as this process saw it."""

    silent_until = 0.0


def prepare() -> None:
    """Loads the client that the first nudge of a process needs, without asking the broker for anything.

    That takes up to a second, and whoever came first would wait for it.
    """
    with current_app.connection_for_write() as connection:
        connection.transport  # noqa: B018 - loaded when it is asked for


def nudge(task: Task[Any, Any]) -> None:
    """Enqueues `task` without arguments, giving up within half a second. Raises what went wrong, for the caller's log.

    On a thread of its own: redis-py tries again for many seconds, on a dead broker as on a silent one, and cannot be told not to.
    """
    if time.monotonic() < _Broker.silent_until:
        raise BrokerSilent(f"{task.name}: the broker did not answer a moment ago.")
    sent: Future[None] = Future()
    threading.Thread(target=_send, args=(task, sent), name="nudge", daemon=True).start()
    try:
        sent.result(PATIENCE)
    except TimeoutError:
        _Broker.silent_until = time.monotonic() + REST
        raise BrokerSilent(f"{task.name}: the broker does not answer.") from None


def _send(task: Task[Any, Any], sent: Future[None]) -> None:
    app = task.app
    try:
        with app.connection_for_write(transport_options=app.conf.broker_transport_options) as connection:
            app.send_task(task.name, connection=connection, retry=False, ignore_result=True, expires=task.expires)
    except Exception as error:  # noqa: BLE001 - whatever it is, it is handed to the thread that waits
        sent.set_exception(error)
    else:
        sent.set_result(None)
