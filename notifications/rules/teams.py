"""An Adaptive Card for Microsoft Teams, from what is told. https://adaptivecards.microsoft.com · posted to a Workflows URL."""

import json
from typing import Any
from zoneinfo import ZoneInfo

from notifications.rules.markdown import Passage, passages
from notifications.rules.told import Told, facts_of

LONGEST_MESSAGE = 28 * 1024
"""Bytes of the whole message that Teams shows: https://learn.microsoft.com/microsoftteams/limits-specifications-teams."""
_MORE = "… The rest stands on the page."


def teams_message(told: Told, zone: ZoneInfo) -> bytes:
    """The JSON that is posted. A body that is too long is cut between paragraphs, and says so."""
    texts = [Passage(words, one.quoted) for one in passages(told.body) for words in one.words.split("\n\n")]
    for taken in range(len(texts), -1, -1):
        shown = texts if taken == len(texts) else [*texts[:taken], Passage(_MORE)]
        data = json.dumps(_message(told, shown, zone), ensure_ascii=False).encode()
        if len(data) <= LONGEST_MESSAGE:
            return data
    raise ValueError("The title and the components alone are longer than Teams takes.")


def _message(told: Told, texts: list[Passage], zone: ZoneInfo) -> dict[str, Any]:
    card = {
        "$schema": "http://adaptivecards.io/schemas/adaptive-card.json",
        "type": "AdaptiveCard",
        "version": "1.4",
        "msteams": {"width": "Full"},
        "body": [
            {"type": "TextBlock", "text": _unmarked(told.heading), "size": "Large", "weight": "Bolder", "wrap": True},
            *(_paragraph(text) for text in texts),
            *_facts(told, zone),
        ],
        "actions": [{"type": "Action.OpenUrl", "title": told.page_name, "url": told.link}],
    }
    content = {"contentType": "application/vnd.microsoft.card.adaptive", "contentUrl": None, "content": card}
    return {"type": "message", "attachments": [content]}


def _paragraph(passage: Passage) -> dict[str, Any]:
    """A quotation stands in a box of its own: Teams knows no mark for it."""
    block = {"type": "TextBlock", "text": _unmarked(passage.words), "wrap": True}
    return {"type": "Container", "style": "emphasis", "items": [block]} if passage.quoted else block


def _facts(told: Told, zone: ZoneInfo) -> list[dict[str, Any]]:
    found = [{"title": _unmarked(name), "value": _unmarked(words)} for name, words in facts_of(told, zone)]
    return [{"type": "FactSet", "facts": found}] if found else []


def _unmarked(text: str) -> str:
    """Teams reads a part of Markdown in every text; what was a mark to the writer has been taken out before."""
    return "".join(f"\\{character}" if character in r"\`*_[]<>#~" else character for character in text)
