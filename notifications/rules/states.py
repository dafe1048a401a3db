"""The words of delivery and the moves between them."""

from enum import IntEnum, StrEnum


class MessageKind(StrEnum):
    """Why something is sent."""

    RELEASE = "release"
    NOTICE = "notice"


class Lane(IntEnum):
    """Who is served first."""

    FIRST = 0
    KEY_ACCOUNTS = 1
    SUBSCRIBERS = 2
    INTERNAL = 3


class DeliveryState(StrEnum):
    """Where one message to one address stands."""

    PLANNED = "planned"
    """Never claimed yet."""
    QUEUED = "queued"
    """Claimed before and given back without anything having been sent."""
    LEASED = "leased"
    """Claimed by a worker; nothing is on the wire."""
    SENDING = "sending"
    """An attempt is open: from here on it may have been sent."""
    RETRY_WAIT = "retry_wait"
    ACCEPTED = "accepted"
    """The provider took it over."""
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
    EXPIRED = "expired"
    """Not sent in time to be of use."""


WAITING = frozenset({DeliveryState.PLANNED, DeliveryState.QUEUED, DeliveryState.RETRY_WAIT})
IN_FLIGHT = frozenset({DeliveryState.LEASED, DeliveryState.SENDING})
OPEN = WAITING | IN_FLIGHT
TERMINAL = frozenset(DeliveryState) - OPEN
FAILED = frozenset({DeliveryState.BOUNCED, DeliveryState.DEAD, DeliveryState.UNCERTAIN, DeliveryState.EXPIRED})

MOVES: dict[DeliveryState, frozenset[DeliveryState]] = {
    DeliveryState.PLANNED: frozenset({DeliveryState.LEASED, DeliveryState.SUPERSEDED, DeliveryState.EXPIRED}),
    DeliveryState.QUEUED: frozenset({DeliveryState.LEASED, DeliveryState.SUPERSEDED, DeliveryState.EXPIRED}),
    DeliveryState.RETRY_WAIT: frozenset({DeliveryState.LEASED, DeliveryState.SUPERSEDED, DeliveryState.EXPIRED}),
    DeliveryState.LEASED: frozenset({DeliveryState.SENDING, DeliveryState.QUEUED, DeliveryState.SUPPRESSED, DeliveryState.EXPIRED}),
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
} | {state: frozenset() for state in TERMINAL}


class Outcome(StrEnum):
    """How one attempt ended."""

    ACCEPTED = "accepted"
    TRANSIENT = "transient"
    """The provider asks to try later, or the line broke before the message was handed over."""
    BAD_ADDRESS = "bad_address"
    REFUSED = "refused"
    """Refused for good; the address is not to blame."""
    CONFIGURATION = "configuration"
    """Our sign-in or sender is refused: nobody's delivery counts as tried."""
    NOT_SENT = "not_sent"
    """The line was gone before this one's turn."""
    AMBIGUOUS = "ambiguous"
    """Handed over, and no answer came."""
