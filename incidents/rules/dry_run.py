"""What a version of the policy would have decided otherwise."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from policies.rules.decide import rule_for
from policies.rules.decision import Consequences
from policies.rules.document import Document
from policies.rules.facts import Facts
from policies.rules.urgency import urgency_of

# Parts of a stored decision that say how it was found, not what follows.
NOT_CONSEQUENCES = frozenset({"rule_key", "rule_words", "policy_version", "reconsider_after_minutes"})


@dataclass(frozen=True)
class Decided:
    """A decision that was made: the facts read, what followed, and the rule."""

    facts: Mapping[str, Any]
    consequences: Mapping[str, Any]
    rule_key: str
    rule_words: str


@dataclass(frozen=True)
class Difference:
    """What differs at the first decision of an incident that would have been another, and both rules."""

    before: dict[str, Any]
    after: dict[str, Any]


@dataclass
class Trial:
    """A version being tried; adds up as it goes."""

    document: Document
    totals: dict[str, Any] = field(default_factory=dict)
    _plain: dict[str, dict[str, Any]] = field(default_factory=dict)

    def look_at(self, decisions: Iterable[Decided]) -> Difference | None:
        """One incident with all decisions made for it, the oldest first: the first that would differ in what follows.

        Where only another rule says the same, the incident is counted and nothing differs.
        """
        self._count("incidents")
        found: Difference | None = None
        other_rule = False
        for decided in decisions:
            facts = Facts.from_json(decided.facts)
            rule = rule_for(self.document, facts)
            other_rule = other_rule or rule.key != decided.rule_key
            if rule.key not in self._plain:
                self._plain[rule.key] = rule.then.as_json()
            # A rule that names no urgency leaves it to the facts, which are the same before and after.
            by_facts = urgency_of(facts).value
            before, after = _consequences(decided.consequences), self._plain[rule.key]
            found = difference(
                before | {"urgency": before.get("urgency") or by_facts},
                after | {"urgency": after.get("urgency") or by_facts},
            )
            if found is not None:
                found.before.update(rule_key=decided.rule_key, rule_words=decided.rule_words)
                found.after.update(rule_key=rule.key, rule_words=rule.words)
                self._add_up(found)
                break
        if found is None and other_rule:
            self._count("same_by_another_rule")
        return found

    def _add_up(self, found: Difference) -> None:
        self._count("changed")
        if "outcome" in found.before:
            moves = self.totals.setdefault("outcomes", {})
            move = f"{found.before['outcome']} → {found.after['outcome']}"
            moves[move] = moves.get(move, 0) + 1
        parts = self.totals.setdefault("parts", {})
        for name in found.before.keys() - {"rule_key", "rule_words"}:
            parts[name] = parts.get(name, 0) + 1
        rules = self.totals.setdefault("rules", {})
        pair = f"{found.before['rule_key']} → {found.after['rule_key']}"
        rules[pair] = rules.get(pair, 0) + 1

    def _count(self, name: str) -> None:
        self.totals[name] = self.totals.get(name, 0) + 1


def difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> Difference | None:
    """The parts that differ, or none."""
    names = [name for name in after if before.get(name) != after[name]]
    return Difference({name: before.get(name) for name in names}, {name: after[name] for name in names}) if names else None


def _consequences(stored: Mapping[str, Any]) -> dict[str, Any]:
    """What follows from a stored decision, with today's parts: one that an older decision does not name has its default."""
    named = {name: value for name, value in stored.items() if name not in NOT_CONSEQUENCES}
    return named if named.keys() == _PARTS else Consequences.from_json(named).as_json()


_PARTS = frozenset(Consequences.__dataclass_fields__)
