"""Letters as plain words: what one audience is told, for the channels that have no letterhead."""

from dataclasses import replace
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings

from notifications.rules.times import in_words, zone_named
from notifications.rules.told import Told
from notifications.transports.bodies import body_of
from notifications.transports.contract import Letter, MessageView
from notifications.transports.personal_links import asks_for_an_answer, personal_link

_UTC = zone_named("UTC")


def told(letter: Letter) -> Told:
    """What this letter says; where it asks for an answer, its link is the reader's own."""
    said = told_to(letter.message, letter.audience_key, zone_named(letter.zone))
    return replace(said, link=personal_link(letter)) if asks_for_an_answer(letter) else said


def told_to(message: MessageView, audience: str, zone: ZoneInfo = _UTC) -> Told:
    """What the message says to that audience, instants in its text by the clock of `zone`. A release links to the public page, a
    notice to its place in the console."""
    wording, facts = message.wording[audience], message.facts
    path = facts.get("path", "")
    return Told(
        kind=message.kind,
        message=message.public_id,
        incident=str(facts.get("incident", "")),
        audience=audience,
        title=wording["title"],
        body=body_of(message, audience, lambda at: in_words(at, zone)),
        status=str(facts.get("status", "")),
        impact=str(facts.get("impact", "")),
        components=tuple((one["name"], one["words"]) for one in message.components_for(audience)),
        released_at=_instant(facts.get("released_at") or facts.get("at")),
        next_due_at=_instant(facts.get("next_due_at")),
        page_name=settings.PUBLIC_PAGE_NAME,
        link=settings.CONSOLE_URL + path if path else settings.PUBLIC_PAGE_URL,
        update_kind=str(facts.get("kind", "")),
        corrects=str(facts.get("corrects", "")),
    )


def _instant(text: Any) -> datetime | None:
    return datetime.fromisoformat(text) if text else None
