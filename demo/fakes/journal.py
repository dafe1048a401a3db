"""What a provider accepted, written down before its client hears of it. The journal is what counts, never the sender's own tables."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Taken:
    """One message accepted. `key` is the sender's own name for it where the protocol carries one; `id` is the provider's."""

    provider: str
    to: str
    id: str
    key: str = ""
    title: str = ""
    text: str = ""
    extra: dict[str, Any] = field(default_factory=dict)
    at: float = field(default_factory=time.time)


class Journal:
    """In memory, and with `path` one JSON line each, on the disk before `take` returns. `heard` is told of each afterwards."""

    def __init__(self, path: Path | None = None) -> None:
        self.taken: list[Taken] = []
        self.heard: Callable[[Taken], None] | None = None
        self._lock = threading.Lock()
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644) if path else None

    def take(self, *accepted: Taken) -> None:
        with self._lock:
            self.taken.extend(accepted)
            if self._file is not None:
                os.write(self._file, b"".join(json.dumps(asdict(taken)).encode() + b"\n" for taken in accepted))
                os.fsync(self._file)
        if self.heard is not None:
            for taken in accepted:
                self.heard(taken)

    def of(self, provider: str) -> list[Taken]:
        """What that provider accepted, oldest first."""
        with self._lock:
            return [taken for taken in self.taken if taken.provider == provider]


def read_journal(path: Path) -> list[Taken]:
    """Everything that was kept there, oldest first."""
    return [Taken(**json.loads(line)) for line in path.read_text().splitlines()] if path.exists() else []
