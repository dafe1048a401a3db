"""`run.py faults`: the fault programme, on servers of its own."""

import os
import subprocess
from collections.abc import Sequence

from tools import environment
from tools.places import ROOT


def faults(arguments: Sequence[str]) -> int:
    """Play the scenarios named, or all; returns the exit status, 1 when a rule was broken."""
    made = environment.demo()
    # Servers that somebody's environment names are not for breaking: the programme starts its own.
    env = {name: value for name, value in os.environ.items() if name not in {"DATABASE_URL", "REDIS_URL"}}
    return subprocess.run([made.python, "-m", "faults", *arguments], cwd=ROOT, env=env | {"PYTHONPATH": str(ROOT)}, check=False).returncode
