"""A database restored from a backup, or copied, sends nothing until a person has looked: it would send again what went out long ago.

Beside the database stands a file with the installation's marker, the highest length of the log that was seen and the last attempt to
send. What gives a restored or copied database away: the file is missing or another's, the server or its timeline is another, or the log is
shorter than it was, or attempts are missing: a batch is one entry of the log, but a backup may be of its middle.
"""

import json
import logging
import os
import tempfile
import threading
import time
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from django.conf import settings
from django.db import connection, transaction

from accounts.actors import Actor, ActorKind, system
from accounts.rules.roles import Permission
from audit.queries import log_size
from audit.services import unit_of_work
from core.errors import InvalidInput
from notifications.models import Installation
from notifications.services.fall_back import wait_anew

ACTOR = system("guard")
LOOK_EVERY = 2.0
_ALONE = 0x5C0DE1
_LAST = (
    "SELECT coalesce(greatest((SELECT max(id) FROM notifications_deliveryattempt), (SELECT max(id) FROM notifications_windowattempt)), 0)"
)
logger = logging.getLogger(__name__)
_looked: dict[str, tuple[float, bool]] = {}
_lock = threading.Lock()


@dataclass(frozen=True, slots=True)
class Beside:
    """What the file says."""

    marker: str
    log: int
    attempt: int = 0


def may_send(now_fn: Callable[[], datetime]) -> bool:
    """Whether this database is the one that sent before. Looked at every two seconds; always, where no file is configured."""
    path = str(settings.INSTALLATION_FILE or "")
    if not path:
        return True
    with _lock:
        at, armed = _looked.get(path, (0.0, False))
        if not at or time.monotonic() - at > LOOK_EVERY:
            armed = look(now=now_fn())
            _looked[path] = (time.monotonic(), armed)
    return armed


def look(*, now: datetime) -> bool:
    """Compares database and file, disarms where they disagree, and keeps the file up to date. Returns whether sending is armed."""
    path = Path(settings.INSTALLATION_FILE)
    row, beside = _both(path)
    log, attempt = log_size(), _last_attempt()
    if row is None or beside is None or _disagreement(row, beside, log, attempt):
        return not _settled(path, now) and not Installation.objects.filter(pk=1, disarmed_at__isnull=False).exists()
    if row.disarmed_at is not None:
        return False
    if (now_is := Beside(beside.marker, log, attempt)) != beside:
        _write(path, now_is)
    return True


def _settled(path: Path, now: datetime) -> str:
    """Looks again while nobody else does, for another process may be at its first start. Disarms, and returns why, where it stays so."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_ALONE])
        row, beside = _both(path)
        if row is None and beside is None:
            # The first start of a new installation.
            row = Installation.objects.create(pk=1, server=_server())
            _write(path, _as_it_is(str(row.marker)))
            return ""
        why = _disagreement(row, beside, log_size(), _last_attempt())
        if why:
            Installation.objects.get_or_create(pk=1, defaults={"server": _server()})
            _disarm(why, now)
        return why


def _both(path: Path) -> tuple[Installation | None, Beside | None]:
    return Installation.objects.filter(pk=1).first(), _read(path)


def arm(*, actor: Actor, now: datetime, reason: str) -> Installation:
    """A person says that this database is the one to send from. Raises `InvalidInput` without a reason, `Forbidden`, `StepUpRequired`."""
    with unit_of_work(actor=actor.ref, now=now) as work:
        actor.require(Permission.CHANNEL_WRITE)
        # Whoever starts a command on the machine has the database in hand already.
        user = None if actor.kind is ActorKind.SYSTEM else actor.require_step_up(now)
        if not reason.strip():
            raise InvalidInput("Say why it may send.")
        row, _ = Installation.objects.get_or_create(pk=1, defaults={"server": _server()})
        row = Installation.objects.select_for_update(no_key=True).get(pk=1)
        row.marker, row.server = uuid.uuid4(), _server()
        row.disarmed_at, row.disarmed_reason, row.armed_by, row.armed_at = None, "", user, now
        row.save()
        wait_anew()
        work.record("sending.armed", subject="sending", body={"reason": reason.strip()})
        if settings.INSTALLATION_FILE:
            # Written before the commit: should that fail, database and file disagree, and nothing is sent.
            _write(Path(settings.INSTALLATION_FILE), _as_it_is(str(row.marker)))
            _looked.clear()
        return row


def _disagreement(row: Installation | None, beside: Beside | None, log: int, attempt: int) -> str:
    """Why this cannot be the database that sent before, as it stands since the file was read; empty when it can."""
    if row is None:
        return "the file beside the database belongs to another installation" if beside else "nothing is known of this installation yet"
    if beside is None:
        return "the file that belongs beside this database is missing: it was copied, or moved without it"
    if beside.marker != str(row.marker):
        return "the file beside the database belongs to another installation"
    if row.server != _server():
        return "it runs on another server, or was recovered to an earlier time"
    return _missing(beside, log, attempt)


def _missing(beside: Beside, log: int, attempt: int) -> str:
    if beside.log > log:
        return "its log is shorter than it was: an older backup was restored"
    if beside.attempt > attempt:
        return "attempts to send are missing that were made: an older backup was restored"
    return ""


def _as_it_is(marker: str) -> Beside:
    return Beside(marker, log_size(), _last_attempt())


def _last_attempt() -> int:
    """One sequence numbers attempts of their own and those that a window holds for many."""
    with connection.cursor() as cursor:
        cursor.execute(_LAST)
        return int(cursor.fetchone()[0])


def _disarm(why: str, now: datetime) -> None:
    logger.error("Sending is disarmed: %s", why)
    with unit_of_work(actor=ACTOR.ref, now=now) as work:
        changed = Installation.objects.filter(pk=1, disarmed_at__isnull=True).update(disarmed_at=now, disarmed_reason=why)
        if changed:
            work.record("sending.disarmed", subject="sending", body={"reason": why})


def _server() -> str:
    with connection.cursor() as cursor:
        cursor.execute("SELECT s.system_identifier || '/' || c.timeline_id FROM pg_control_system() s, pg_control_checkpoint() c")
        return str(cursor.fetchone()[0])


def _read(path: Path) -> Beside | None:
    try:
        found = json.loads(path.read_text())
        return Beside(str(found["marker"]), int(found["log"]), int(found.get("attempt", 0)))
    except FileNotFoundError:
        return None
    except (ValueError, KeyError, TypeError):
        return Beside("", 0)


def _write(path: Path, beside: Beside) -> None:
    """Whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    with os.fdopen(handle, "w") as file:
        json.dump({"marker": beside.marker, "log": beside.log, "attempt": beside.attempt}, file)
        file.flush()
        os.fsync(file.fileno())
    Path(name).replace(path)
