"""What one version says otherwise than another, in words."""

from dataclasses import dataclass
from difflib import SequenceMatcher
from enum import StrEnum

from policies.rules.document import Document, Rule
from policies.rules.explain import sentences


class ChangeKind(StrEnum):
    """What became of a rule."""

    SAME = "same"
    ADDED = "added"
    REMOVED = "removed"
    CHANGED = "changed"
    MOVED = "moved"


@dataclass(frozen=True)
class Change:
    """One rule in both versions. Positions count from 1; `None` where there is no such rule. `parts` is (op, sentence)."""

    kind: ChangeKind
    key: str
    old_position: int | None
    new_position: int | None
    parts: tuple[tuple[str, str], ...]


def compare(old: Document, new: Document) -> list[Change]:
    """Every rule of the new version in order, then those it no longer has. A rule is known by its key."""
    before = {rule.key: (position, rule) for position, rule in enumerate(old.all_rules, start=1)}
    after = [rule.key for rule in new.all_rules]
    in_place = _in_place([key for key in before if key in after], [key for key in after if key in before])
    changes = []
    for position, rule in enumerate(new.all_rules, start=1):
        if rule.key not in before:
            changes.append(Change(ChangeKind.ADDED, rule.key, None, position, tuple(("ins", text) for text in said(rule))))
            continue
        old_position, old_rule = before[rule.key]
        same_words = said(old_rule) == said(rule)
        kind = ChangeKind.CHANGED if not same_words else ChangeKind.SAME if rule.key in in_place else ChangeKind.MOVED
        changes.append(Change(kind, rule.key, old_position, position, sentence_parts(said(old_rule), said(rule))))
    return changes + [
        Change(ChangeKind.REMOVED, key, position, None, tuple(("del", text) for text in said(rule)))
        for key, (position, rule) in before.items()
        if key not in after
    ]


def said(rule: Rule) -> list[str]:
    """The rule's own words, then what it does."""
    return [f"“{rule.words}”", *sentences(rule)]


def _in_place(then: list[str], now: list[str]) -> frozenset[str]:
    """The rules that kept their order among each other; the fewest others count as moved."""
    blocks = SequenceMatcher(None, then, now, autojunk=False).get_matching_blocks()
    return frozenset(key for block in blocks for key in then[block.a : block.a + block.size])


def sentence_parts(old: list[str], new: list[str]) -> tuple[tuple[str, str], ...]:
    """Sentences that stayed, went and came, as (op, sentence): same, del, ins."""
    parts: list[tuple[str, str]] = []
    for op, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if op == "equal":
            parts += [("same", text) for text in old[a:b]]
        else:
            parts += [("del", text) for text in old[a:b]] + [("ins", text) for text in new[c:d]]
    return tuple(parts)
