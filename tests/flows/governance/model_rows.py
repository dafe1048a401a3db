"""What the model remembers: words, the law in force, rounds and documents. Nothing here calls the product."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta

Person = str
Account = str

WRITERS = {"responder", "incident_commander", "technical_lead", "comms_reviewer", "administrator"}
RESTRICTERS = {"incident_commander", "administrator"}
HOLDERS = {"incident_commander", "legal", "public_relations", "administrator"}
RATIFIERS = {"incident_commander", "override_holder", "legal"}
REVIEWER = {
    "technical": "technical_lead",
    "communications": "comms_reviewer",
    "legal": "legal",
    "public_relations": "public_relations",
}
LIVE = {"draft", "in_review", "approved"}
LATE = timedelta(minutes=15)
CADENCE = timedelta(minutes=15)
# Whom every law names.
NAMED = frozenset({"customers", "internal"})
GAP = "[[fill in: what is right]]"
LEAK = "The host 10.20.30.40 does not answer."


@dataclass(frozen=True)
class Words:
    """A content: the sentences that customers read (none: they are not reached), the channels, when it goes, and what colleagues read."""

    said: tuple[str, ...]
    channels: tuple[str, ...] = ("email", "page")
    mode: str = "by_hand"
    at: datetime | None = None
    inside: str = "5xx above 5 % since the last deploy."

    @property
    def outside(self) -> bool:
        """Whether anybody but colleagues reads it."""
        return bool(self.said)

    @property
    def readers(self) -> set[str]:
        """The audiences that read it."""
        return {"customers", "internal"} if self.said else {"internal"}

    def same_but_for_reach(self, other: "Words") -> bool:
        """Whether only channels and schedule differ."""
        return (self.said, self.inside) == (other.said, other.inside)


@dataclass(frozen=True)
class Law:
    """The policy in force. Windows are in minutes, and so is the embargo (after opening; 0 for none)."""

    windows: tuple[tuple[str, int], ...] = (("technical", 15), ("communications", 15))
    embargo: int = 0
    forbidden: tuple[str, ...] = ()
    override_fills_legal: bool = False
    training_required: bool = True


@dataclass(frozen=True)
class Approval:
    """An approval that stands, the words that its reviewer really read, and what strikes left of them since."""

    by: Person
    read: Words
    left: tuple[Words, ...] = ()


@dataclass
class Dispute:
    """A sentence that waits for its ruling. `reviewers` is filled on while that round runs."""

    sentence: str
    by: Person
    reviewers: set[Person]


@dataclass
class Round:
    """A round's slots: until when each is due, and what fills it. `reviewers` gave a verdict of their own in it.

    `reworded`: an arbiter put words there since somebody asked.
    """

    asked_by: Account
    windows: dict[str, timedelta]
    due: dict[str, datetime]
    given: dict[str, Approval]
    reviewers: set[Person] = field(default_factory=set)
    reworded: bool = False

    def missing(self) -> set[str]:
        """The kinds that nobody has approved."""
        return set(self.due) - set(self.given)


@dataclass
class Promise:
    """Word promised until a time, to those who have read nothing since; `first`: by the policy, to those who have read nothing at all."""

    untold: set[str]
    due: datetime
    first: bool = False


@dataclass
class Doc:
    """One update. `authors` put words in or put them forward, `strikers` only took some out by a ruling.

    `hands` are the accounts that they did it with, `able` those that could give each kind of review whenever it was asked for.
    """

    words: Words
    kind: str = "update"
    state: str = "draft"
    authors: set[Person] = field(default_factory=set)
    strikers: set[Person] = field(default_factory=set)
    hands: set[Account] = field(default_factory=set)
    able: dict[str, set[Account]] = field(default_factory=dict)
    round: Round | None = None
    disputes: list[Dispute] = field(default_factory=list)
    held: bool = False
    plan: tuple[datetime, Account] | None = None
    out: Words | None = None
    overridden_by: Person = ""
    ratification: str = ""
    corrects: "Doc | None" = None
    # Only counted, so that a test can say how far the walks got.
    carried: int = 0
    rulings: int = 0
    by_plan: bool = False
    in_confidence: bool = False
    past_legal: bool = False
    by_token: bool = False

    @property
    def wrote(self) -> set[Person]:
        """Whoever had a hand in it; the set never shrinks."""
        return self.authors | self.strikers

    @property
    def live(self) -> Round:
        """The round that is open or approved."""
        assert self.round is not None
        return self.round
