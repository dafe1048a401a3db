"""SendGrid's SDK on our way out: one exchange per call, over kept connections, in time, without a proxy of the environment."""

import logging
from typing import Any
from urllib.request import Request

from django.conf import settings
from python_http_client.client import Client
from sendgrid import SendGridAPIClient

from core.outbound import Outbound, Reply

# It writes whole bodies, addresses and all, into its debugging log.
logging.getLogger("python_http_client").setLevel(logging.WARNING)


class _Answered:
    """A reply in the shape that the SDK reads. Whatever its status: what it means is decided elsewhere."""

    def __init__(self, reply: Reply) -> None:
        self._reply = reply

    def getcode(self) -> int:
        return self._reply.status

    def read(self) -> bytes:
        return self._reply.body

    def info(self) -> Any:
        return self._reply.headers


class _GuardedClient(Client):
    """The SDK's client, with its one call to the network replaced."""

    out: Outbound

    def _build_client(self, name: str | None = None) -> "_GuardedClient":
        child = _GuardedClient(
            host=self.host,
            version=self._version,
            request_headers=self.request_headers,
            url_path=[*self._url_path, name] if name else self._url_path,
            append_slash=self.append_slash,
            timeout=self.timeout,
        )
        child.out = self.out
        return child

    def _make_request(self, opener: object, request: Request, timeout: float | None = None) -> _Answered:
        data = request.data if isinstance(request.data, bytes) else None
        headers = dict(request.header_items())
        return _Answered(self.out.run(self.out.exchange(request.get_method(), request.full_url, data=data, headers=headers)))


class _Quiet(bytes):
    """Bytes that the SDK's log lines do not spell out: it formats each body it sends, whether or not anybody listens."""

    def __format__(self, spec: str) -> str:
        return f"{len(self)} bytes"


class _Written:
    """A body that is JSON already, in the shape in which the SDK takes one that it is not to serialize."""

    def __init__(self, body: str) -> None:
        self._body = body

    def encode(self, encoding: str) -> bytes:
        return _Quiet(self._body.encode(encoding))


def post_mail(sdk: SendGridAPIClient, body: str) -> Any:
    """`POST /v3/mail/send` with that JSON; the SDK's response, whatever its status. Raises `Unsent` and `Lost`."""
    return sdk.client.mail.send.post(request_body=_Written(body), request_headers={"Content-Type": "application/json; charset=utf-8"})


def sendgrid_client(out: Outbound) -> SendGridAPIClient:
    """The SDK, signed in with what the settings hold. Its calls raise `Unsent` and `Lost`."""
    sdk = SendGridAPIClient(settings.SENDGRID_API_KEY, host=settings.SENDGRID_API_URL)
    guarded = _GuardedClient(host=settings.SENDGRID_API_URL, request_headers=dict(sdk.client.request_headers), version=3)
    guarded.out = out
    sdk.client = guarded
    return sdk
