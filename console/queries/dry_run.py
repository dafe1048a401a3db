"""What a trial of a policy found, in words."""

from dataclasses import dataclass
from typing import Any

from incidents.models import PolicyDryRun, PolicyDryRunDifference

PART_WORDS = {
    "outcome": "whether updates are due",
    "cadence": "how often",
    "cadence_by_audience": "how often, by audience",
    "long_incident": "how often in a long incident",
    "promise_bounds": "how freely people may promise",
    "reviews": "reviews",
    "audiences": "audiences",
    "watching_audiences": "who may hear while it is only watched",
    "publishes_watching": "whether watching may be public",
    "forbidden_channels": "forbidden channels",
    "embargo": "embargo",
    "required_templates": "templates that drafts start from",
    "training_required": "whether reviewers need training",
    "arbiter_minutes": "time to rule on disputes",
    "override_fills_legal": "whether an override stands in for legal",
    "ratify_within_minutes": "time to ratify an override",
    "late_bound_minutes": "how late a release may be",
    "urgency": "how urgent it is",
}


@dataclass(frozen=True)
class Line:
    """One part that differs, before and after, in words."""

    what: str
    before: str
    after: str


def total_lines(run: PolicyDryRun) -> list[tuple[str, list[tuple[str, int]]]]:
    """Groups of counts: outcomes that change, parts that change, which rule takes over from which."""
    totals = run.totals
    parts = {PART_WORDS.get(name, name): count for name, count in totals.get("parts", {}).items()}
    groups = [("Whether updates are due", totals.get("outcomes", {})), ("What changes", parts), ("Rules", totals.get("rules", {}))]
    return [(title, sorted(counts.items(), key=lambda pair: (-pair[1], pair[0]))) for title, counts in groups if counts]


def difference_lines(row: PolicyDryRunDifference) -> list[Line]:
    """What differs for one incident; the rule first."""
    rule = Line("rule", str(row.before["rule_key"]), str(row.after["rule_key"]))
    names = [name for name in row.after if name not in {"rule_key", "rule_words"}]
    return [rule, *(Line(PART_WORDS.get(name, name), _words(row.before.get(name)), _words(row.after[name])) for name in names)]


def _words(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, dict):
        return ", ".join(f"{name} {_words(inner)}" for name, inner in value.items() if inner not in (None, [], {})) or "none"
    if isinstance(value, list):
        return ", ".join(_review(item) if isinstance(item, dict) else str(item) for item in value) or "none"
    return str(value).replace("_", " ")


def _review(item: dict[str, Any]) -> str:
    if item.keys() == {"kind", "window_minutes"}:
        return f"{str(item['kind']).replace('_', ' ')} within {item['window_minutes']} min"
    return _words(item)
