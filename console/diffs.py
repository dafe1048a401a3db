"""Word-level differences, as the diff component shows them."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

from screening.rules.findings import Finding
from screening.rules.passages import pieces

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")
# Texts that share fewer of their words than this are shown one after the other: word by word they would be hard to read.
ALIKE = 0.4


@dataclass(frozen=True)
class Part:
    """A stretch of text; `op` is same, ins or del. `severity` is that of a finding over it, empty where there is none."""

    op: str
    text: str
    severity: str = ""


def word_diff(old: str, new: str) -> list[Part]:
    """What became of `old`, word by word. Joining same and ins gives `new`; same and del gives `old`."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
    if _share(before, after) < ALIKE:
        return [Part(op, text) for op, text in (("del", old), ("ins", new)) if text]
    parts: list[Part] = []
    for tag, i1, i2, j1, j2 in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if tag == "equal":
            parts.append(Part("same", "".join(before[i1:i2])))
            continue
        if i2 > i1:
            parts.append(Part("del", "".join(before[i1:i2])))
        if j2 > j1:
            parts.append(Part("ins", "".join(after[j1:j2])))
    return parts


def _share(before: list[str], after: list[str]) -> float:
    """How much of both is the same, from 0 to 1; white space is no word."""
    old, new = ([token for token in tokens if not token.isspace()] for tokens in (before, after))
    return SequenceMatcher(None, old, new, autojunk=False).ratio()


def with_findings(parts: Sequence[Part], findings: Sequence[Finding]) -> list[Part]:
    """The same difference with the passages that were found in the new text marked; what was removed has no mark."""
    marks = pieces("".join(part.text for part in parts if part.op != "del"), findings)
    found: list[Part] = []
    left = 0  # characters of the piece in hand that are not yet given out
    place = -1
    for part in parts:
        if part.op == "del":
            found.append(part)
            continue
        at = 0
        while at < len(part.text):
            if not left:
                place += 1
                left = len(marks[place].text)
            taken = min(left, len(part.text) - at)
            found.append(Part(part.op, part.text[at : at + taken], marks[place].severity))
            at, left = at + taken, left - taken
    return found
