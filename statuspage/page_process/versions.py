"""Reading a whole version into memory, and refusing one that is not whole."""

import hashlib
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from statuspage.page_process.answers import ENCODING_SUFFIXES, Answer, ready_answer
from statuspage.page_process.headers import CACHE_LIVE

_POINTER = re.compile(r"v/([0-9]{1,18})")
# How many characters of a file's name name its drawer, as in statuspage/snapshot/names.py.
_DRAWERS = {"incidents": 2, "history": 7}


class NotWhole(Exception):
    """The version lacks a file its manifest names, or holds other bytes."""


@dataclass(frozen=True, slots=True)
class Version:
    """One version, ready to serve."""

    seq: int
    answers: dict[str, Answer]
    """By address, such as ``/``, ``/history``, ``/api/v2/summary.json``."""
    not_found: Answer | None
    archive: Path
    """Where its pages of the archive are, if it has any."""


def pointed_at(folder: Path) -> int | None:
    """The number ``current`` points at; None where there is no such pointer."""
    try:
        match = _POINTER.fullmatch(str((folder / "current").readlink()))
    except OSError:
        return None
    return int(match[1]) if match else None


def older_versions(folder: Path, seq: int) -> list[int]:
    """Numbers of the versions below `seq` that are on the disk, newest first."""
    try:
        numbers = [int(entry.name) for entry in (folder / "v").iterdir() if entry.name.isdecimal()]
    except OSError:
        return []
    return sorted((number for number in numbers if number < seq), reverse=True)


def load_version(folder: Path, seq: int) -> Version:
    """Read and verify version `seq`; raise NotWhole where anything is missing or other than its manifest says."""
    root = folder / "v" / str(seq)
    try:
        listed = json.loads((root / ".manifest.json").read_bytes())["files"]
        answers: dict[str, Answer] = {}
        for name in sorted(listed, key=_precedence):
            if name.endswith((".gz", ".br")):
                continue
            bodies = {
                encoding: _read(root / f"{name}{suffix}", listed[f"{name}{suffix}"])
                for encoding, suffix in ENCODING_SUFFIXES.items()
                if f"{name}{suffix}" in listed
            }
            answer = ready_answer(name, bodies, cache=CACHE_LIVE)
            for address in addresses(name):
                answers.setdefault(address, answer)
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise NotWhole(f"version {seq} cannot be read: {error!r}") from error
    if "/" not in answers:
        raise NotWhole(f"version {seq} has no index.html")
    return Version(seq, answers, answers.get("/404.html"), root / ".archive")


def _read(path: Path, listed: dict[str, object]) -> tuple[bytes, str]:
    body = path.read_bytes()
    sha256 = hashlib.sha256(body).hexdigest()
    if sha256 != listed["sha256"]:
        raise NotWhole(f"{path} holds other bytes than its manifest says")
    return body, sha256


def addresses(name: str) -> Iterator[str]:
    """Every address of the file `name`: of ``history/index.html`` itself, ``/history/index`` and ``/history``."""
    yield f"/{name}"
    if name == "index.html":
        yield "/"
    if name.endswith(".html"):
        yield f"/{name.removesuffix('.html')}"
    if name.endswith("/index.html"):
        yield f"/{name.removesuffix('/index.html')}"


def archived_as(address: str) -> tuple[str, ...]:
    """The files to look for in a version's archive when `address` is not in the version, in order."""
    folder, _, file = address.removeprefix("/").partition("/")
    wanted = _DRAWERS.get(folder)
    start = file.partition(".")[0][:wanted]
    if wanted is None or len(start) != wanted or "/" in file:
        return ()
    return f"{folder}/{start}/{file}", f"{folder}/{start}/{file}.html"


def _precedence(name: str) -> tuple[int, str]:
    # The exact name first, then NAME.html, then NAME/index.html: setdefault keeps the first.
    return (2 if name.endswith("/index.html") else 1 if name.endswith(".html") else 0), name
