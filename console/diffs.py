"""Word-level differences, as the diff component shows them."""

import re
from dataclasses import dataclass
from difflib import SequenceMatcher

_TOKENS = re.compile(r"\s+|\w+|[^\w\s]")


@dataclass(frozen=True)
class Part:
    """A stretch of text; `op` is same, ins or del."""

    op: str
    text: str


def word_diff(old: str, new: str) -> list[Part]:
    """What became of `old`, word by word. Joining same and ins gives `new`; same and del gives `old`."""
    before, after = _TOKENS.findall(old), _TOKENS.findall(new)
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
