"""Letters made by hand, and settings that lead to the vendors' stand-ins."""

import uuid
from typing import Any

from pytest_django import Settings

from demo.fakes.server import ACCOUNT, API_KEY, TOKEN
from notifications.rules.states import MessageKind
from notifications.transports.contract import Letter, MessageView
from tests.support.fakes import Outside

RELEASED, NEXT = "2026-03-02T14:00:00+00:00", "2026-03-02T14:30:00+00:00"


def lead_to(outside: Outside, settings: Settings) -> None:
    """Every provider's address and secret is its stand-in's."""
    settings.SENDGRID_API_URL = settings.TWILIO_API_URL = outside.base
    settings.SENDGRID_API_KEY = API_KEY
    settings.TWILIO_ACCOUNT_SID, settings.TWILIO_AUTH_TOKEN, settings.TWILIO_FROM = ACCOUNT, TOKEN, "+15005550006"
    settings.PROVIDER_TIMEOUT = 1
    settings.DEFAULT_FROM_EMAIL = "Status <status@example.com>"
    settings.SENDGRID_EVENT_KEY = outside.stand_ins.sendgrid.verification_key


def message(kind: MessageKind = MessageKind.RELEASE, number: int = 1, **changes: Any) -> MessageView:
    """An update for customers; `changes` go into its facts, but for title and body."""
    wording = {"title": changes.pop("title", "Some checkouts fail"), "body": changes.pop("body", "Cards are **refused**. We look into it.")}
    facts: dict[str, Any] = {
        "status": "investigating",
        "impact": "major",
        "components": [
            {"name": "Checkout", "words": "partial outage", "is_public": True},
            {"name": "Ledger", "words": "major outage", "is_public": False},
        ],
        "internal_audiences": [],
        "released_at": RELEASED,
        "next_due_at": NEXT,
        "incident": "abcdefghijkl",
    }
    return MessageView(number, f"message-{number:04}", kind, {"customers": wording}, facts | changes)


def letter(address: str, view: MessageView | None = None, *, zone: str = "Europe/Berlin", number: int = 1) -> Letter:
    """One reader's letter."""
    return Letter(
        delivery=number,
        key=str(uuid.uuid4()),
        address=address,
        language="en",
        zone=zone,
        audience_key="customers",
        audience_name="Customers",
        message=view or message(),
        unsubscribe=(number, 1),
    )
