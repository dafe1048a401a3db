"""`run.py bench`: the measurements, with durable servers of their own."""

import os
import subprocess
import tempfile
from collections.abc import Sequence
from pathlib import Path

from core.embedded.services import persistent
from tools import environment
from tools.places import ROOT


def bench(names: Sequence[str]) -> int:
    """Run the measurements named, or all; returns the exit status."""
    made = environment.demo()
    # Full durability, as in production: a faster number that a power cut would take back proves nothing.
    with tempfile.TemporaryDirectory(prefix="statuscomms-bench-") as folder:
        Path(folder).chmod(0o755)
        with persistent(Path(folder), site_packages=made.site_packages) as services:
            env = os.environ | {"DATABASE_URL": services.database_url, "REDIS_URL": services.redis_url, "PYTHONPATH": str(ROOT)}
            return subprocess.run([made.python, "-m", "bench", *names], cwd=ROOT, env=env, check=False).returncode
