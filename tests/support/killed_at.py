"""A worker that is killed at one step of sending, as by the kernel: `python -m tests.support.killed_at STEP` in a process of its own.

Nothing of it is cleaned up: no exception runs, no connection is closed in order. The environment names database and mail server.
"""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

import django

STEPS = {
    "after the claim": ("notifications.services.send", "open_window", "before"),
    "attempts written and not committed": ("notifications.services.send", "open_window", "after"),
    "attempts committed and nothing sent": ("notifications.services.send", "_send_window", "before"),
    "in the middle of the window": ("notifications.transports.smtp_pipe", "Pipe._hand_over", "third"),
    "all sent and nothing recorded": ("notifications.services.send", "_send_window", "after"),
    "recorded and not committed": ("notifications.services.rows", "close_attempts", "after"),
    "all recorded and the run not given back": ("notifications.services.rows", "let_go", "before"),
    "the run given back and the message not closed": ("notifications.services.send", "settle", "before"),
}

FALLING_BACK = {
    "fallbacks written and not committed": ("notifications.services.fall_back", "_run", "after"),
    "a piece of fallbacks committed": ("notifications.services.fall_back", "_one_piece", "after"),
}


def _killed(*_: Any, **__: Any) -> None:
    os.kill(os.getpid(), signal.SIGKILL)


def _around(real: Callable[..., Any], when: str) -> Callable[..., Any]:
    calls = 0

    def step(*args: Any, **kwargs: Any) -> Any:
        nonlocal calls
        calls += 1
        if when == "before":
            _killed()
        answer = real(*args, **kwargs)
        # `close_attempts` is called before anything was sent too, with nothing to write down.
        wrote = real.__name__ != "close_attempts" or bool(args[0])
        if (when == "after" and wrote) or (when == "third" and calls == 3):
            _killed()
        return answer

    return step


def main(name: str) -> None:
    """Sends until the step is reached."""
    django.setup()
    module, path, when = {**STEPS, **FALLING_BACK}[name]
    holder: Any = __import__(module, fromlist=["_"])
    *outer, function = path.split(".")
    for part in outer:
        holder = getattr(holder, part)
    setattr(holder, function, _around(getattr(holder, function), when))
    from notifications.services import claim_and_send  # noqa: PLC0415 - Django has to be ready

    if name in FALLING_BACK:
        from core.database_clock import database_now  # noqa: PLC0415
        from notifications.services.fall_back import fall_back_for  # noqa: PLC0415

        fall_back_for(60, now=database_now())
    while claim_and_send():
        pass


if __name__ == "__main__":
    main(sys.argv[1])
