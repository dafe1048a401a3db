"""`run.py manage`: a management command against a demo's data, whether that demo runs at the moment or not."""

import subprocess
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from core.embedded.services import persistent
from tools import environment, state
from tools.places import ROOT, SetupError


def manage(data: Path, command: Sequence[str]) -> int:
    """Run it and return its exit status. Only the command writes to standard output. Raises SetupError, EmbeddedError."""
    data = data.resolve()
    before = state.load(data)
    if before is None:
        raise SetupError(f"There is no demo in {data}: start one with `python3 run.py demo --data {data}`.")
    made = environment.demo()
    with state.claimed(data) as ours:
        if ours:
            with persistent(data, site_packages=made.site_packages, logs=data / "logs") as services:
                now = replace(before, database_url=services.database_url, redis_url=services.redis_url)
                return _run(made.python, data, now, command)
    now = state.load(data) or before
    if not now.database_url:
        raise SetupError(f"The demo in {data} is just starting or stopping: try again in a moment.")
    return _run(made.python, data, now, command)


def _run(python: Path, data: Path, now: state.State, command: Sequence[str]) -> int:
    # In the caller's own folder: a file named on the command line is meant relative to that.
    child = subprocess.Popen([python, ROOT / "manage.py", *command], env=state.environment(data, now))
    while True:
        try:
            return child.wait()
        except KeyboardInterrupt:
            # Ctrl-C reached the command as well; it decides when it ends.
            continue
