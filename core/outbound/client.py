"""HTTP towards the outside, for one thread: many exchanges at once over kept connections.

What matters to a caller who must not send twice is told apart: `Unsent` (nothing left), a `Reply`, or `Lost` (it may have arrived).
"""

import asyncio
import socket
from collections.abc import Coroutine, Mapping
from dataclasses import dataclass, field
from typing import Any, TypeVar

import aiohttp
from django.conf import settings

from core.outbound.addresses import Network, networks, refusal
from core.outbound.urls import problem_with

LONGEST_ANSWER = 64 * 1024
"""Bytes read of one answer; what says more is cut off."""
_REDIRECTS = frozenset({301, 302, 303, 307, 308})
# Shorter than servers keep theirs: a connection that the far side is about to close is not used for another request.
_KEPT_SECONDS = 4.0
T = TypeVar("T")


class Unsent(Exception):
    """The far side could not be reached: nothing was sent."""


class AddressRefused(Unsent):
    """The URL or the address behind it is none that is called."""


class Lost(Exception):
    """The request left, and no answer came: it may have been carried out."""


class _Redirected(aiohttp.ClientError):
    def __init__(self, status: int) -> None:
        super().__init__(f"redirected ({status})")
        self.status = status


class _NotDialled(OSError):
    pass


@dataclass(frozen=True, slots=True)
class Reply:
    """What came back. `whole`: the body was read to its end; else it was too long, too slow or broken off."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""
    whole: bool = True

    @property
    def text(self) -> str:
        """The body as text; what is no UTF-8 is replaced."""
        return self.body.decode("utf-8", "replace")


class _BoundedResponse(aiohttp.ClientResponse):
    """Reads no more than `LONGEST_ANSWER`, for callers that read it through somebody else's client, too."""

    async def read(self) -> bytes:
        if self._body is None:
            taken, length = [], 0
            async for piece in self.content.iter_any():
                taken.append(piece)
                length += len(piece)
                if length > LONGEST_ANSWER:
                    self.close()
                    break
            self._body = b"".join(taken)[:LONGEST_ANSWER]
        return self._body


async def _no_redirects(request: aiohttp.ClientRequest, handler: aiohttp.ClientHandlerType) -> aiohttp.ClientResponse:
    response = await handler(request)
    if response.status in _REDIRECTS:
        response.close()
        raise _Redirected(response.status)
    return response


class Outbound:
    """A client with its own loop and connections. Close it where it was used."""

    def __init__(self, *, timeout: float, connections: int) -> None:
        """`timeout`: seconds for one exchange, from dialling to the last byte read."""
        self.timeout = timeout
        self.connections = connections
        self._loop: asyncio.AbstractEventLoop | None = None
        self._session: aiohttp.ClientSession | None = None
        self._allowed: tuple[Network, ...] = ()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Runs it to its end on this client's loop."""
        if self._loop is None:
            self._loop = asyncio.new_event_loop()
        return self._loop.run_until_complete(work)

    async def session(self) -> aiohttp.ClientSession:
        """The guarded session, for somebody else's client to use; its errors go through `told_apart`."""
        if self._session is None:
            self._allowed = networks(settings.OUTBOUND_ALLOWED_NETWORKS)
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(
                    limit=self.connections, socket_factory=self._socket, keepalive_timeout=_KEPT_SECONDS, ttl_dns_cache=10
                ),
                timeout=aiohttp.ClientTimeout(total=self.timeout, sock_connect=self.timeout / 2),
                cookie_jar=aiohttp.DummyCookieJar(),
                response_class=_BoundedResponse,
                middlewares=(_no_redirects,),
                trust_env=False,
            )
        return self._session

    async def check(self, url: str) -> None:
        """Raises `AddressRefused` for a URL that is not called."""
        await self.session()
        if problem := problem_with(url, self._allowed):
            raise AddressRefused(problem)

    async def exchange(self, method: str, url: str, *, data: bytes | None = None, headers: Mapping[str, str] | None = None) -> Reply:
        """One request and its reply, whatever its status. Raises `Unsent`, `AddressRefused` or `Lost`."""
        await self.check(url)
        session = await self.session()
        try:
            async with session.request(method, url, data=data, headers=headers) as response:
                try:
                    body, whole = await response.read(), True
                except (TimeoutError, aiohttp.ClientError):
                    body, whole = b"", False
                return Reply(response.status, response.headers, body, whole and len(body) < LONGEST_ANSWER)
        except _Redirected as redirected:
            return Reply(redirected.status)
        except (aiohttp.ClientError, OSError) as error:
            raise told_apart(error) from error

    def close(self) -> None:
        """Drops the connections and the loop."""
        if self._loop is not None:
            if self._session is not None:
                self._loop.run_until_complete(self._session.close())
            self._loop.close()
        self._loop = self._session = None

    def _socket(self, info: tuple[Any, ...]) -> socket.socket:
        """Makes the socket for the very address that is dialled next: no second look-up can come between."""
        family, kind, protocol, _, where = info
        if words := refusal(str(where[0]), self._allowed, public=settings.OUTBOUND_PUBLIC):
            raise _NotDialled(f"the address is not called: {words}")
        made = socket.socket(family=family, type=kind, proto=protocol)
        made.setblocking(False)
        return made


def told_apart(error: BaseException) -> Unsent | Lost:
    """What an error of the session means for whoever asks whether something was sent. Its words hold no address."""
    if isinstance(error, aiohttp.ClientConnectorError):
        if isinstance(error.os_error, _NotDialled):
            return AddressRefused(str(error.os_error))
        return Unsent(f"no connection ({type(error.os_error).__name__})")
    if isinstance(error, aiohttp.ConnectionTimeoutError):
        return Unsent("no connection in time")
    if isinstance(error, aiohttp.InvalidURL):
        return AddressRefused("This is not a URL.")
    return Lost(type(error).__name__)
