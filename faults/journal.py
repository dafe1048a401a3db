"""What the far side wrote down: one line per letter, `TIME WORD KEY ADDRESS TITLE`. Nothing else says what arrived.

TIME is the far side's clock in Unix seconds, WORD `accepted` or `refused` (for good: the sender is not to try again).
"""

import os
from collections import Counter
from pathlib import Path
from typing import NamedTuple

ACCEPTED, REFUSED = "accepted", "refused"


class Line(NamedTuple):
    """One letter. `title` tells the messages of a run apart, whatever the sender calls them."""

    at: float
    word: str
    key: str
    address: str
    title: str

    @property
    def letter(self) -> tuple[str, str]:
        """Which letter it is: what was told, and to whom."""
        return self.title, self.address


class Pen:
    """Writes a journal: each line is with the kernel before the sender hears of it, so that a killed process loses none."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o644)

    def write(self, line: Line) -> None:
        """Adds a line."""
        os.write(self._file, f"{line.at:.6f} {line.word} {line.key} {line.address} {line.title}\n".encode())


class Journal:
    """Reads one while it grows."""

    def __init__(self, path: Path) -> None:
        path.touch()
        self._file = path.open("rb")
        self._rest = b""
        self.lines: list[Line] = []

    def read(self) -> list[Line]:
        """Everything so far."""
        *whole, self._rest = (self._rest + self._file.read()).split(b"\n")
        for raw in whole:
            at, word, key, address, title = raw.decode().split(" ", 4)
            self.lines.append(Line(float(at), word, key, address, title))
        return self.lines

    def accepted(self, titles: set[str]) -> list[Line]:
        """What was accepted of these messages."""
        return [line for line in self.read() if line.word == ACCEPTED and line.title in titles]

    def counts(self, titles: set[str]) -> "Counter[tuple[str, str]]":
        """How often each letter was accepted."""
        return Counter(line.letter for line in self.accepted(titles))
