"""One plain form of a text for the detectors to read, with every character's place in the text as it was typed.

In this order: escapes and entities that Markdown would undo; compatibility forms (Unicode NFKD without marks), invisible
characters, digits of other scripts and letters that look Latin (Unicode TR 36 and 39); defanged dots and colons.
"""

import html
import re
import unicodedata
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import chain

_ESCAPES = re.compile(r"&(?:#[0-9]{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});|\\[!-/:-@\[-`{-~]")
_FOREIGN = re.compile(r"[^\x00-\x7f]")
_DEFANGED = re.compile(r"[\[({] ?(?:([.:])|dot|colon) ?[\])}]", re.IGNORECASE)
_ALIKE = str.maketrans(
    "аеіјорсухѕԁԛԝһѵӏкмтАВЕІЈКМНОРСТУХЅԚԜҺѴӀ" + "αονρικυχτΑΒΕΖΗΙΚΜΝΟΡΤΥΧ" + "ɡıɩ" + "‐‑‒–—―−⁃" + "·。۔․" + "∶꞉ː" + "⁄∕" + "’‘",
    "aeijopcyxsdqwhvlkmtABEIJKMHOPCTYXSQWHVI" + "aovpikuxtABEZHIKMNOPTYX" + "gii" + "--------" + "...." + ":::" + "//" + "''",
)


@dataclass(frozen=True)
class Normalised:
    """`text` is the plain form of `source`. `starts` and `ends` say where each of its characters was typed; `None`: the same place."""

    source: str
    text: str
    starts: tuple[int, ...] | None = None
    ends: tuple[int, ...] | None = None

    def span(self, start: int, end: int) -> tuple[int, int]:
        """The place in the source of the characters from `start` up to `end`, of which there is at least one."""
        return (start, end) if self.starts is None or self.ends is None else (self.starts[start], self.ends[end - 1])


def normalise(source: str) -> Normalised:
    """The plain form. Never fails, whatever the text."""
    found = Normalised(source, source)
    for pattern, plain in ((_ESCAPES, _unescaped), (_FOREIGN, _latin), (_DEFANGED, _mended)):
        found = _rewritten(found, pattern, plain)
    return found


def _rewritten(before: Normalised, pattern: re.Pattern[str], plain: Callable[[re.Match[str]], str]) -> Normalised:
    """With each match replaced; its characters take the place of the whole match."""
    if pattern.search(before.text) is None:
        return before
    pieces: list[tuple[str, Sequence[int], Sequence[int]]] = []
    at = 0
    for match in pattern.finditer(before.text):
        pieces.append(_as_it_was(before, at, match.start()))
        at = match.end()
        piece = plain(match)
        start, end = before.span(match.start(), at)
        pieces.append((piece, [start] * len(piece), [end] * len(piece)))
    pieces.append(_as_it_was(before, at, len(before.text)))
    texts, starts, ends = zip(*pieces, strict=True)
    return Normalised(before.source, "".join(texts), tuple(chain(*starts)), tuple(chain(*ends)))


def _as_it_was(before: Normalised, start: int, end: int) -> tuple[str, Sequence[int], Sequence[int]]:
    if before.starts is None or before.ends is None:
        return before.text[start:end], range(start, end), range(start + 1, end + 1)
    return before.text[start:end], before.starts[start:end], before.ends[start:end]


def _unescaped(match: re.Match[str]) -> str:
    return match[0][1:] if match[0][0] == "\\" else html.unescape(match[0])


def _latin(match: re.Match[str]) -> str:
    return _plain_character(match[0])


def _mended(match: re.Match[str]) -> str:
    return match[1] or (":" if "colon" in match[0].lower() else ".")


@lru_cache(maxsize=4096)
def _plain_character(character: str) -> str:
    """The character in plain form: nothing for what is invisible, the letter without its accent, the Latin letter it looks like."""
    plain = []
    for one in unicodedata.normalize("NFKD", character.translate(_ALIKE)).translate(_ALIKE):
        if unicodedata.category(one) in {"Cf", "Mn", "Me"}:
            continue
        digit = unicodedata.decimal(one, None)
        plain.append(one if digit is None else str(digit))
    return "".join(plain)
