"""Slack's Block Kit, from what is told. https://docs.slack.dev/reference/block-kit/blocks"""

from collections.abc import Iterable
from typing import Any
from zoneinfo import ZoneInfo

from markdown_it.token import Token

from notifications.rules.markdown import tokens_of
from notifications.rules.told import Told, facts_of

LONGEST_HEADER = 150
LONGEST_SECTION = 3000
MOST_SECTIONS = 40
"""Of the fifty blocks that a message may have, header, facts and foot aside."""
_MARKS = {"strong_open": "*", "strong_close": "*", "em_open": "_", "em_close": "_", "softbreak": "\n", "hardbreak": "\n"}


def slack_message(told: Told, zone: ZoneInfo) -> dict[str, Any]:
    """What is posted to the hook. `text` is what notifications and screen readers say."""
    lines = [f"*{escaped(name)}:* {escaped(words)}" for name, words in facts_of(told, zone)]
    blocks: list[dict[str, Any]] = [
        {"type": "header", "text": {"type": "plain_text", "text": _cut(told.heading, LONGEST_HEADER), "emoji": False}},
        *(_section(piece) for piece in _pieces(mrkdwn(told.body))[:MOST_SECTIONS]),
    ]
    if lines:
        blocks.append(_section(_cut("\n".join(lines), LONGEST_SECTION)))
    blocks.append({"type": "context", "elements": [{"type": "mrkdwn", "text": f"<{told.link}|{escaped(told.page_name)}>"}]})
    return {"text": escaped(f"{told.page_name}: {told.heading}"), "blocks": blocks, "unfurl_links": False, "unfurl_media": False}


def escaped(text: str) -> str:
    """The three characters that Slack reads as its own; nothing a writer types calls a whole channel."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def mrkdwn(text: str) -> str:
    """Our Markdown in Slack's own marks."""
    said, depth, place = "", 0, "\n\n"
    quotes: list[int] = []
    for token in tokens_of(text):
        match token.type:
            case "blockquote_open":
                said, place = said + (place if said else ""), ""
                quotes.append(len(said))
            case "blockquote_close":
                start = quotes.pop()
                said, place = said[:start] + _quoted(said[start:]), "\n\n"
            case "bullet_list_open" | "ordered_list_open":
                depth += 1
            case "bullet_list_close" | "ordered_list_close":
                depth -= 1
            case "list_item_open":
                place = "\n" + "  " * (depth - 1) + "• "
            case "code_block" | "fence":
                said, place = said + place + f"```\n{escaped(token.content)}```", "\n\n"
            case "inline":
                words = "".join(_inline(token.children or ()))
                said, place = said + place + words, "\n" if depth else "\n\n"
    return said.strip()


def _quoted(text: str) -> str:
    return "\n".join(f"> {line}".rstrip() for line in text.strip().split("\n"))


def _inline(children: Iterable[Token]) -> Iterable[str]:
    for child in children:
        match child.type:
            case "text":
                yield escaped(child.content)
            case "code_inline":
                yield f"`{escaped(child.content)}`"
            case "link_open":
                yield f"<{str(child.attrGet('href') or '').replace('|', '%7C').replace('>', '%3E')}|"
            case "link_close":
                yield ">"
            case other:
                yield _MARKS.get(other, "")


def _section(text: str) -> dict[str, Any]:
    return {"type": "section", "text": {"type": "mrkdwn", "text": text}}


def _pieces(text: str) -> list[str]:
    """The text in sections that are short enough, cut between paragraphs where it can be."""
    pieces: list[str] = []
    for paragraph in filter(None, text.split("\n\n")):
        if pieces and len(pieces[-1]) + len(paragraph) + 2 <= LONGEST_SECTION:
            pieces[-1] += "\n\n" + paragraph
        else:
            pieces.extend(paragraph[start : start + LONGEST_SECTION] for start in range(0, len(paragraph), LONGEST_SECTION))
    return pieces


def _cut(text: str, longest: int) -> str:
    return text if len(text) <= longest else text[: longest - 1] + "…"
