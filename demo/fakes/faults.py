"""How a provider misbehaves, on request: each entry of a script is spent on one request, then it is well again."""

import asyncio
import contextlib
from collections.abc import Awaitable, Callable

from aiohttp import web

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]
LONG = 30.0


async def misbehave(fault: str, request: web.Request, handler: Handler) -> web.StreamResponse:
    """`drop_before`, `drop_after`: the connection ends before or after the request was carried out · `slow`: no answer comes ·
    `trickle`: one byte a second · `huge`: an answer of 8 MB · `redirect` · `throttled`: 429 and one second to wait ·
    three digits: that status · nothing: it is well.
    """
    if not fault:
        return await handler(request)
    if fault == "drop_before":
        return _cut(request)
    if fault == "slow":
        await asyncio.sleep(LONG)
        return _cut(request)
    if fault in {"redirect", "throttled"} or fault.isdecimal():
        return _refusal(fault, request)
    answer = await handler(request)
    if fault == "trickle":
        return await _trickle(request, answer.status)
    return _cut(request) if fault == "drop_after" else web.Response(status=answer.status, body=b"x" * 8_000_000)


def _refusal(fault: str, request: web.Request) -> web.Response:
    if fault == "redirect":
        return web.Response(status=302, headers={"Location": str(request.url.with_path("/elsewhere"))})
    if fault == "throttled":
        return web.Response(status=429, headers={"Retry-After": "1"}, text="Too many requests.")
    return web.Response(status=int(fault), text="Something went wrong.")


def _cut(request: web.Request) -> web.Response:
    if request.transport is not None:
        request.transport.abort()
    return web.Response(status=500)


async def _trickle(request: web.Request, status: int) -> web.StreamResponse:
    response = web.StreamResponse(status=status)
    response.content_length = 60
    await response.prepare(request)
    with contextlib.suppress(ConnectionError):
        for _ in range(60):
            await response.write(b" ")
            await asyncio.sleep(1)
    return response
