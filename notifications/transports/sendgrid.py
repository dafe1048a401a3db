"""E-mail by SendGrid: one call carries many readers, each with headers, links and key of their own.

An answer that is missing leaves the whole call ambiguous, so what a call may hold is capped (docs/decisions).
"""

import json
import logging
import math
import time
from collections import OrderedDict
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from email.utils import parseaddr
from json.encoder import encode_basestring_ascii as quoted
from typing import Any

from django.conf import settings
from sendgrid import SendGridAPIClient

from core.clock import utc_now
from core.outbound import AddressRefused, Lost, Outbound, Unsent
from notifications.rules.hook_replies import seconds_asked
from notifications.rules.letters import UNSUBSCRIBE_PLACE, safe_header
from notifications.rules.sendgrid_replies import bad_places, blames_the_sender, meaning
from notifications.rules.states import Outcome
from notifications.transports.contract import Answer, ChannelDown, Letter, MessageView
from notifications.transports.mail_parts import instants_of, mail_parts, named_instants
from notifications.transports.personal_links import asks_for_an_answer, personal_link, unsubscribe_link
from notifications.transports.sendgrid_client import post_mail, sendgrid_client

MOST = 500
"""Readers of one call: so many get a second copy if its answer is lost and it is repeated."""
KEY = "delivery_key"
"""Our key's name among the custom arguments, which every event about the letter brings back."""
_STOPS = frozenset({Outcome.CONFIGURATION, Outcome.THROTTLED})
_UNSENT = Answer(Outcome.NOT_SENT)
_PATIENCE = 1.0
_KEPT = 128
_KEPT_ZONES = 2048
# Nothing is added to a letter and nobody's reading is watched.
_TRACKING = {
    "click_tracking": {"enable": False, "enable_text": False},
    "open_tracking": {"enable": False},
    "subscription_tracking": {"enable": False},
}
logger = logging.getLogger(__name__)


class SendGridTransport:
    """Calls one after the other over one connection, two to a window: what a window costs in the database is more than a call costs."""

    channel = "email"
    provider = "sendgrid"
    window = 2 * MOST
    ambiguous_retries = 1
    at_once = True
    carries_many = True
    waits: tuple[timedelta, ...] = ()
    needs = ("SENDGRID_API_KEY",)

    def __init__(self) -> None:
        self._out: Outbound | None = None
        self._sdk: SendGridAPIClient | None = None
        self._where: tuple[str, str] = ("", "")
        self._shared: OrderedDict[tuple[int, str, str], str] = OrderedDict()
        self._instants: dict[tuple[int, str], str] = {}

    @property
    def request_timeout(self) -> float:
        """Seconds for a window: time for a refused call's readers to be asked for again without those refused."""
        return float(3 * settings.PROVIDER_TIMEOUT)

    def ready(self) -> None:
        """Raises `ChannelDown` without a key."""
        if not settings.SENDGRID_API_KEY:
            raise ChannelDown("SENDGRID_API_KEY must be set")

    def send(self, letters: Sequence[Letter], until: float = math.inf) -> Iterator[Answer]:
        """A call for each wording and so many readers; what there is no time for, or what comes after a refusal of us, is not sent."""
        found: dict[int, Answer] = {}
        deadline = min(until, time.monotonic() + self.request_timeout - settings.PROVIDER_TIMEOUT)
        for group in _by_wording(letters):
            for start in range(0, len(group), MOST):
                self._send_group(group[start : start + MOST], letters, found, deadline)
        return iter([found.get(place, _UNSENT) for place in range(len(letters))])

    def close(self) -> None:
        """Drops the connection."""
        if self._out is not None:
            self._out.close()
        self._out = self._sdk = None

    def _send_group(self, places: list[int], letters: Sequence[Letter], found: dict[int, Answer], deadline: float) -> None:
        """One call. Refused because of single readers it is made again without them; refused for no named reason, in halves."""
        if not places or time.monotonic() > deadline or any(answer.outcome in _STOPS for answer in found.values()):
            return
        status, answer, body = self._call([letters[place] for place in places])
        if status not in {400, 413} or (len(places) == 1 and not bad_places(body)):
            found.update(dict.fromkeys(places, answer))
            return
        bad = {places[n] for n in bad_places(body) if n < len(places)}
        found.update(dict.fromkeys(bad, Answer(Outcome.BAD_ADDRESS, status, "SendGrid takes no such address")))
        rest = [place for place in places if place not in bad]
        middle = len(rest) if bad else len(rest) // 2
        self._send_group(rest[:middle], letters, found, deadline)
        self._send_group(rest[middle:], letters, found, deadline)

    def body_of(self, letters: Sequence[Letter]) -> str:
        """The JSON of one call. The letters are of one wording."""
        return f'{self._common(letters[0])[:-1]},"personalizations":[{",".join(map(self._personal, letters))}]}}'

    def _call(self, letters: Sequence[Letter]) -> tuple[int, Answer, bytes]:
        """Status (0: none), what it means for each reader, and the answer's body."""
        try:
            body = self.body_of(letters)
        except Exception as error:  # noqa: BLE001 - whatever is wrong with these letters, the window's others go on
            logger.error("Delivery %s cannot be written for SendGrid: %s", letters[0].key, type(error).__name__)  # noqa: TRY400 - its words may hold an address
            return 400 if len(letters) > 1 else 0, Answer(Outcome.REFUSED, detail=f"it could not be written ({type(error).__name__})"), b""
        try:
            reply = post_mail(self._client(), body)
        except AddressRefused as refused:
            return 0, Answer(Outcome.CONFIGURATION, detail=str(refused)), b""
        except Unsent as unsent:
            return 0, Answer(Outcome.TRANSIENT, detail=str(unsent)), b""
        except Lost as lost:
            return 0, Answer(Outcome.AMBIGUOUS, detail=str(lost)), b""
        if reply.status_code == 400 and blames_the_sender(reply.body):
            return 0, Answer(Outcome.CONFIGURATION, 400, "SendGrid does not take our sender"), b""
        return reply.status_code, _answer(reply.status_code, reply.headers, utc_now()), reply.body

    def _common(self, letter: Letter) -> str:
        """What all readers of a wording share, as JSON. Instants are left open: they are said in each reader's own zone."""
        wanted = (letter.message.id, letter.audience_key, letter.audience_name)
        common = self._shared.get(wanted)
        if common is None:
            common = self._shared[wanted] = json.dumps(_common(letter.message, letter.audience_key, letter.audience_name))
            if len(self._shared) > _KEPT:
                self._shared.popitem(last=False)
        return common

    def _personal(self, letter: Letter) -> str:
        """One reader, as JSON written by hand: of a hundred thousand a second this is the part that counts."""
        key, link = letter.key, quoted(personal_link(letter))
        headers = f'"X-Delivery-Key":"{key}"'
        if letter.unsubscribe is not None:
            ends = quoted(unsubscribe_link(letter)) if asks_for_an_answer(letter) else link
            headers += f',"List-Unsubscribe":"<{ends[1:-1]}>","List-Unsubscribe-Post":"List-Unsubscribe=One-Click"'
        return (
            f'{{"to":[{{"email":{quoted(letter.address)}}}],"headers":{{{headers}}},"custom_args":{{"{KEY}":"{key}"}},'
            f'"substitutions":{{"{UNSUBSCRIBE_PLACE}":{link}{self._instants_in(letter)}}}}}'
        )

    def _instants_in(self, letter: Letter) -> str:
        """The message's instants in words of the reader's zone, as members of an object, each with a comma before it."""
        wanted = (letter.message.id, letter.zone)
        words = self._instants.get(wanted)
        if words is None:
            if len(self._instants) > _KEPT_ZONES:
                self._instants.clear()
            named = instants_of(letter.message, letter.zone).items()
            words = self._instants[wanted] = "".join(f',"{_place(name)}":{quoted(said)}' for name, said in named)
        return words

    def _client(self) -> SendGridAPIClient:
        where = (settings.SENDGRID_API_URL, settings.SENDGRID_API_KEY)
        if self._sdk is None or self._out is None or self._where != where:
            self.close()
            self._out = Outbound(timeout=settings.PROVIDER_TIMEOUT, connections=1)
            self._sdk, self._where = sendgrid_client(self._out), where
        return self._sdk


def _place(instant: str) -> str:
    """What stands in the shared text where an instant is said to each reader."""
    return f"X-{instant.upper()}-HERE-X"


def _common(message: MessageView, audience: str, audience_name: str) -> dict[str, Any]:
    parts = mail_parts(message, audience, audience_name, {name: _place(name) for name in named_instants(message)})
    headers = {name: safe_header(value) for name, value in parts.headers.items() if name not in {"From", "Subject"}}
    name, address = parseaddr(parts.headers["From"])
    return {
        "from": {"email": address, "name": name},
        "subject": safe_header(parts.headers["Subject"]),
        "content": [{"type": "text/plain", "value": parts.text}, {"type": "text/html", "value": parts.html}],
        "headers": headers,
        "tracking_settings": _TRACKING,
    }


def _by_wording(letters: Sequence[Letter]) -> list[list[int]]:
    groups: dict[tuple[int, str, str], list[int]] = {}
    for place, letter in enumerate(letters):
        groups.setdefault((letter.message.id, letter.audience_key, letter.audience_name), []).append(place)
    return list(groups.values())


def _answer(status: int, headers: Any, now: datetime) -> Answer:
    outcome = meaning(status)
    if outcome is Outcome.ACCEPTED:
        return Answer(outcome, status, provider_id=str(headers.get("X-Message-Id") or "")[:128])
    asked = None
    if outcome is Outcome.THROTTLED:
        asked = seconds_asked(headers.get("Retry-After"), now) or _until(headers.get("X-RateLimit-Reset"), now)
    return Answer(outcome, status, f"SendGrid answers {status}", retry_after=asked)


def _until(reset: str | None, now: datetime) -> float:
    """`X-RateLimit-Reset` is the second, since 1970, at which the limit starts anew."""
    return max(_PATIENCE, min(3600.0, float(reset) - now.timestamp())) if reset and reset.isdecimal() else _PATIENCE
