"""Reads what the demo's providers accepted, and answers a text message in a reader's place."""

import json
import urllib.parse
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from django.conf import settings

from demo.fakes.journal import Taken, read_journal

NEWEST = 200
NAMES = {"sendgrid": "E-mail (SendGrid)", "twilio": "Text message", "webhook": "Webhook", "slack": "Slack", "teams": "Teams"}
# A proxy named in the environment has no business with this machine's own addresses.
_OPENER = urllib.request.build_opener(urllib.request.ProxyHandler({}))


@dataclass(frozen=True)
class Shown:
    """One message as the page shows it."""

    name: str
    to: str
    title: str
    text: str
    at: datetime


def list_messages(provider: str = "") -> list[Shown]:
    """Newest first; with `provider`, its alone."""
    folder = Path(getattr(settings, "DEMO_PROVIDERS_DIR"))  # noqa: B009 - the types are checked with the tests' settings, which lack it
    found = [taken for taken in read_journal(folder / "journal.jsonl") if provider in {"", taken.provider}]
    return [_shown(taken) for taken in reversed(found[-NEWEST:])]


def answer(number: str, text: str) -> bool:
    """The reader with that number answers; whether the product took it."""
    address = f"{getattr(settings, 'DEMO_PROVIDERS_URL')}/say"  # noqa: B009 - as above
    data = urllib.parse.urlencode({"from": number, "text": text}).encode()
    try:
        with _OPENER.open(address, data=data, timeout=5) as said:
            return bool(json.load(said)["status"] == 200)
    except (OSError, ValueError):
        return False


def _shown(taken: Taken) -> Shown:
    text = taken.text
    if taken.provider == "webhook":
        text = json.dumps(json.loads(taken.text), indent=2, ensure_ascii=False)
    return Shown(NAMES.get(taken.provider, taken.provider), taken.to, taken.title, text, datetime.fromtimestamp(taken.at, UTC))
