"""What SendGrid's answers and events mean. https://www.twilio.com/docs/sendgrid/api-reference/how-to-use-the-sendgrid-v3-api/errors"""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from notifications.rules.states import DeliveryState, Outcome

_PLACE = re.compile(r"personalizations[.\[](\d+)\b.*\bemail")


def meaning(status: int) -> Outcome:
    """The outcome of a call for all it held. An error says that nothing was taken; only a gateway's time-out says nothing at all."""
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if status == 429:
        return Outcome.THROTTLED
    if status in {401, 403, 404, 405, 415}:
        return Outcome.CONFIGURATION
    if status in {408, 504}:
        return Outcome.AMBIGUOUS
    return Outcome.TRANSIENT if status >= 500 else Outcome.REFUSED


def bad_places(body: bytes) -> frozenset[int]:
    """Which recipients of a refused call (400) have an address that SendGrid does not take. Nobody of such a call is written to."""
    try:
        errors = json.loads(body)["errors"]
        return frozenset(int(found[1]) for error in errors if (found := _PLACE.search(str(error.get("field")))))
    except (ValueError, KeyError, TypeError, AttributeError):
        return frozenset()


def blames_the_sender(body: bytes) -> bool:
    """Whether a refused call (400) is refused for its sender: every call would be."""
    try:
        return any(str(error.get("field")).startswith("from") for error in json.loads(body)["errors"])
    except (ValueError, KeyError, TypeError, AttributeError):
        return False


@dataclass(frozen=True, slots=True)
class EventMeaning:
    """What an event says of the delivery, and whether its address is stopped for it (`bounce`, `complaint`, `stop`) or gone soft."""

    state: DeliveryState | None = None
    suppress: str = ""
    soft: bool = False


_DROPPED = {"bounced address": "bounce", "spam reporting address": "complaint", "unsubscribed address": "stop", "invalid": "bounce"}
_MEANINGS = {
    "delivered": EventMeaning(DeliveryState.DELIVERED),
    "bounce": EventMeaning(DeliveryState.BOUNCED, "bounce"),
    "blocked": EventMeaning(DeliveryState.UNDELIVERED, soft=True),
    "spamreport": EventMeaning(suppress="complaint"),
    "unsubscribe": EventMeaning(suppress="stop"),
    "group_unsubscribe": EventMeaning(suppress="stop"),
}


def event_meaning(event: Mapping[str, Any]) -> EventMeaning:
    """`processed`, `deferred`, `open` and `click` say nothing that counts. A bounce of type *blocked* is the far side's mood."""
    kind = str(event.get("event"))
    if kind == "dropped":
        reason = str(event.get("reason", "")).lower()
        suppress = next((because for words, because in _DROPPED.items() if words in reason), "")
        return EventMeaning(DeliveryState.BOUNCED if suppress == "bounce" else DeliveryState.UNDELIVERED, suppress)
    if kind == "bounce" and event.get("type") == "blocked":
        kind = "blocked"
    return _MEANINGS.get(kind, EventMeaning())
