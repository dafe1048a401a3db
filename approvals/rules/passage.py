"""Finding the passage that somebody means in a text."""

from dataclasses import dataclass

LONGEST_QUOTE = 2000


class NoSuchPassage(ValueError):
    """The passage is not in the text, or stands there more than once; the message says the cure."""


@dataclass(frozen=True)
class Span:
    """Characters `start` to `end` (end excluded) of a text."""

    start: int
    end: int


def find_passage(text: str, *, quote: str, start: int | None = None) -> Span:
    """Where `quote` stands in `text`; `start` says which place is meant when it stands there more than once.

    Raises `NoSuchPassage`.
    """
    if not quote.strip():
        raise NoSuchPassage("Mark or copy the passage that you mean.")
    if len(quote) > LONGEST_QUOTE:
        raise NoSuchPassage(f"Mark at most {LONGEST_QUOTE} characters.")
    if start is not None:
        if start < 0 or text[start : start + len(quote)] != quote:
            raise NoSuchPassage("The passage is not there in these words. Mark it again in the newest revision.")
        return Span(start, start + len(quote))
    places = text.count(quote)
    if places == 0:
        raise NoSuchPassage("The passage is not in the text. Copy it exactly as it stands there.")
    if places > 1 or text.find(quote, text.find(quote) + 1) >= 0:
        raise NoSuchPassage("The passage stands in the text more than once. Copy some words around it too.")
    found = text.find(quote)
    return Span(found, found + len(quote))
