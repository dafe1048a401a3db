"""What a check says: a passage, how grave it is, why, and what to write instead."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Severity(StrEnum):
    """How grave a finding is: what blocks never leaves, what warns wants a second look, a hint may be passed over."""

    BLOCK = "block"
    WARN = "warn"
    HINT = "hint"


class Group(StrEnum):
    """What a rule looks after."""

    SENSITIVE = "sensitive"
    SPECULATION = "speculation"
    CLARITY = "clarity"
    OWN = "own"


class Written(Protocol):
    """What one audience reads."""

    @property
    def title(self) -> str: ...
    @property
    def body(self) -> str: ...


@dataclass(frozen=True)
class ScreeningFacts:
    """What a check reads besides the words. `audience` is the audience's key, empty where none is meant."""

    audience_internal: bool = False
    status: str = ""
    cause_confidence: str | None = None
    language: str = "en"
    audience: str = ""

    @property
    def cause_is_confirmed(self) -> bool:
        """Whether somebody has stated the cause as certain."""
        return self.cause_confidence == "confirmed"


@dataclass(frozen=True)
class Rule:
    """A rule as people read it. `outside` and `inside` are its severity for outside readers and for colleagues; `None`: says nothing."""

    id: str
    group: Group
    outside: Severity | None
    inside: Severity | None
    message: str
    safer: str
    why: str

    def severity(self, *, internal: bool) -> Severity | None:
        """How grave it is for these readers."""
        return self.inside if internal else self.outside


@dataclass(frozen=True)
class Hit:
    """A passage of the normalised text that a detector found. What is `secret` is masked wherever it is shown, and cannot be allowed."""

    rule: Rule
    start: int
    end: int
    secret: bool = False


@dataclass(frozen=True)
class Finding:
    """A passage of the text as it was typed: `start` and `end` count its characters (code points) in `field`."""

    rule: str
    group: str
    severity: str
    field: str
    start: int
    end: int
    excerpt: str
    message: str
    safer: str
    why: str

    @property
    def blocks(self) -> bool:
        """Whether nothing may go out while it stands."""
        return self.severity == Severity.BLOCK

    @property
    def sentence(self) -> str:
        """The finding with its cure, in one line."""
        cure = f"Write “{self.safer}” instead." if self.safer else "Take it out."
        return f"“{self.excerpt}”: {self.message} {cure}"


@dataclass(frozen=True)
class Found:
    """A finding, and whose wording it stands in."""

    audience: str
    language: str
    finding: Finding
