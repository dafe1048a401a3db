"""The words of delivery and the moves between them."""

from enum import IntEnum, StrEnum


class MessageKind(StrEnum):
    """Why something is sent."""

    RELEASE = "release"
    NOTICE = "notice"
    VERIFICATION = "verification"
    """A code or link by which somebody shows that an address is theirs."""
    DRILL = "drill"
    REPLY = "reply"


class Lane(IntEnum):
    """Who is served first."""

    FIRST = 0
    KEY_ACCOUNTS = 1
    SUBSCRIBERS = 2
    INTERNAL = 3


class Ended(StrEnum):
    """How what is left of a message ended before it was sent."""

    CANCELLED = "cancelled"
    SUPERSEDED = "superseded"


class DeliveryState(StrEnum):
    """Where one message to one address stands."""

    PLANNED = "planned"
    """Never tried yet. Claimed is not a state of its own: the lease stands on the run that a delivery belongs to."""
    QUEUED = "queued"
    """An attempt was begun and ended without anything having been sent, or a person has it sent again."""
    SENDING = "sending"
    """An attempt is open: from here on it may have been sent."""
    RETRY_WAIT = "retry_wait"
    ACCEPTED = "accepted"
    """The provider took it over."""
    DELIVERED = "delivered"
    """The provider says that it arrived."""
    UNDELIVERED = "undelivered"
    """The provider took it over and says later that it did not arrive; the address is not to blame."""
    BOUNCED = "bounced"
    """The address does not work; it is suppressed."""
    DEAD = "dead"
    """Refused for good for another reason than the address."""
    UNCERTAIN = "uncertain"
    """Nobody can say whether it arrived, and the one further try was made."""
    SUPPRESSED = "suppressed"
    """Not sent: the address is suppressed, opted out, or may not see the incident."""
    SUPERSEDED = "superseded"
    """Not sent: something released later took its place."""
    CANCELLED = "cancelled"
    """Not sent: a person cancelled the message."""
    EXPIRED = "expired"
    """Not sent in time to be of use."""


WAITING = frozenset({DeliveryState.PLANNED, DeliveryState.QUEUED, DeliveryState.RETRY_WAIT})
IN_FLIGHT = frozenset({DeliveryState.SENDING})
OPEN = WAITING | IN_FLIGHT
TERMINAL = frozenset(DeliveryState) - OPEN
FAILED = frozenset({DeliveryState.BOUNCED, DeliveryState.UNDELIVERED, DeliveryState.DEAD, DeliveryState.UNCERTAIN, DeliveryState.EXPIRED})
LISTED = FAILED | {DeliveryState.SUPPRESSED}
"""Each of these is kept in a list of its own."""
CAUSED = LISTED | {DeliveryState.RETRY_WAIT, DeliveryState.CANCELLED, DeliveryState.SUPERSEDED}
"""These are counted by their cause."""
AGAIN = frozenset({DeliveryState.DEAD, DeliveryState.UNDELIVERED, DeliveryState.UNCERTAIN, DeliveryState.EXPIRED})
"""A person may have these sent again, under the same key."""
TAKEN_OVER = frozenset({DeliveryState.ACCEPTED, DeliveryState.DELIVERED})
"""The provider has it."""

_ENDED_UNSENT = frozenset({DeliveryState.SUPERSEDED, DeliveryState.CANCELLED, DeliveryState.EXPIRED, DeliveryState.SUPPRESSED})
_TOLD = frozenset({DeliveryState.DELIVERED, DeliveryState.UNDELIVERED, DeliveryState.BOUNCED})
MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {state: frozenset() for state in TERMINAL} | {
    DeliveryState.PLANNED: _ENDED_UNSENT | {DeliveryState.SENDING},
    DeliveryState.QUEUED: _ENDED_UNSENT | {DeliveryState.SENDING},
    # After an attempt whose end nobody knows, the provider's own word may come before the next try.
    DeliveryState.RETRY_WAIT: _ENDED_UNSENT | {DeliveryState.SENDING, DeliveryState.ACCEPTED, DeliveryState.UNCERTAIN} | _TOLD,
    DeliveryState.SENDING: frozenset(
        {
            DeliveryState.ACCEPTED,
            DeliveryState.RETRY_WAIT,
            DeliveryState.QUEUED,
            DeliveryState.BOUNCED,
            DeliveryState.DEAD,
            DeliveryState.UNCERTAIN,
        }
    ),
    DeliveryState.ACCEPTED: _TOLD,
    DeliveryState.UNCERTAIN: _TOLD | {DeliveryState.ACCEPTED, DeliveryState.QUEUED},
    DeliveryState.DELIVERED: frozenset({DeliveryState.UNDELIVERED, DeliveryState.BOUNCED}),
    # A person may have what failed sent again, under the same key.
    DeliveryState.DEAD: frozenset({DeliveryState.QUEUED}),
    DeliveryState.UNDELIVERED: frozenset({DeliveryState.QUEUED, DeliveryState.BOUNCED}),
    DeliveryState.EXPIRED: frozenset({DeliveryState.QUEUED}),
}

RANKS: dict[DeliveryState, int] = {
    DeliveryState.UNCERTAIN: 0,
    DeliveryState.ACCEPTED: 1,
    DeliveryState.DELIVERED: 2,
    DeliveryState.UNDELIVERED: 3,
    DeliveryState.BOUNCED: 4,
}
"""What a provider says later moves a delivery to a higher rank only: late, doubled and disordered news change nothing.

Some report a delivery first and a bounce afterwards, when the far side gave the mail back; the bounce is the truth then.
"""


def moves_forward(state: DeliveryState, told: DeliveryState) -> bool:
    """Whether a provider's word `told` changes a delivery that the provider had, standing at `state`."""
    return told in RANKS and state in RANKS and RANKS[told] > RANKS[state]


class Outcome(StrEnum):
    """How one attempt ended."""

    ACCEPTED = "accepted"
    TRANSIENT = "transient"
    """The provider asks to try later, or the line broke before the message was handed over."""
    BAD_ADDRESS = "bad_address"
    REFUSED = "refused"
    """Refused for good; the address is not to blame."""
    THROTTLED = "throttled"
    """Too fast for the provider: the sending rests as long as it asks, and nobody's delivery counts as tried."""
    CONFIGURATION = "configuration"
    """Our sign-in or sender is refused: nobody's delivery counts as tried."""
    NOT_SENT = "not_sent"
    """The line was gone before this one's turn."""
    AMBIGUOUS = "ambiguous"
    """Handed over, and no answer came."""
