"""Celery's consumer, which goes on replacing dead worker processes while the broker is away.

Celery mends its pool in its event loop, and that stands still for as long as the broker cannot be reached. Without this a worker
whose processes died meanwhile, for want of memory for instance, sends nothing until the broker is back: each process polls the rows
by itself (`statuscomms.poller`), but a dead one does not.
"""

from collections.abc import Callable
from typing import Any

from celery.worker.consumer import Consumer
from kombu import Connection


class MendingConsumer(Consumer):
    """Named in the setting `worker_consumer`."""

    def ensure_connected(self, conn: Connection) -> Connection:
        """Waits for the broker as Celery does, and looks after the pool about once a second while it waits."""
        connect = conn.ensure_connection

        def mending(errback: Any, max_retries: int, *, callback: Callable[[], None], **options: Any) -> Connection:
            def each_second() -> None:
                callback()
                self.pool.maintain_pool()

            return connect(errback, max_retries, callback=each_second, **options)

        # kombu tells of each second of waiting by a callback that only this call's arguments can give.
        vars(conn)["ensure_connection"] = mending
        return super().ensure_connected(conn)
