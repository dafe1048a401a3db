"""One PostgreSQL server on Unix sockets only."""

import contextlib
import locale
import os
import signal
import subprocess
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from core.embedded.account import Account, bare_environment
from core.embedded.binaries import PostgresPrograms
from core.embedded.errors import EmbeddedError
from core.embedded.process import command_line, end, start, tail, wait_until

NAME = "statuscomms"  # of the database and of its superuser
PORT = 5432  # names the socket file; nothing listens on TCP
# For data that nobody misses: https://www.postgresql.org/docs/current/non-durability.html
THROW_AWAY = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off", "wal_level": "minimal", "max_wal_senders": "0"}
# Tests that show a deadlock wait for its end.
THROW_AWAY |= {"deadlock_timeout": "100ms"}


@dataclass(slots=True)
class PostgreSQL:
    """A server over `data`, made on first start. `sockets` must be short: a socket's path ends at about 100 bytes.

    Whoever reaches the socket is trusted: `sockets` is closed to everyone but the account (and root).
    """

    programs: PostgresPrograms
    account: Account
    data: Path
    sockets: Path
    log: Path
    durable: bool = True
    _process: subprocess.Popen[bytes] | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Understood by libpq and by django-environ alike."""
        return f"postgresql://{NAME}@/{NAME}?host={quote(str(self.sockets), safe='/')}&port={PORT}"

    @property
    def pid(self) -> int | None:
        return self._process.pid if self._process and self._process.poll() is None else None

    def start(self) -> None:
        """Make the data folder if it is not there yet, and start. Raises EmbeddedError."""
        if not (self.data / "PG_VERSION").is_file():
            self._initialise()
        self._clear_leftover()
        options = {"listen_addresses": "", "unix_socket_directories": str(self.sockets), "unix_socket_permissions": "0700"}
        options |= {"port": str(PORT), "timezone": "UTC", "log_timezone": "UTC", "max_connections": "200"}
        if not self.durable:
            options |= THROW_AWAY
        # Fast shutdown (SIGINT) if we die: PostgreSQL's SIGTERM would wait for every client to leave.
        self._process = start(
            [self.programs.folder / "postgres", "-D", self.data, *_as_options(options)],
            log=self.log, ending=signal.SIGINT, account=self.account, env=bare_environment(), cwd=self.data,
        )  # fmt: skip
        wait_until(self._ready, self._process, name="PostgreSQL", log=self.log, seconds=120)

    def stop(self) -> None:
        """End every session, write a checkpoint and stop; throw-away data is abandoned without one."""
        if self._process is not None:
            first = (signal.SIGINT, 20.0) if self.durable else (signal.SIGQUIT, 5.0)
            end(self._process, first, (signal.SIGQUIT, 10.0))
            self._process = None

    def crash(self) -> None:
        """End every session at once, without a checkpoint, as if the machine had stopped; `start` recovers what was committed."""
        if self._process is not None:
            end(self._process, (signal.SIGQUIT, 10.0))
            self._process = None

    def _initialise(self) -> None:
        self.account.own(self.data)
        made = subprocess.run(
            [
                self.programs.folder / "initdb", "-D", self.data, "-U", NAME, "-A", "trust", "-E", "UTF8",
                f"--locale={_utf8_locale()}", "--no-instructions", *([] if self.durable else ["--no-sync"]),
            ],
            cwd="/", env=bare_environment(), capture_output=True, text=True, check=False, **self.account.popen,
        )  # fmt: skip
        if made.returncode:
            raise EmbeddedError(f"PostgreSQL could not prepare {self.data}:\n{made.stderr.strip()}")
        # Single-user mode needs neither a client program nor a driver.
        options = {"log_checkpoints": "off"} | ({} if self.durable else THROW_AWAY)
        made = subprocess.run(
            [self.programs.folder / "postgres", "--single", "-D", self.data, *_as_options(options), "postgres"],
            input=f"CREATE DATABASE {NAME};\n",
            cwd="/", env=bare_environment(), capture_output=True, text=True, check=False, **self.account.popen,
        )  # fmt: skip
        if made.returncode or "ERROR" in made.stderr:
            raise EmbeddedError(f"PostgreSQL could not make its database in {self.data}:\n{made.stderr.strip()}")

    def _status(self) -> list[str]:
        """The lines of postmaster.pid: 1 process number, 8 state (src/include/utils/pidfile.h)."""
        try:
            return (self.data / "postmaster.pid").read_text().splitlines()
        except OSError:
            return []

    def _ready(self) -> bool:
        lines = self._status()
        return self._process is not None and len(lines) >= 8 and lines[0].strip() == str(self._process.pid) and lines[7].strip() == "ready"

    def _clear_leftover(self) -> None:
        """Stop a server that an earlier start left on this folder, and drop the mark of one that is no more.

        PostgreSQL itself would refuse to start where another program has been given the dead server's process number.
        """
        lines = self._status()
        if not lines or not lines[0].strip().isdigit():
            return
        pid, deadline = int(lines[0]), time.monotonic() + 20
        while str(self.data) in command_line(pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGINT if time.monotonic() < deadline - 10 else signal.SIGQUIT)
            if time.monotonic() > deadline:
                raise EmbeddedError(
                    f"Another PostgreSQL (process {pid}) holds {self.data} and does not stop: end it first.\n{tail(self.log)}"
                )
            time.sleep(0.1)
        (self.data / "postmaster.pid").unlink(missing_ok=True)


def _as_options(options: dict[str, str]) -> list[str]:
    return [part for name, value in options.items() for part in ("-c", f"{name}={value}")]


def _utf8_locale() -> str:
    """`C.UTF-8` where the system has it, so that letters beyond ASCII have upper and lower case; else plain `C`."""
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, "C.UTF-8")
    except locale.Error:
        return "C"
    finally:
        locale.setlocale(locale.LC_CTYPE, before)
    return "C.UTF-8"
