"""Nudging workers. The rows in PostgreSQL are the queue; a nudge only saves the wait for the next poll."""

from typing import Any

from celery import Task

# A dead or silent broker must not hold up the person whose act was just committed.
_PATIENCE = {"socket_connect_timeout": 0.4, "socket_timeout": 0.4, "retry_on_timeout": False}


def nudge(task: Task[Any, Any]) -> None:
    """Enqueues `task` without arguments, giving up within half a second. Raises the broker's error, for the caller's log."""
    app = task.app
    with app.connection_for_write(transport_options=app.conf.broker_transport_options | _PATIENCE) as connection:
        app.send_task(task.name, connection=connection, retry=False, ignore_result=True, expires=task.expires)
