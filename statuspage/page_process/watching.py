"""Keeping up with ``current``: a thread of its own looks at the pointer, requests only read what it found."""

import logging
import threading
import time
from pathlib import Path

from statuspage.page_process.versions import NotWhole, Version, load_version, older_versions, pointed_at

_logger = logging.getLogger(__name__)

POLL_SECONDS = 0.1
# A version that could not be read is tried again: the cause may have been a passing fault of the disk.
RETRY_SECONDS = 2.0


class Watcher:
    """Holds the version to serve in `version`, None until there is one. Reading it is safe from any thread."""

    def __init__(self, folder: Path) -> None:
        self.version: Version | None = None
        self._folder = folder
        self._refused: int | None = None
        self._refused_at = 0.0
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="snapshot-watcher", daemon=True)

    def start(self) -> None:
        """Load what is there, then keep watching until `stop`."""
        self._look()
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(timeout=1)

    def _run(self) -> None:
        while not self._stop.wait(POLL_SECONDS):
            self._look()

    def _look(self) -> None:
        try:
            self.look(time.monotonic())
        except Exception:  # the thread must outlive whatever the disk does; the page stays as it was
            _logger.exception("looking for a new version failed")

    def look(self, now: float) -> None:
        """Take the live version over if it is another than the one served; `now` in seconds of a monotonic clock."""
        seq = pointed_at(self._folder)
        if seq is None or (self.version is not None and self.version.seq == seq):
            return
        if seq == self._refused and now - self._refused_at < RETRY_SECONDS:
            return
        try:
            self.version = load_version(self._folder, seq)
            self._refused = None
        except NotWhole as error:
            if pointed_at(self._folder) != seq:
                # It was replaced and pruned while we read; the next look takes its successor.
                return
            if seq != self._refused:
                _logger.warning("ignored: %s", error)
            self._refused, self._refused_at = seq, now
            if self.version is None:
                self.version = self._newest_whole_before(seq)

    def _newest_whole_before(self, seq: int) -> Version | None:
        for older in older_versions(self._folder, seq):
            try:
                return load_version(self._folder, older)
            except NotWhole as error:
                _logger.warning("ignored: %s", error)
        return None
