"""Two who meet over two real connections, or of whom one waits at a lock: seen in the database, so nobody waits by the clock."""

import threading
import time
from collections.abc import Callable
from typing import Any

import pytest
from django.db import connection

# Seconds after which the other will not come by; long before that it has come or stands at a lock.
MEET = 5.0
GLANCE = 0.02


def somebody_waits_at_a_lock() -> bool:
    """Whether a session of this database does so now."""
    with connection.cursor() as cursor:
        # Within a transaction the list of sessions is looked up once otherwise.
        cursor.execute("SELECT pg_stat_clear_snapshot()")
        cursor.execute(
            "SELECT EXISTS (SELECT FROM pg_locks JOIN pg_stat_activity USING (pid) WHERE NOT granted AND datname = current_database())"
        )
        row = cursor.fetchone()
    return bool(row and row[0])


def comes(event: threading.Event) -> bool:
    """Waits for the event; False as soon as somebody waits at a lock instead, or after `MEET`."""
    deadline = time.monotonic() + MEET
    while time.monotonic() < deadline:
        if event.wait(GLANCE):
            return True
        if somebody_waits_at_a_lock():
            return event.is_set()
    return False


class Person(threading.Thread):
    """Does one thing over a connection of their own; `error` is how it was refused."""

    def __init__(self, act: Callable[[], object]) -> None:
        super().__init__(daemon=True)
        self._act = act
        self.error: Exception | None = None
        self.answer: object = None
        self.start()

    def run(self) -> None:
        try:
            self.answer = self._act()
        except Exception as error:  # noqa: BLE001 - whatever it is, the test looks at it
            self.error = error
        finally:
            connection.close()

    def is_stuck(self) -> bool:
        """Whether this comes to stand at a lock instead of getting done. Ask it where nobody else does anything."""
        deadline = time.monotonic() + MEET
        while time.monotonic() < deadline:
            self.join(GLANCE)
            if not self.is_alive():
                return False
            if somebody_waits_at_a_lock():
                return True
        return True

    def done(self) -> Exception | None:
        self.join(20)
        assert not self.is_alive()
        return self.error


class Meeting:
    """Where two meet if they can; who sees that the other stands at a lock goes on alone."""

    def __init__(self) -> None:
        self._door = threading.Condition()
        self._there = 0
        self._over = False
        self.met = False

    def wait(self) -> None:
        deadline = time.monotonic() + MEET
        with self._door:
            self._there += 1
            if self._there == 2 and not self._over:
                self.met = self._over = True
                self._door.notify_all()
            while not self._over:
                self._door.wait(GLANCE)
                if somebody_waits_at_a_lock() or time.monotonic() > deadline:
                    self._over = True


def meet_after(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> Meeting:
    """Lets two callers of `name` meet right after it has looked."""
    look, meeting = getattr(module, name), Meeting()

    def looked(*args: Any, **kwargs: Any) -> Any:
        seen = look(*args, **kwargs)
        meeting.wait()
        return seen

    monkeypatch.setattr(module, name, looked)
    return meeting


def meet_before(monkeypatch: pytest.MonkeyPatch, module: object, name: str) -> Meeting:
    """Lets two callers of `name` meet right before it does anything."""
    act, meeting = getattr(module, name), Meeting()

    def met(*args: Any, **kwargs: Any) -> Any:
        meeting.wait()
        return act(*args, **kwargs)

    monkeypatch.setattr(module, name, met)
    return meeting
