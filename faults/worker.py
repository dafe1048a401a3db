"""A worker as in production, Celery with its processes, but for the failpoints and for the clock it is told to read.

`python -m faults.worker`, with Celery's own arguments. `FAULT_CLOCK` shifts the application's clock by so many seconds; the database's
clock, by which everything is due, is another machine's and stays right.
"""

import os
import sys
from datetime import timedelta

import django

import core.clock


def main(arguments: list[str]) -> None:
    """Runs until it is ended."""
    _shift(float(os.environ.get("FAULT_CLOCK", "0")))
    django.setup()
    # Both read settings, and modules that took the clock's function by its name.
    from faults import failpoints  # noqa: PLC0415 - see above
    from statuscomms.celery import app  # noqa: PLC0415 - see above

    failpoints.install()
    app.worker_main(["worker", *arguments])


def _shift(seconds: float) -> None:
    if seconds:
        right = core.clock.utc_now
        core.clock.utc_now = lambda: right() + timedelta(seconds=seconds)


if __name__ == "__main__":
    main(sys.argv[1:])
