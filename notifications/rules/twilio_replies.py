"""What Twilio's answers mean. https://www.twilio.com/docs/api/errors"""

from notifications.rules.states import DeliveryState, Outcome

OPTED_OUT = frozenset({21610})
"""Its reader has sent STOP: never written to again, until START."""
# Not a number, not one that can receive, not a mobile one.
_ADDRESS = frozenset({21211, 21214, 21217, 21614, 21421}) | OPTED_OUT
# Our account, our number, our messaging service: every recipient will be answered the same.
_OURS = frozenset({20003, 20005, 20006, 20008, 20404, 21212, 21603, 21606, 21659, 21660, 21661, 21703, 21704, 21705, 30002})
_TOO_FAST = frozenset({20429, 14107, 30001, 30022})

# What a carrier says later of a number that does not exist, or cannot take messages.
BAD_NUMBER = frozenset({30005, 30006})
# What may pass by itself: switched off, blocked by its reader's carrier for now, reason unknown.
SOFT = frozenset({30003, 30004, 30008})
# What is wrong with us: filtered as spam, our number not registered. The reader is not to blame.
OUR_FAULT = frozenset({30007, 30034, 30002, 30022, 30032})
_STATES = {
    "sent": DeliveryState.ACCEPTED,
    "delivered": DeliveryState.DELIVERED,
    "read": DeliveryState.DELIVERED,
    "undelivered": DeliveryState.UNDELIVERED,
    "failed": DeliveryState.UNDELIVERED,
}


def meaning(status: int, code: int) -> Outcome:
    """The outcome that an answer to `create` stands for; `code` is Twilio's own (0: none).

    30004 to 30007 and 30034 (blocked, unknown, landline, filtered, not registered) are refusals for good: never tried again.
    """
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    if status == 429 or code in _TOO_FAST:
        return Outcome.THROTTLED
    if code in _ADDRESS:
        return Outcome.BAD_ADDRESS
    if code in _OURS or status in {401, 403, 404}:
        return Outcome.CONFIGURATION
    if status == 503:
        return Outcome.TRANSIENT
    return Outcome.AMBIGUOUS if status >= 500 else Outcome.REFUSED


def state_of(word: str, code: int) -> DeliveryState | None:
    """Where a status callback puts the delivery; `None` for news that changes nothing (queued, sending …)."""
    state = _STATES.get(word)
    return DeliveryState.BOUNCED if state is DeliveryState.UNDELIVERED and code in BAD_NUMBER else state
