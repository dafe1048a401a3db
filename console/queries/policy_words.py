"""Rules of the policy as people read them: audiences stand by their names."""

from collections.abc import Iterable
from dataclasses import replace

from policies.rules.conditions import AllOf, AnyOf, Comparison, Condition, Not
from policies.rules.decision import Consequences
from policies.rules.document import Document, Rule
from stakeholders.queries import audience_names

DEPENDED_ON = "depended_on_by"


def document_by_names(document: Document) -> Document:
    """The document with the names of audiences in place of their keys; to be read, never to be stored or decided by."""
    names = audience_names()
    return Document(tuple(by_names(rule, names) for rule in document.rules), by_names(document.otherwise, names))


def by_names(rule: Rule, names: dict[str, str]) -> Rule:
    """One rule of it."""
    return replace(rule, when=_condition(rule.when, names), then=consequences_by_names(rule.then, names))


def consequences_by_names(then: Consequences, names: dict[str, str]) -> Consequences:
    """What follows, with the names of audiences in place of their keys."""
    embargo = then.embargo
    return replace(
        then,
        audiences=_all(then.audiences, names),
        watching_audiences=_all(then.watching_audiences, names),
        cadence_by_audience={names.get(key, key): cadence for key, cadence in then.cadence_by_audience.items()},
        required_templates={names.get(key, key): template for key, template in then.required_templates.items()},
        embargo=replace(embargo, audiences=_all(embargo.audiences, names)) if embargo else None,
    )


def _condition(condition: Condition, names: dict[str, str]) -> Condition:
    match condition:
        case Comparison(fact=fact, op=op, value=value) if fact == DEPENDED_ON:
            return Comparison(fact, op, _all(value, names) if isinstance(value, tuple) else names.get(str(value), value))
        case AllOf(parts=parts):
            return AllOf(tuple(_condition(part, names) for part in parts))
        case AnyOf(parts=parts):
            return AnyOf(tuple(_condition(part, names) for part in parts))
        case Not(part=part):
            return Not(_condition(part, names))
        case _:
            return condition


def _all(keys: Iterable[str], names: dict[str, str]) -> tuple[str, ...]:
    return tuple(names.get(key, key) for key in keys)
