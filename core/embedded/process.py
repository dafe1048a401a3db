"""Starting and ending a server process of ours, and never leaving one behind."""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from core.embedded.account import Account
from core.embedded.errors import EmbeddedError

PR_SET_PDEATHSIG = 1  # prctl(2)


def _prctl() -> Callable[..., int] | None:
    if not sys.platform.startswith("linux"):
        return None
    with contextlib.suppress(OSError, AttributeError):
        found: Callable[..., int] = ctypes.CDLL(None, use_errno=True).prctl
        return found
    return None


# Looked up once: between fork and exec only the call itself may happen.
_PRCTL = _prctl()


def start(
    command: Sequence[str | Path],
    *,
    log: Path,
    ending: signal.Signals,
    account: Account | None = None,
    env: Mapping[str, str] | None = None,
    cwd: Path | str = "/",
) -> subprocess.Popen[bytes]:
    """Start a child in a process group of its own, appending its output to `log`.

    On Linux the kernel sends the child `ending` when we die, even by SIGKILL. Call it from a thread that lives as
    long as the program: the kernel watches that thread.
    """
    parent = os.getpid()
    prctl = _PRCTL

    def before_exec() -> None:
        if prctl is not None:
            prctl(PR_SET_PDEATHSIG, int(ending), 0, 0, 0)
            if os.getppid() != parent:  # the parent died between fork and prctl
                os._exit(1)

    with log.open("ab") as output:
        return subprocess.Popen(
            [str(part) for part in command],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env=None if env is None else dict(env),
            cwd=str(cwd),
            start_new_session=True,
            preexec_fn=before_exec,  # noqa: PLW1509 - it makes two system calls and takes no lock
            **(account or Account()).popen,
        )


def end(process: subprocess.Popen[bytes], *signals: tuple[signal.Signals, float]) -> None:
    """Send each signal in turn and wait its seconds, until the process has ended; at last SIGKILL to its group."""
    for number, seconds in signals:
        if process.poll() is not None:
            break
        process.send_signal(number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(seconds)
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait(10)


def wait_until(ready: Callable[[], bool], process: subprocess.Popen[bytes], *, name: str, log: Path, seconds: float = 30) -> None:
    """Return once `ready` says so. Raises EmbeddedError with the end of the log if the process ends or takes too long."""
    deadline = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None:
            raise EmbeddedError(f"{name} ended at once (status {process.returncode}). Its log, {log}, ends:\n{tail(log)}")
        if time.monotonic() > deadline:
            raise EmbeddedError(f"{name} was not ready within {seconds:.0f} s. Its log, {log}, ends:\n{tail(log)}")
        time.sleep(0.02)


def tail(log: Path, lines: int = 12) -> str:
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except OSError:
        return "(no log)"


def command_line(pid: int) -> str:
    """The command line of a running process, or an empty string where there is none or it cannot be read."""
    if Path("/proc/self/cmdline").exists():
        try:
            return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            return ""
    shown = subprocess.run(["ps", "-o", "command=", "-p", str(pid)], capture_output=True, text=True, check=False)
    return shown.stdout.strip()


def alive(pid: int) -> bool:
    """Whether a process with this number exists."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
