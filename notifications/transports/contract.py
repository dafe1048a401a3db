"""What a way of sending must be able to do. Plain data in, plain data out: a transport knows no rows and no queue.

A new channel is one file with a class of this shape, and one line in `registry.py`.
"""

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, NamedTuple, Protocol

from notifications.rules.states import MessageKind, Outcome


class ChannelDown(Exception):
    """The provider cannot be reached or does not let us in. Nothing was sent, no delivery is to blame.

    `retry_after`: seconds for which it asked to be left alone, where it did.
    """

    def __init__(self, words: str, retry_after: float | None = None) -> None:
        super().__init__(words)
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class MessageView:
    """What is told, to everyone. `wording`: `{audience key: {"title", "body"}}`; `facts` as `models.Message` describes them."""

    id: int
    public_id: str
    kind: MessageKind
    wording: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, Any]

    def components_for(self, audience: str) -> list[Mapping[str, str]]:
        """The affected components that the audience may be told of: colleagues read all, others the public ones."""
        found: list[Mapping[str, str]] = self.facts.get("components", [])
        return found if audience in self.facts.get("internal_audiences", []) else [one for one in found if one["is_public"]]


class Letter(NamedTuple):
    """One delivery to be sent. `key`, a UUID in its usual form, is the same over every attempt: give it to
    whoever can tell a repeat by it.

    `unsubscribe` is (contact point, audience) where one click may end it (RFC 8058), else `None`. The address never
    reaches a log.
    """

    delivery: int
    key: str
    address: str
    language: str
    zone: str
    audience_key: str
    audience_name: str
    message: MessageView
    unsubscribe: tuple[int, int] | None


class Answer(NamedTuple):
    """What became of one letter. `code` is the provider's (0: none); `detail` is fit for a log and holds no address.

    `provider_id` is the provider's own name for it, by which later news come; `retry_after` are the seconds it asked for: of a
    throttled answer for all that is sent, of a transient one for this letter. `opted_out`: its reader has told the provider to stop.
    """

    outcome: Outcome
    code: int = 0
    detail: str = ""
    provider_id: str = ""
    retry_after: float | None = None
    opted_out: bool = False


class Transport(Protocol):
    """One provider of one channel, used by one thread at a time and kept between calls."""

    channel: str
    provider: str
    window: int
    """Letters whose attempts are opened in one commit and given in one call: so many may be ambiguous when a worker dies."""
    ambiguous_retries: int
    """How often a letter of which nobody knows whether it arrived is sent again, under the same key."""

    @property
    def request_timeout(self) -> float:
        """Seconds that one exchange with the provider may take at most; leases are made from it."""

    at_once: bool
    """Whether the letters of one call travel together. Then every answer is taken, whatever the first ones say, and the whole call is
    over within `request_timeout`; what it does not get to it answers as not sent."""
    carries_many: bool
    """Whether one call carries many letters, so that their first attempts stand in one row (docs/decisions/0054)."""
    waits: tuple[timedelta, ...]
    """How long to wait before each next try, where the channel's own standard has a schedule; empty: the product's."""

    def ready(self) -> None:
        """Makes sure that sending can begin. Raises `ChannelDown`."""

    def send(self, letters: Sequence[Letter], until: float = math.inf) -> Iterator[Answer]:
        """One answer per letter, in their order; never raises for what the outside does.

        After `until` (seconds of `time.monotonic`) the letters are no longer ours to send: no request is begun, and what is left is
        answered as not sent. Unless they travel together: asked for no further answer (closed early), it sends nothing more, and
        letters not answered are unsent.
        """

    def close(self) -> None:
        """Lets go of what is held open."""
