"""The transaction every mutation runs in. Records are buffered and appended as its last statements."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime
from typing import Any

from django.db import OperationalError, connection, transaction

from audit.services.append import Record, append
from core.errors import Busy, is_busy

logger = logging.getLogger(__name__)
_buffer: ContextVar[list[Record] | None] = ContextVar("audit_buffer", default=None)


class UnitOfWork:
    """One use case in progress: who acts and when."""

    def __init__(self, *, actor: str, now: datetime, buffer: list[Record]) -> None:
        self.actor = actor
        self.now = now
        self._buffer = buffer

    def record(self, entry_type: str, *, subject: str, body: dict[str, Any], policy_version: int | None = None) -> None:
        """Buffers an entry. `body` must be plain JSON: strings, whole numbers, booleans, lists, objects."""
        self._buffer.append(
            Record(type=entry_type, at=self.now, actor=self.actor, subject=subject, policy_version=policy_version, body=body)
        )


@contextmanager
def unit_of_work(*, actor: str, now: datetime) -> Iterator[UnitOfWork]:
    """Opens the transaction, or joins the one of a calling service.

    The outermost unit appends everything at its end, after the deferred checks, which lock rows too: so the head of the log
    is always the last lock taken and units cannot deadlock on it. An inner unit that fails takes back its own records with its savepoint.
    Raises `Busy` where the database ends the whole for the sake of another transaction (a deadlock).
    """
    buffer = _buffer.get()
    if buffer is not None:
        mark = len(buffer)
        try:
            with transaction.atomic():
                yield UnitOfWork(actor=actor, now=now, buffer=buffer)
        except BaseException:
            del buffer[mark:]
            raise
        return
    buffer = []
    token = _buffer.set(buffer)
    try:
        with transaction.atomic():
            yield UnitOfWork(actor=actor, now=now, buffer=buffer)
            if buffer:
                _check_deferred()
                append(buffer)
    except OperationalError as error:
        if not is_busy(error):
            raise
        logger.warning("A unit of work was ended for another: %s", error)
        raise Busy from error
    finally:
        _buffer.reset(token)


def _check_deferred() -> None:
    """Makes the checks that would wait for the commit now, when the head of the log is not locked yet.

    A foreign key's check takes `FOR KEY SHARE` on the row referred to. Afterwards checks are deferred again, for a caller
    whose transaction goes on (PostgreSQL, SET CONSTRAINTS: every deferrable constraint here is initially deferred).
    """
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
