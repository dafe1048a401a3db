"""What an edit does to verdicts given before it, by the part of the content that it touches."""

from approvals.rules.words import CarriedBecause
from incidents.rules.content import Content
from policies.rules.decision import ReviewKind

ALL_KINDS = frozenset(ReviewKind)
# Who reads it, by which channel and when is judged by everyone but the technical reviewer.
REACH_VOIDS = ALL_KINDS - {ReviewKind.TECHNICAL}


def touches(old: Content, new: Content) -> frozenset[ReviewKind]:
    """The kinds of review that the change from `old` to `new` voids; empty when nothing changed.

    Wording, facts or promise void every kind. Reach (audiences, channels, schedule) voids communications, public relations
    and legal, and keeps technical. Wording for one more audience, or for one fewer, is a change of wording.
    """
    before, after = old.as_json(), new.as_json()
    if any(before[part] != after[part] for part in ("wording", "facts", "promise")):
        return ALL_KINDS
    return REACH_VOIDS if before["reach"] != after["reach"] else frozenset()


def stands_because(kind: str, *, old: Content, new: Content) -> CarriedBecause | None:
    """Why an approval of `old` stands for `new`; `None` where it does not."""
    voided = touches(old, new)
    if kind in voided:
        return None
    return CarriedBecause.REACH if voided else CarriedBecause.SAME_WORDS
