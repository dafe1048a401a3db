"""Where a worker of the programme dies, and how it is hurried or misled. Only `faults.worker` installs this; the product has none of it.

`FAULT_TOKENS` names a folder with one file per death wished for, `EDGE.NUMBER`. A worker that comes to an edge takes one of its files and
kills itself with SIGKILL: so each edge is met exactly as often as there were files, whichever process comes by.
"""

import functools
import importlib
import os
import random
import signal
import threading
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta
from pathlib import Path
from types import ModuleType
from typing import Any

from notifications.rules import retry
from notifications.services import expand, rows, send, window
from notifications.transports.contract import Answer, Letter
from notifications.transports.smtp import SmtpTransport
from notifications.transports.webhooks import WebhookTransport

EDGES = {
    "planned_uncommitted": "a piece of the plan is written, its transaction still open",
    "planned": "a piece of the plan is committed",
    "claimed": "runs are claimed, nothing of them opened",
    "opened_uncommitted": "attempts are written, their transaction still open",
    "opened": "attempts are committed, nothing is on the wire",
    "midway": "some letters of a window are on the wire, none recorded",
    "sent": "a whole window is sent, nothing recorded",
    "recorded_uncommitted": "what came of a window is written, its transaction still open",
    "recorded": "what came of the last window is committed, the runs are still held",
    "let_go": "runs are given back, the message not looked at",
    "settling": "the message is marked as finished, its transaction still open",
    "swept_uncommitted": "a dead worker's letters are put back, the transaction still open",
    "swept": "a dead worker's letters are back in the queue",
}

_chance = random.Random(os.getpid())
_sweeping = threading.local()


RARE = frozenset({"settling", "swept_uncommitted", "swept"})
"""Workers come by so seldom that no occasion may be missed."""


def die(edge: str, odds: float = 1.0) -> None:
    """Ends this process if somebody wants a death at this edge, now and then at a later occasion: so deaths spread over a run."""
    folder = os.environ.get("FAULT_TOKENS")
    often = 1.0 if edge in RARE else odds * float(os.environ.get("FAULT_ODDS", "1"))
    if folder is None or _chance.random() > often:
        return
    for token in sorted(Path(folder).glob(f"{edge}.*")):
        try:
            token.unlink()
        except FileNotFoundError:
            continue
        os.kill(os.getpid(), signal.SIGKILL)


def left(folder: Path) -> list[str]:
    """Edges at which deaths are still outstanding."""
    return sorted({token.name.partition(".")[0] for token in folder.iterdir()})


def install() -> None:
    """Puts the edges, and the haste that the environment asks for, into this process."""
    # The package gives two of its functions the names of their modules.
    settle, sweep = (importlib.import_module(f"notifications.services.{name}") for name in ("settle", "sweep"))
    # A forked process must not repeat its parent's chances.
    os.register_at_fork(after_in_child=lambda: _chance.seed(os.getpid()))
    _put(expand, "_plan_piece", _marked(expand._plan_piece, after="planned_uncommitted"))
    _put(expand, "_close_plans", _marked(expand._close_plans, before="planned"))
    _put(rows, "claim", _marked(rows.claim, after="claimed"))
    _put(send, "open_window", _marked(window.open_window, after="opened_uncommitted"))
    _put(send, "_send_window", _marked(send._send_window, before="opened", after="sent"))
    _put(rows, "let_go", _marked(rows.let_go, before="recorded", after="let_go"))
    _put(settle, "counts_of", _marked(settle.counts_of, before="settling"))
    _put(rows, "close_attempts", _closing(rows.close_attempts))
    _put(sweep, "_free_lost", _sweep(sweep._free_lost))
    _put(SmtpTransport, "send", _midway(SmtpTransport.send))
    _hurry()


def _hurry() -> None:
    if seconds := os.environ.get("FAULT_LEASE"):
        _put(send, "lease_of", lambda transport: timedelta(seconds=max(float(seconds), 3 * transport.request_timeout)))
    if letters := os.environ.get("FAULT_WINDOW"):
        _put(SmtpTransport, "window", int(letters))
    if piece := os.environ.get("FAULT_PIECE"):
        _put(expand, "PIECE", int(piece))
    if waits := os.environ.get("FAULT_HOOK_WAITS"):
        _put(WebhookTransport, "waits", tuple(timedelta(seconds=float(wait)) for wait in waits.split()))
    if wait := os.environ.get("FAULT_FIRST_WAIT"):
        _put(retry, "FIRST_WAIT", timedelta(seconds=float(wait)))


def _put(place: ModuleType | type, name: str, what: object) -> None:
    getattr(place, name)  # Raises where the product no longer has it: an edge that is gone must not be passed over.
    setattr(place, name, what)


def _marked(real: Callable[..., Any], *, before: str = "", after: str = "") -> Callable[..., Any]:
    @functools.wraps(real)
    def marked(*args: Any, **kwargs: Any) -> Any:
        if before:
            die(before)
        answer = real(*args, **kwargs)
        # Where nothing was taken there was no edge.
        if after and answer not in ([], ([], 0)):
            die(after)
        return answer

    return marked


def _closing(real: Callable[..., set[int]]) -> Callable[..., set[int]]:
    @functools.wraps(real)
    def closing(groups: Sequence[Any]) -> set[int]:
        closed = real(groups)
        if closed:
            die("swept_uncommitted" if vars(_sweeping).get("now") else "recorded_uncommitted")
        return closed

    return closing


def _sweep(real: Callable[[], tuple[int, int]]) -> Callable[[], tuple[int, int]]:
    @functools.wraps(real)
    def sweeping() -> tuple[int, int]:
        vars(_sweeping)["now"] = True
        try:
            freed = real()
        finally:
            vars(_sweeping)["now"] = False
        if freed != (0, 0):
            die("swept")
        return freed

    return sweeping


def _midway(real: Callable[[SmtpTransport, Sequence[Letter], float], Iterator[Answer]]) -> Callable[..., Iterator[Answer]]:
    @functools.wraps(real)
    def send_some(self: SmtpTransport, letters: Sequence[Letter], until: float) -> Iterator[Answer]:
        answers: Any = real(self, letters, until)
        try:
            for answer in answers:
                die("midway", odds=0.1)
                yield answer
        finally:
            answers.close()

    return send_some
