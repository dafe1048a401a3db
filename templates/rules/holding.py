"""The words of holding statements: states, scenarios, the closed list of variables, and what the hash covers."""

import re
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from core.canonical import canonical_hash
from templates.rules.render import placeholders

LONGEST_VALIDITY_DAYS = 180
LONGEST_VALIDITY = timedelta(days=LONGEST_VALIDITY_DAYS)
REMIND_BEFORE = timedelta(days=14)


class HoldingState(StrEnum):
    """Where a version stands. Approved is in force until it expires or a newer approved version retires it."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    APPROVED = "approved"
    RETIRED = "retired"


HOLDING_MOVES: dict[HoldingState, frozenset[HoldingState]] = {
    HoldingState.DRAFT: frozenset({HoldingState.IN_REVIEW, HoldingState.RETIRED}),
    HoldingState.IN_REVIEW: frozenset({HoldingState.DRAFT, HoldingState.APPROVED, HoldingState.RETIRED}),
    HoldingState.APPROVED: frozenset({HoldingState.RETIRED}),
    HoldingState.RETIRED: frozenset(),
}


@dataclass(frozen=True)
class Scenario:
    """What a statement is kept ready for; `needs_legal` adds legal to its reviewers."""

    name: str
    when: str
    needs_legal: bool = False


SCENARIOS: dict[str, Scenario] = {
    "disruption": Scenario("Service disrupted", "Something is down or failing and the cause is not known."),
    "slow": Scenario("Service slow", "The service answers, but slowly."),
    "third_party": Scenario("Fault at a supplier", "What fails lies with somebody we depend on."),
    "nothing_new": Scenario("Nothing new", "An update was promised and there is nothing to add."),
    "security": Scenario("Security matter", "Something may have happened that concerns security.", needs_legal=True),
    "data_breach": Scenario("Personal data", "Personal data may have been disclosed or lost.", needs_legal=True),
    "regulated_system": Scenario("Regulated system", "A system under supervision is affected.", needs_legal=True),
}

HOLDING_VARIABLES: dict[str, str] = {
    "component_names": "Names of the affected components, for instance “Checkout and Search”.",
    "started_at_utc": "When the incident was noticed, for instance “2 March 2026, 14:00 UTC”.",
    "now_utc": "When the statement is released, for instance “2 March 2026, 14:20 UTC”.",
    "next_update_in": "Time until the next update, for instance “30 minutes”.",
}


def holding_problems(text: str) -> list[str]:
    """Sentences about placeholders outside the closed list, and about braces that are none; empty when fine."""
    found = [
        f"There is no variable “{name}” for holding statements. Use one of {', '.join(HOLDING_VARIABLES)}."
        for name in placeholders(text)
        if name not in HOLDING_VARIABLES
    ]
    if not found and any(mark in _without_placeholders(text) for mark in ("{{", "}}", "[[fill in:")):
        found.append("Write variables as {{ name }}; other double braces would reach readers as they stand.")
    return found


def tidy_placeholders(text: str) -> str:
    """Every placeholder as `{{ name }}` with one blank on either side: the form that is hashed, stored and filled in."""
    for name in HOLDING_VARIABLES:
        text = _spelling(name).sub(f"{{{{ {name} }}}}", text)
    return text


def holding_hash(*, key: str, scenario: str, audience: str, language: str, title: str, body: str) -> str:
    """SHA-256 over the canonical form of the place and the text with its placeholders."""
    return canonical_hash(
        {"statement": key, "scenario": scenario, "audience": audience, "language": language, "title": title, "body": body}
    )


def _spelling(name: str) -> re.Pattern[str]:
    return re.compile(r"\{\{[ \t]*" + re.escape(name) + r"[ \t]*\}\}")


def _without_placeholders(text: str) -> str:
    for name in HOLDING_VARIABLES:
        text = _spelling(name).sub("", text)
    return text


def is_expired(*, expires_at: datetime, now: datetime) -> bool:
    """Whether an approval has run out; at the very instant it has."""
    return now >= expires_at


def remind_from(expires_at: datetime) -> datetime:
    """When renewal is due to be asked for."""
    return expires_at - REMIND_BEFORE
