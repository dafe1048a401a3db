"""Which file names a snapshot may hold, and in which drawer of the archive a file lies."""

import re
from collections.abc import Iterable

from statuspage.snapshot.errors import BadName

# One path segment: no leading dot (hidden files are the writer's own), nothing that needs escaping in an address.
_SEGMENT = re.compile(r"[A-Za-z0-9_][A-Za-z0-9._-]{0,199}")
_ENCODED_SUFFIXES = (".gz", ".br")

DRAWERS = {"incidents": 2, "history": 7}
"""The folders with an archive, and how many characters of a file's name name its drawer: two of an incident's random code, the
whole of a month such as ``2026-11``. The page process and ``deploy/nginx/statuspage.conf`` say the same."""


def check_name(name: str) -> str:
    """Return `name` if it is a safe relative path such as ``api/v2/summary.json``; raise BadName otherwise."""
    for segment in name.split("/"):
        if not _SEGMENT.fullmatch(segment):
            raise BadName(f"{name!r}: each part of a path must be letters, digits, '.', '_' or '-' and not start with a dot")
    if name.endswith(_ENCODED_SUFFIXES):
        raise BadName(f"{name!r}: .gz and .br are written beside every file and cannot be published as files")
    return name


def check_names(names: Iterable[str]) -> None:
    """Raise BadName if the names are not safe, clash (a file where a folder must be), or lack the entry page."""
    known = {check_name(name) for name in names}
    if "index.html" not in known:
        raise BadName("a snapshot needs 'index.html', the page people land on")
    for name in known:
        if name.startswith("static/"):
            raise BadName(f"{name!r}: addresses below /static/ belong to put_static")
        parts = name.split("/")
        for depth in range(1, len(parts)):
            folder = "/".join(parts[:depth])
            if folder in known:
                raise BadName(f"{folder!r} is a file and also the folder of {name!r}; rename one of them")


def drawer_of(name: str) -> str:
    """Where in the archive the file `name` lies: ``incidents/k3`` for ``incidents/k3v9x2m7q1w8.html``. Raises BadName."""
    folder, _, file = check_name(name).partition("/")
    wanted = DRAWERS.get(folder)
    start = file.partition(".")[0][:wanted]
    if wanted is None or "/" in file or len(start) != wanted:
        raise BadName(f"{name!r}: only files of {', '.join(sorted(DRAWERS))} with a name of {wanted} characters or more are archived")
    return f"{folder}/{start}"
