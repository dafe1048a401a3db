"""Twilio's SDK on our way out: one exchange per call, in time, never repeated, and without its log of numbers."""

import base64
import logging
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from twilio.http import AsyncHttpClient
from twilio.http.response import Response
from twilio.rest import Client

from core.outbound import Lost, Outbound

_HOST = "https://api.twilio.com"


class TooFast(Exception):
    """Twilio asks for patience (429); `retry_after` as its header says."""

    def __init__(self, retry_after: str | None) -> None:
        super().__init__("too fast")
        self.retry_after = retry_after


class GuardedHttpClient(AsyncHttpClient):
    """What the SDK calls instead of its own client."""

    def __init__(self, out: Outbound) -> None:
        super().__init__(logging.getLogger(__name__), is_async=True, timeout=out.timeout)
        self.out = out

    async def request(  # noqa: PLR0917 - the SDK's own signature
        self,
        method: str,
        url: str,
        params: dict[str, object] | None = None,
        data: dict[str, object] | None = None,
        headers: dict[str, str] | None = None,
        auth: tuple[str, str] | None = None,
        timeout: float | None = None,
        allow_redirects: bool = False,
    ) -> Any:
        """Raises `Unsent`, `Lost` and `TooFast`."""
        address = url.replace(_HOST, settings.TWILIO_API_URL, 1)
        if params:
            address += "?" + urlencode(params, doseq=True)
        sent = dict(headers or {})
        if auth is not None:
            sent["Authorization"] = "Basic " + base64.b64encode(":".join(auth).encode()).decode()
        reply = await self.out.exchange(method, address, data=urlencode(data, doseq=True).encode() if data else None, headers=sent)
        if reply.status == 429:
            raise TooFast(reply.headers.get("Retry-After"))
        if not reply.whole:
            raise Lost("the answer broke off")
        return Response(reply.status, reply.text, reply.headers)


def twilio_client(out: Outbound) -> Client:
    """The SDK, signed in with what the settings hold."""
    return Client(settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, http_client=GuardedHttpClient(out))
