"""Webhooks to endpoints of the readers' own, signed as Standard Webhooks asks. At least once; `webhook-id` stays the same."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from math import floor

from standardwebhooks import Webhook

from core.clock import utc_now
from notifications.rules.hook_replies import webhook_meaning
from notifications.rules.webhook import WAITS, webhook_body
from notifications.transports.contract import Answer, Letter
from notifications.transports.http import HttpTransport, answered
from notifications.transports.telling import told
from notifications.transports.webhook_secrets import secrets_of


@lru_cache(maxsize=4096)
def _signer(secret: str) -> Webhook:
    return Webhook(secret)


def headers_of(key: str, body: str, secrets: Sequence[str], now: datetime) -> dict[str, str]:
    """What a receiver checks. One signature for each secret in force."""
    # The library takes the clock's numbers for UTC, whatever zone they are of.
    now = now.astimezone(UTC)
    signatures = " ".join(_signer(secret).sign(key, now, body) for secret in secrets)
    return {
        "Content-Type": "application/json",
        "User-Agent": "statuscomms",
        "webhook-id": key,
        "webhook-timestamp": str(floor(now.timestamp())),
        "webhook-signature": signatures,
    }


class WebhookTransport(HttpTransport):
    """An endpoint that answers 410 is not called again; any other refusal is repeated on the schedule."""

    channel = "webhook"
    provider = "standard"
    # Receivers tell a repeat by its id, so what may have arrived is sent again as often as the schedule allows.
    ambiguous_retries = len(WAITS)
    waits = WAITS

    def __init__(self) -> None:
        super().__init__()
        self._secrets: dict[str, tuple[str, ...]] = {}
        self._bodies: dict[tuple[int, str], str] = {}

    def prepare(self, letters: Sequence[Letter]) -> None:
        """Reads the secrets in force for the window's endpoints."""
        self._secrets = secrets_of({letter.address for letter in letters}, utc_now())

    def write(self, letter: Letter) -> str:
        """One body for all readers of an audience."""
        wanted = (letter.message.id, letter.audience_key)
        body = self._bodies.get(wanted)
        if body is None:
            words = told(letter)
            if len(self._bodies) > 100:
                self._bodies.clear()
            body = self._bodies[wanted] = webhook_body(words, words.released_at or utc_now())
        return body

    async def deliver(self, letter: Letter, written: str) -> Answer:
        """The answer's status alone counts."""
        now = utc_now()
        headers = headers_of(letter.key, written, self._secrets[letter.address], now)
        reply = await self.out.exchange("POST", letter.address, data=written.encode(), headers=headers)
        return answered(webhook_meaning(reply.status), reply.status, reply.headers, f"answered {reply.status}", now)
