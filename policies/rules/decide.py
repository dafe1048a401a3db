"""The first rule whose condition holds decides."""

from policies.rules.decision import Decision
from policies.rules.document import Document, Rule
from policies.rules.facts import Facts
from policies.rules.thresholds import reconsider_after
from policies.rules.urgency import urgency_of


def rule_for(document: Document, facts: Facts) -> Rule:
    """The rule that decides."""
    return next((rule for rule in document.rules if rule.holds(facts)), document.otherwise)


def decide(document: Document, facts: Facts, version: int) -> Decision:
    """Total and deterministic: the same facts under the same version always give the same decision."""
    rule = rule_for(document, facts)
    parts = dict(vars(rule.then))
    # What is handed out is the asker's own: changing it changes no policy.
    parts["cadence"] = dict(rule.then.cadence)
    parts["cadence_by_audience"] = {key: dict(cadence) for key, cadence in rule.then.cadence_by_audience.items()}
    parts["required_templates"] = dict(rule.then.required_templates)
    parts["urgency"] = rule.then.urgency or urgency_of(facts)
    return Decision(
        **parts,
        rule_key=rule.key,
        rule_words=rule.words,
        policy_version=version,
        reconsider_after_minutes=reconsider_after(document, rule, facts),
    )
