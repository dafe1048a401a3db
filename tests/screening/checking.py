"""Checking a body as readers outside, or colleagues, would read it."""

from incidents.rules.content import Wording
from screening.rules.check import check
from screening.rules.findings import Finding, ScreeningFacts
from screening.rules.rule_set import PLAIN, RuleSet


def found(
    body: str, *, internal: bool = False, cause: str | None = None, rules: RuleSet = PLAIN, audience: str = "customers"
) -> list[Finding]:
    facts = ScreeningFacts(audience_internal=internal, cause_confidence=cause, audience=audience)
    return list(check(Wording("Checkout is failing", body), facts, rules))


def passages(body: str, **facts: object) -> list[tuple[str, str]]:
    """Rule and the very passage of each finding."""
    return [(one.rule, body[one.start : one.end]) for one in found(body, **facts)]  # type: ignore[arg-type]  # told apart in `found`
