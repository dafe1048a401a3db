"""What every channel over HTTP shares: a window of letters goes out at once, and what may have arrived is told from what has not."""

import asyncio
import logging
import math
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings

from core.outbound import AddressRefused, Lost, Outbound, Unsent
from notifications.rules.hook_replies import seconds_asked
from notifications.rules.states import Outcome
from notifications.transports.contract import Answer, ChannelDown, Letter

logger = logging.getLogger(__name__)


def answered(outcome: Outcome, status: int, headers: Mapping[str, str], words: str, now: datetime) -> Answer:
    """The far side's answer, in these words where it is a refusal; what it asks to wait counts where it is to be tried again."""
    asked = seconds_asked(headers.get("Retry-After"), now) if outcome is Outcome.TRANSIENT else None
    return Answer(outcome, status, "" if outcome is Outcome.ACCEPTED else words, retry_after=asked)


class HttpTransport(ABC):
    """A channel is a subclass with three names, `write` and `deliver`."""

    channel: str
    provider: str
    window = 50
    ambiguous_retries = 0
    at_once = True
    carries_many = False
    waits: tuple[timedelta, ...] = ()
    needs: tuple[str, ...] = ()
    """Settings without which it cannot work; the settings page names those that are missing."""
    exchanges = 1
    """How many exchanges one letter may take, one after the other."""

    def __init__(self) -> None:
        self._out: Outbound | None = None

    @property
    def request_timeout(self) -> float:
        """Seconds for a whole window: all its letters travel at once."""
        return float(self.exchanges * settings.PROVIDER_TIMEOUT)

    @property
    def out(self) -> Outbound:
        """The way out, opened when it is first used."""
        if self._out is None:
            self._out = Outbound(timeout=settings.PROVIDER_TIMEOUT, connections=self.window)
        return self._out

    def ready(self) -> None:
        """Raises `ChannelDown` while a setting is missing. Connections are opened as they are needed."""
        if missing := [name for name in self.needs if not getattr(settings, name)]:
            raise ChannelDown(f"{' and '.join(missing)} must be set")

    @abstractmethod
    def write(self, letter: Letter) -> Any:
        """What is sent. Whatever it raises is this letter's fault alone."""

    @abstractmethod
    async def deliver(self, letter: Letter, written: Any) -> Answer:
        """Sends it. May raise `Unsent`, `AddressRefused` and `Lost`."""

    def prepare(self, letters: Sequence[Letter]) -> None:  # noqa: B027 - a chance, no duty
        """A chance to read what a whole window needs, before anything leaves."""

    def send(self, letters: Sequence[Letter], until: float = math.inf) -> Iterator[Answer]:
        """All at once; the answers in their order."""
        self.prepare(letters)
        return iter(self.out.run(self._send_all(letters, until)))

    def close(self) -> None:
        """Drops the connections."""
        if self._out is not None:
            self._out.close()
            self._out = None

    async def _send_all(self, letters: Sequence[Letter], until: float) -> list[Answer]:
        return list(await asyncio.gather(*(self._send_one(letter, until) for letter in letters)))

    async def _send_one(self, letter: Letter, until: float) -> Answer:
        try:
            written = self.write(letter)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with one letter, the window's others go on
            # Only the error's type is told, for its words may hold the address.
            logger.error("Delivery %s cannot be worded for %s: %s", letter.key, self.channel, type(error).__name__)  # noqa: TRY400 - see above
            return Answer(Outcome.REFUSED, detail=f"it could not be worded ({type(error).__name__})")
        return await self._deliver_one(letter, written) if time.monotonic() <= until else Answer(Outcome.NOT_SENT)

    async def _deliver_one(self, letter: Letter, written: Any) -> Answer:
        try:
            return await self.deliver(letter, written)
        except AddressRefused as refused:
            return Answer(Outcome.REFUSED, detail=str(refused))
        except Unsent as unsent:
            return Answer(Outcome.TRANSIENT, detail=str(unsent))
        except Lost as lost:
            return Answer(Outcome.AMBIGUOUS, detail=str(lost))
        except Exception as error:  # noqa: BLE001 - the outcomes of the window's others must be recorded
            logger.error("Sending delivery %s by %s failed: %s", letter.key, self.channel, type(error).__name__)  # noqa: TRY400 - see above
            return Answer(Outcome.AMBIGUOUS, detail=type(error).__name__)
