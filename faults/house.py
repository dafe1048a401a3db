"""The servers of a run: PostgreSQL and Valkey of its own, with full durability, for a database that forgets proves nothing.

Imported before Django is ready, so that the settings read the addresses from here.
"""

import os
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from core.embedded.services import Services, persistent


@contextmanager
def house(data: Path | None = None) -> Iterator[Services]:
    """Running servers over a folder that is gone afterwards, or over `data`, which is kept: the next run need not migrate again."""
    with tempfile.TemporaryDirectory(prefix="statuscomms-faults-") as name:
        Path(name).chmod(0o755)
        with persistent(data or Path(name, "data"), environ={}) as services:
            os.environ["DATABASE_URL"], os.environ["REDIS_URL"] = services.database_url, services.redis_url
            yield services
