"""What the policy's decision forbids at the moment of release, each with the words of the rule that says so."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from approvals.rules.naming import listed
from approvals.rules.reasons import Reason
from policies.rules.decision import Embargo
from stakeholders.rules.channel_words import CHANNEL_WORDS


@dataclass(frozen=True)
class PolicyFacts:
    """The decision in force and what it is held against. `outside` are the audiences reached that are not internal.

    `watching` says that the incident is only watched, `watching_audiences` who may hear of it all the same. A rule that names
    nobody means colleagues alone, and the public where it publishes what is watched. `names` are the audiences', by their keys.
    """

    rule_words: str
    now: datetime
    opened_at: datetime
    audiences: frozenset[str]
    outside: frozenset[str]
    channels: frozenset[str]
    forbidden_channels: frozenset[str] = frozenset()
    embargo: Embargo | None = None
    watching: bool = False
    watching_audiences: frozenset[str] = frozenset()
    names: Mapping[str, str] = field(default_factory=dict)


def about_policy(facts: PolicyFacts) -> list[Reason]:
    """Everything that the rule forbids here; empty when it forbids nothing."""
    return [*_embargo(facts), *_channels(facts), *_watching(facts)]


def embargo_ends(embargo: Embargo, *, opened_at: datetime) -> datetime | None:
    """When the embargo ends; `None` for one that names no end that can be read, which then holds until the policy changes."""
    if embargo.minutes_after_opening is not None:
        return opened_at + timedelta(minutes=embargo.minutes_after_opening)
    try:
        ends = datetime.fromisoformat(embargo.until or "")
    except ValueError:
        return None
    return ends if ends.tzinfo is not None else None


def embargoed(facts: PolicyFacts) -> frozenset[str]:
    """The audiences reached that may not hear yet."""
    if facts.embargo is None:
        return frozenset()
    ends = embargo_ends(facts.embargo, opened_at=facts.opened_at)
    if ends is not None and facts.now >= ends:
        return frozenset()
    held = frozenset(facts.embargo.audiences)
    return facts.audiences & held if held else facts.outside


def _embargo(facts: PolicyFacts) -> list[Reason]:
    held = embargoed(facts)
    if facts.embargo is None or not held:
        return []
    ends = embargo_ends(facts.embargo, opened_at=facts.opened_at)
    until = f"until {ends:%d %b %Y %H:%M} UTC" if ends else "until the policy says otherwise"
    return [
        Reason("embargo", f"{listed(held, facts.names)} may not hear of this {until}: {_quoted(facts)} Wait, or take the audience out.")
    ]


def _channels(facts: PolicyFacts) -> list[Reason]:
    used = facts.channels & facts.forbidden_channels
    if not used:
        return []
    return [
        Reason("forbidden_channel", f"The policy forbids the channel {listed(used, CHANNEL_WORDS)} here: {_quoted(facts)} Take it out.")
    ]


def _watching(facts: PolicyFacts) -> list[Reason]:
    if not facts.watching:
        return []
    unaware = facts.audiences - facts.watching_audiences
    if not unaware:
        return []
    who = listed(unaware, facts.names)
    words = f"While the incident is only watched, {who} may not hear of it: {_quoted(facts)} Confirm the incident first."
    return [Reason("not_initiated", words)]


def _quoted(facts: PolicyFacts) -> str:
    return f"“{facts.rule_words.rstrip('.')}.”"
