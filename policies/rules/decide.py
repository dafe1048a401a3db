"""The first rule whose condition holds decides."""

from policies.rules.decision import Decision
from policies.rules.document import Document
from policies.rules.facts import Facts


def decide(document: Document, facts: Facts, version: int) -> Decision:
    """Total and deterministic: the same facts under the same version always give the same decision."""
    rule = next((rule for rule in document.rules if rule.when.holds(facts)), document.otherwise)
    return Decision(
        outcome=rule.outcome,
        rule_key=rule.key,
        rule_words=rule.words,
        cadence=dict(rule.cadence),
        reviews=rule.reviews,
        audiences=rule.audiences,
        publishes_watching=rule.publishes_watching,
        policy_version=version,
    )
