"""The words of the checker: what can be wrong with a tree."""

from dataclasses import dataclass
from enum import StrEnum

from accounts.rules.spans import Span


class Kind(StrEnum):
    """What was found."""

    CIRCLE = "circle"
    NO_STEPS = "no_steps"
    NO_TARGET = "no_target"
    NOBODY_AT_THE_END = "nobody_at_the_end"
    UNREACHABLE_STEP = "unreachable_step"
    RETIRED_TREE = "retired_tree"
    UNREACHABLE_TARGET = "unreachable_target"
    BAD_ADDRESS = "bad_address"
    STALE_ADDRESS = "stale_address"
    SINGLE_POINT = "single_point"
    UNCOVERED = "uncovered"


class Level(StrEnum):
    """How grave: nobody may be told at all · somebody is not told when they should be · worth knowing."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"


@dataclass(frozen=True)
class Finding:
    """`tree` and `position` say where (0: the tree as a whole), `message` what, `cure` what to do.

    `spans` are the hours it is about, in UTC; `why` what people are passed over for in them.
    """

    kind: Kind
    level: Level
    tree: str
    position: int
    message: str
    cure: str
    spans: tuple[Span, ...] = ()
    why: tuple[str, ...] = ()
