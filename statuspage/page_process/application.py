"""The RSGI application: one dictionary look-up per request."""

from asyncio import AbstractEventLoop
from pathlib import Path
from typing import Protocol

from statuspage.page_process.answers import Answer
from statuspage.page_process.headers import CACHE_FOR_EVER, CACHE_LIVE, CACHE_NEVER, Headers, plain
from statuspage.page_process.negotiation import holds, preferred_encodings
from statuspage.page_process.shelves import Shelf
from statuspage.page_process.versions import Version, archived_as
from statuspage.page_process.watching import Watcher

_OK = plain(CACHE_NEVER)
_NOT_YET = plain(CACHE_NEVER, ("retry-after", "5"))
_NOT_ALLOWED = plain(CACHE_NEVER, ("allow", "GET, HEAD"))
_NOT_FOUND = plain(CACHE_LIVE)
_STATIC = "/static/"


class _RequestHeaders(Protocol):
    def get(self, key: str, default: str | None = None) -> str | None: ...


class _Scope(Protocol):
    """What we read of granian's request; `path` comes percent-decoded."""

    method: str
    path: str

    @property
    def headers(self) -> _RequestHeaders: ...


class _Connection(Protocol):
    def response_empty(self, status: int, headers: Headers) -> None: ...
    def response_bytes(self, status: int, headers: Headers, body: bytes) -> None: ...


class PageProcess:
    """Serves one snapshot folder; `folder` may still be empty or missing when it starts."""

    def __init__(self, folder: str | None) -> None:
        self._folder = folder
        root = Path(folder or "/nonexistent")
        self._watcher = Watcher(root)
        self._assets = root / "static"
        self._static = Shelf(cache=CACHE_FOR_EVER)
        self._archive = Shelf(cache=CACHE_LIVE)

    def __rsgi_init__(self, loop: AbstractEventLoop) -> None:
        if not self._folder:
            raise SystemExit("STATUSPAGE_DIR is not set: set it to the folder the page is published to")
        self._watcher.start()

    def __rsgi_del__(self, loop: AbstractEventLoop) -> None:
        self._watcher.stop()

    async def __rsgi__(self, scope: _Scope, connection: _Connection) -> None:  # noqa: PLR0911 - one early answer per case
        method = scope.method
        path = scope.path
        head = method == "HEAD"
        if path == "/healthz" and (head or method == "GET"):
            return _say(connection, 200, _OK, b"ok\n", head=head)
        if not head and method != "GET":
            return _say(connection, 405, _NOT_ALLOWED, b"Only GET and HEAD are answered here.\n", head=head)
        version = self._watcher.version
        if version is None:
            return _say(connection, 503, _NOT_YET, b"This page is being set up. Please try again shortly.\n", head=head)
        headers = scope.headers
        preferred = preferred_encodings(headers.get("accept-encoding"))
        answer = version.answers.get(path) or self._look_up(version, path)
        if answer is None:
            return _not_found(connection, version, preferred, head=head)
        form = answer.best(preferred)
        known = headers.get("if-none-match")
        if known is not None and holds(known, form.etag):
            return connection.response_empty(304, form.headers_of_304)
        if head:
            return connection.response_empty(200, form.headers_of_head)
        return connection.response_bytes(200, form.headers, form.body)

    def _look_up(self, version: Version, path: str) -> Answer | None:
        address = path[:-1] if path.endswith("/") and path != "/" else path
        if address.startswith(_STATIC):
            return self._static.find(self._assets, address.removeprefix(_STATIC))
        found = version.answers.get(address)
        if found is not None:
            return found
        for name in archived_as(address):
            found = self._archive.find(version.archive, name)
            if found is not None:
                return found
        return None


def _say(connection: _Connection, status: int, headers: Headers, body: bytes, *, head: bool) -> None:
    if head:
        connection.response_empty(status, [*headers, ("content-length", str(len(body)))])
    else:
        connection.response_bytes(status, headers, body)


def _not_found(connection: _Connection, version: Version, preferred: tuple[str, ...], *, head: bool) -> None:
    if version.not_found is None:
        return _say(connection, 404, _NOT_FOUND, b"There is no such page.\n", head=head)
    form = version.not_found.best(preferred)
    return _say(connection, 404, form.headers_of_error, form.body, head=head)
