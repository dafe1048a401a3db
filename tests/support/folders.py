"""Folders that another account can reach: pytest closes its own to everyone else."""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def open_to_nobody() -> Iterator[Path]:
    """A temporary folder that the *nobody* of root's servers reaches too."""
    with tempfile.TemporaryDirectory(prefix="open-") as name:
        folder = Path(name)
        folder.chmod(0o755)
        yield folder.resolve()
