"""What a policy decides."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from enum import StrEnum
from typing import Any, Self

from policies.rules.urgency import Urgency

ARBITER_MINUTES = 15
RATIFY_WITHIN_MINUTES = 24 * 60
LATE_BOUND_MINUTES = 15


class Outcome(StrEnum):
    """Whether formal updates are due."""

    REQUIRED = "required"
    OPTIONAL = "optional"
    NONE = "none"


class ReviewKind(StrEnum):
    """What a reviewer answers for."""

    TECHNICAL = "technical"
    COMMUNICATIONS = "communications"
    LEGAL = "legal"
    PUBLIC_RELATIONS = "public_relations"


ALWAYS_REVIEWED = (ReviewKind.TECHNICAL, ReviewKind.COMMUNICATIONS)


@dataclass(frozen=True)
class ReviewRequirement:
    """One review an update needs, and how long it may take."""

    kind: ReviewKind
    window_minutes: int


@dataclass(frozen=True)
class LongIncident:
    """Once the incident is this old, these minutes per status replace every other cadence; a status left out keeps its own."""

    after_minutes: int
    cadence: dict[str, int]


@dataclass(frozen=True)
class Embargo:
    """Nothing leaves before then: so many minutes after the incident was opened, or an instant (ISO 8601, UTC).

    Exactly one of the two is given. `audiences` are those held back; none named means everyone outside.
    """

    minutes_after_opening: int | None = None
    until: str | None = None
    audiences: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Consequences:
    """What follows when a rule decides: the parts of `then`.

    `cadence` is minutes between updates per incident status; a status without entry promises nothing. For an audience named in
    `cadence_by_audience` its own minutes come first. `promise_bounds` are the fewest and most minutes a person may promise
    without giving a reason. `watching_audiences` may hear while the incident is only watched, colleagues where none is named;
    `publishes_watching` says whether the public is among them. `required_templates` names per audience the template that the
    first draft starts from; what people make of its words is theirs and the reviewers'. `urgency` is the rule's own; `None` leaves it to
    the incident's facts (`urgency.urgency_of`), which is what a decision holds then.
    """

    outcome: Outcome
    cadence: dict[str, int]
    reviews: tuple[ReviewRequirement, ...]
    audiences: tuple[str, ...]
    publishes_watching: bool
    cadence_by_audience: dict[str, dict[str, int]] = field(default_factory=dict)
    long_incident: LongIncident | None = None
    promise_bounds: tuple[int, int] | None = None
    watching_audiences: tuple[str, ...] = ()
    training_required: bool = True
    forbidden_channels: tuple[str, ...] = ()
    embargo: Embargo | None = None
    required_templates: dict[str, str] = field(default_factory=dict)
    arbiter_minutes: int = ARBITER_MINUTES
    override_fills_legal: bool = False
    ratify_within_minutes: int = RATIFY_WITHIN_MINUTES
    late_bound_minutes: int = LATE_BOUND_MINUTES
    urgency: Urgency | None = None

    def as_json(self) -> dict[str, Any]:
        """The stored form, which is also the written form of `then`; equal to itself after a round through JSON.

        A rule without an urgency of its own does not name the part, as those written before it was known.
        """
        plain = {item.name: _plain(getattr(self, item.name)) for item in fields(self)}
        return {name: value for name, value in plain.items() if name != "urgency" or value is not None}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> Self:
        """From the stored form. What an older one does not name takes its default; what is unknown is left out."""
        known = {item.name for item in fields(cls)}
        return cls(**{name: _READERS[name](value) if name in _READERS else value for name, value in data.items() if name in known})


@dataclass(frozen=True, kw_only=True)
class Decision(Consequences):
    """The consequences of the first rule that matched, with that rule and the version it stands in.

    `reconsider_after_minutes` is the incident's age at which another rule could match or the long-incident cadence begins,
    facts that people change aside; `None` when time alone changes nothing.
    """

    rule_key: str
    rule_words: str
    policy_version: int
    reconsider_after_minutes: int | None = None

    def minutes_until_next(self, status: str, *, audiences: Iterable[str] = (), elapsed_minutes: int = 0) -> int | None:
        """Minutes until the next update is due in this status, or `None` when none is promised.

        Given audiences, the shortest of what each is promised. `elapsed_minutes` is the incident's age.
        """
        if self.is_long(elapsed_minutes) and self.long_incident is not None and status in self.long_incident.cadence:
            return self.long_incident.cadence[status]
        promised = [self.cadence_by_audience.get(key, {}).get(status, self.cadence.get(status)) for key in audiences]
        known = [minutes for minutes in promised or [self.cadence.get(status)] if minutes is not None]
        return min(known, default=None)

    def is_long(self, elapsed_minutes: int) -> bool:
        """Whether the long-incident mode applies at this age."""
        return self.long_incident is not None and elapsed_minutes >= self.long_incident.after_minutes

    def review(self, kind: ReviewKind) -> ReviewRequirement | None:
        """The review of that kind, where one is needed."""
        return next((review for review in self.reviews if review.kind is kind), None)


def _plain(value: Any) -> Any:
    if isinstance(value, StrEnum):
        return value.value
    if isinstance(value, ReviewRequirement | LongIncident | Embargo):
        return {item.name: _plain(getattr(value, item.name)) for item in fields(value)}
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, tuple) else value


def _embargo(data: Mapping[str, Any] | None) -> Embargo | None:
    if data is None:
        return None
    return Embargo(data.get("minutes_after_opening"), data.get("until"), tuple(data.get("audiences", ())))


# How a stored part becomes a value, where it is not stored as it is.
_READERS: dict[str, Any] = {
    "outcome": Outcome,
    "cadence": dict,
    "reviews": lambda items: tuple(ReviewRequirement(ReviewKind(item["kind"]), item["window_minutes"]) for item in items),
    "audiences": tuple,
    "cadence_by_audience": lambda data: {key: dict(cadence) for key, cadence in data.items()},
    "long_incident": lambda data: data and LongIncident(data["after_minutes"], dict(data["cadence"])),
    "promise_bounds": lambda data: data and (data[0], data[1]),
    "watching_audiences": tuple,
    "forbidden_channels": tuple,
    "embargo": _embargo,
    "required_templates": dict,
    "urgency": lambda word: word and Urgency(word),
}
