"""Content types by file suffix: a fixed table, so that the answer does not depend on the machine's own."""

from pathlib import PurePosixPath

_TYPES = {
    ".html": "text/html; charset=utf-8",
    ".json": "application/json; charset=utf-8",
    ".atom": "application/atom+xml; charset=utf-8",
    ".rss": "application/rss+xml; charset=utf-8",
    ".xml": "application/xml; charset=utf-8",
    ".ics": "text/calendar; charset=utf-8",
    ".txt": "text/plain; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml; charset=utf-8",
    ".png": "image/png",
    ".ico": "image/x-icon",
    ".webp": "image/webp",
    ".woff2": "font/woff2",
}


def content_type(name: str) -> str:
    """The Content-Type for a file name; ``application/octet-stream`` for a suffix that is not in the table."""
    return _TYPES.get(PurePosixPath(name).suffix, "application/octet-stream")
