"""The body of a webhook (Standard Webhooks: https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md)."""

import base64
import hashlib
import hmac
import json
from datetime import UTC, datetime, timedelta

from notifications.rules.markdown import to_text
from notifications.rules.told import Told

# The first try is made at once. The spec's own steps as far as they fit into the day for which an update is of use, then two that fill
# it (docs/decisions/0053).
WAITS: tuple[timedelta, ...] = (
    timedelta(seconds=5), timedelta(minutes=5), timedelta(minutes=30), timedelta(hours=2), timedelta(hours=5), timedelta(hours=6),
    timedelta(hours=8),
)  # fmt: skip
_TYPES = {"release": "update.released", "notice": "notice.sent", "verification": "address.verification", "drill": "drill.sent"}


def webhook_body(told: Told, at: datetime) -> str:
    """The JSON, the same over every attempt. `at` is when the message was made, not when it is sent."""
    return json.dumps(
        {
            "type": _TYPES.get(told.kind.value, told.kind.value),
            "timestamp": _iso(at),
            "data": {
                "message": told.message,
                "kind": told.update_kind or None,
                "corrects": told.corrects or None,
                "incident": told.incident or None,
                "audience": told.audience or None,
                "title": told.heading,
                "body_markdown": told.body,
                "body_text": to_text(told.body),
                "status": told.status or None,
                "impact": told.impact or None,
                "components": [{"name": name, "status": words} for name, words in told.components],
                "released_at": _iso(told.released_at),
                "next_update_at": _iso(told.next_due_at),
                "url": told.link,
            },
        },
        ensure_ascii=False,
        separators=(",", ":"),
    )


def secret_of(master: bytes, address: str, generation: int) -> str:
    """An endpoint's signing secret: derived (HMAC-SHA256), so nothing secret is stored and no two endpoints share one."""
    derived = hmac.new(master, f"webhook/{generation}/{address}".encode(), hashlib.sha256).digest()
    return "whsec_" + base64.b64encode(derived).decode()


def _iso(at: datetime | None) -> str | None:
    return at.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z") if at else None
