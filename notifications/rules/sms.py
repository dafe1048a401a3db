"""Text messages: what fits into how many segments (GSM 03.38; 3GPP TS 23.038 and 23.040), and the words that go in."""

import re
from dataclasses import dataclass
from enum import StrEnum
from zoneinfo import ZoneInfo

from notifications.rules.markdown import passages
from notifications.rules.times import in_words
from notifications.rules.told import Told

_BASIC = frozenset(
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_ESCAPED = frozenset("\f^{}\\[~]|€")
# One character that GSM 03.38 lacks makes every segment less than half as long: what has an everyday twin is written with it.
_TWINS = str.maketrans(
    {"’": "'", "‘": "'", "‚": "'", "“": '"', "”": '"', "„": '"', "–": "-", "—": "-", "−": "-", "…": "...", "•": "-", "·": "-",
     "\u00a0": " ", "\u202f": " ", "\u2009": " ", "\u200b": "", "\u2011": "-", "«": '"', "»": '"', "→": "->", "×": "x", "\t": " "}
)  # fmt: skip
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+")


class Encoding(StrEnum):
    """How a text travels."""

    GSM7 = "GSM-7"
    UCS2 = "UCS-2"


@dataclass(frozen=True, slots=True)
class Segments:
    """What a text costs: `units` are septets or UTF-16 units, `count` the messages it is cut into."""

    encoding: Encoding
    units: int
    count: int


def segments(text: str) -> Segments:
    """How the network cuts the text. One message holds 160 septets or 70 UTF-16 units; of several, each 153 or 67.

    A character of two units is never cut in half.
    """
    if all(character in _BASIC or character in _ESCAPED for character in text):
        sizes, alone, joined, encoding = [2 if character in _ESCAPED else 1 for character in text], 160, 153, Encoding.GSM7
    else:
        sizes, alone, joined, encoding = [2 if ord(character) > 0xFFFF else 1 for character in text], 70, 67, Encoding.UCS2
    units = sum(sizes)
    if units <= alone:
        return Segments(encoding, units, 1)
    count, room = 1, joined
    for size in sizes:
        if size > room:
            count, room = count + 1, joined
        room -= size
    return Segments(encoding, units, count)


def plainer(text: str) -> str:
    """The same words with typographic signs written as on a typewriter."""
    return text.translate(_TWINS)


def sms_text(told: Told, zone: ZoneInfo, *, most: int) -> str:
    """The message in at most `most` segments: who and what first, as many whole sentences as fit, the next update, the link.

    Too long even without sentences, the title is shortened; the link is always whole.
    """
    head = plainer(f"{told.page_name}: {told.heading}")
    tail = "\n" + told.link
    due = f" Next update by {plainer(in_words(told.next_due_at, zone))}." if told.next_due_at else ""
    sentences = _sentences(told.body)
    ending = "" if head.endswith((".", "!", "?")) else "."
    for taken in range(len(sentences), -1, -1):
        said = " ".join([head + ending, *(words for words, _ in sentences[:taken])])
        # A quotation that is cut short is closed.
        text = said + (' ..."' if taken and sentences[taken - 1][1] else "") + due + tail
        if segments(text).count <= most:
            return text
    return _shortened(head, due + tail, most) or _shortened(head, tail, most) or told.link


def _sentences(body: str) -> list[tuple[str, bool]]:
    """Each sentence on one line, and whether a quotation goes on after it."""
    found: list[tuple[str, bool]] = []
    for passage in passages(body):
        parts = _SENTENCE_END.split(plainer(passage.marked).strip())
        found += [(" ".join(part.split()), passage.quoted and place < len(parts) - 1) for place, part in enumerate(parts)]
    return found


def _shortened(head: str, rest: str, most: int) -> str:
    """The longest beginning of the head with which it fits; empty where not even ten characters do."""
    low, high = 0, len(head)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if segments(f"{head[:middle].rstrip()}...{rest}").count <= most else (low, middle - 1)
    return f"{head[:low].rstrip()}...{rest}" if low >= 10 else ""
