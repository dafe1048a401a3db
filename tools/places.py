"""Where things lie in a checkout, and one way to speak to the person at the terminal."""

import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
TOOLS = ROOT / ".tools"


class SetupError(RuntimeError):
    """Nothing can be started; the message says why and names one thing to do about it."""


def say(text: str) -> None:
    """Tell what is going on, on standard error: standard output belongs to the command that was asked for."""
    print(text, file=sys.stderr, flush=True)
