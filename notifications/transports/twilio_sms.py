"""Text messages by Twilio. Twilio cannot tell a repeat from a second message, so nothing is ever sent twice unasked.

Where an answer is missing Twilio is asked what it has for that number; where that says nothing either, the message stays *uncertain*.
"""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

from django.conf import settings
from twilio.base.exceptions import TwilioException, TwilioRestException
from twilio.rest import Client

from core.clock import utc_now
from core.outbound import Lost, Unsent
from notifications.rules.hook_replies import seconds_asked
from notifications.rules.sms import sms_text
from notifications.rules.states import Outcome
from notifications.rules.times import zone_named
from notifications.rules.twilio_replies import OPTED_OUT, meaning
from notifications.transports.contract import Answer, Letter
from notifications.transports.http import HttpTransport
from notifications.transports.personal_links import asks_for_an_answer
from notifications.transports.telling import told
from notifications.transports.twilio_client import TooFast, twilio_client

STATUS_PATH = "/hooks/twilio/status/"
# By how much Twilio's clock may be behind ours.
_CLOCKS = timedelta(minutes=2)
_ASKED_AFTER = 1.0
_PATIENCE = 5.0
_KEPT = 1000


class TwilioTransport(HttpTransport):
    """One message to one number."""

    channel = "sms"
    provider = "twilio"
    needs = ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "TWILIO_FROM")
    # The call, and asking what became of it.
    exchanges = 2

    def __init__(self) -> None:
        super().__init__()
        self._client: Client | None = None
        self._texts: dict[tuple[str, str, str], str] = {}
        self._signed_in: tuple[str, str] = ("", "")

    @property
    def request_timeout(self) -> float:
        """The pause before asking included."""
        return super().request_timeout + _ASKED_AFTER

    def write(self, letter: Letter) -> str:
        """The text, in as few segments as the settings allow; the same for all of an audience in one zone."""
        if asks_for_an_answer(letter):
            return self._worded(letter)
        wanted = (letter.message.public_id, letter.audience_key, letter.zone)
        text = self._texts.get(wanted)
        if text is None:
            if len(self._texts) > _KEPT:
                self._texts.clear()
            text = self._texts[wanted] = self._worded(letter)
        return text

    @staticmethod
    def _worded(letter: Letter) -> str:
        return sms_text(told(letter), zone_named(letter.zone), most=settings.SMS_MOST_SEGMENTS)

    async def deliver(self, letter: Letter, written: str) -> Answer:
        """Sends, and asks where no answer came."""
        began = utc_now()
        try:
            message = await self._sdk().messages.create_async(
                to=letter.address,
                body=written,
                status_callback=f"{settings.CONSOLE_URL}{STATUS_PATH}?key={letter.key}",
                **_sender(),
            )
            return Answer(Outcome.ACCEPTED, 201, provider_id=str(message.sid))
        except TooFast as fast:
            return Answer(Outcome.THROTTLED, 429, "too fast", retry_after=seconds_asked(fast.retry_after, began) or _PATIENCE)
        except TwilioRestException as error:
            outcome, code = meaning(error.status, error.code or 0), error.code or error.status
            if outcome is not Outcome.AMBIGUOUS:
                return Answer(outcome, code, f"Twilio answers {code}", opted_out=code in OPTED_OUT)
            return await self._asked(letter, written, began, code)
        except (Lost, TwilioException, ValueError):
            # No answer, or one that could not be read: a message may have been made.
            return await self._asked(letter, written, began, 0)

    async def _asked(self, letter: Letter, text: str, began: datetime, code: int) -> Answer:
        """What Twilio has for that number since then. The same text to the same number: whichever of two it finds, the reader has it."""
        await asyncio.sleep(_ASKED_AFTER)
        try:
            found = await self._sdk().messages.list_async(to=letter.address, limit=20)
        except (Lost, Unsent, TooFast, TwilioException, ValueError):
            return Answer(Outcome.AMBIGUOUS, code, "no answer, and Twilio could not be asked")
        for message in found:
            if message.body == text and _created(message) >= began - _CLOCKS:
                return Answer(Outcome.ACCEPTED, 201, "no answer, but Twilio has it", provider_id=str(message.sid))
        return Answer(Outcome.AMBIGUOUS, code, "no answer, and Twilio does not have it yet")

    def _sdk(self) -> Client:
        signed_in = (settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN)
        if self._client is None or self._signed_in != signed_in or self._client.http_client.out is not self.out:
            self._client, self._signed_in = twilio_client(self.out), signed_in
        return self._client


def _sender() -> dict[str, str]:
    name = "messaging_service_sid" if settings.TWILIO_FROM.startswith("MG") else "from_"
    return {name: settings.TWILIO_FROM}


def _created(message: Any) -> datetime:
    at: datetime | None = message.date_created
    return at.astimezone(UTC) if at else datetime.min.replace(tzinfo=UTC)
