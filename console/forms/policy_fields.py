"""The fields of a rule, ready for its page: names, labels and what was typed."""

from collections.abc import Mapping
from typing import Any

from console.forms.policy_rule import KINDS, RuleForm
from policies.rules.decision import ALWAYS_REVIEWED
from policies.rules.reading_consequences import PROMISING
from policies.rules.urgency import Urgency
from stakeholders.rules.channel_words import CHANNEL_WORDS, channel_name

CHANNELS = tuple(CHANNEL_WORDS)
OUTCOMES = (("required", "required"), ("optional", "optional"), ("none", "not due"))
URGENCIES = (("", "as its severity and impact say"), *((urgency.value, urgency.value) for urgency in Urgency))
_STATUS_LABELS = {"investigating": "while investigating", "identified": "once identified", "monitoring": "while monitoring"}
_BOUNDS = (
    ("arbiter_minutes", "A dispute is ruled on within"),
    ("ratify_within_minutes", "An override is ratified within"),
    ("late_bound_minutes", "A release waits for a person when later than"),
)


def fields_of(form: RuleForm, audiences: Mapping[str, str], errors: Mapping[str, list[str]]) -> dict[str, Any]:
    """What the rule's page shows in its fields. `audiences` are names by key."""
    typed = form.typed
    rows = [_audience_row(form, key, name) for key, name in audiences.items()]
    forbidden = form.lists["forbidden_channels"]
    return {
        "outcomes": OUTCOMES,
        "urgencies": URGENCIES,
        "cadence": [(f"cadence-{status}", _STATUS_LABELS[status], typed.get(f"cadence-{status}", "")) for status in PROMISING],
        "long": [(f"long-{status}", _STATUS_LABELS[status], typed.get(f"long-{status}", "")) for status in PROMISING],
        "long_after": typed.get("long-after", ""),
        "bounds_fewest": typed.get("bounds-fewest", ""),
        "bounds_most": typed.get("bounds-most", ""),
        "bounds": [(name, label, typed.get(name, ""), " ".join(errors.get(f"then.{name}", []))) for name, label in _BOUNDS],
        "embargo_minutes": typed.get("embargo-minutes", ""),
        "embargo_until": typed.get("embargo-until", ""),
        "audience_rows": rows,
        "has_audience_extras": any(row["template"] or any(value for _, value in row["cadence"]) for row in rows),
        "has_limits": bool(forbidden) or typed.get("embargo", "none") != "none",
        "channels": [(name, channel_name(name), name in forbidden) for name in dict.fromkeys([*CHANNELS, *forbidden])],
        "reviews": [
            {
                "name": f"window-{kind}",
                "label": kind.replace("_", " ") + ("" if kind in ALWAYS_REVIEWED else " (if asked)"),
                "window": typed.get(f"window-{kind}", ""),
            }
            for kind in KINDS
        ],
    }


def _audience_row(form: RuleForm, key: str, name: str) -> dict[str, Any]:
    return {
        "key": key,
        "name": name,
        "told": key in form.lists["audiences"],
        "watching": key in form.lists["watching_audiences"],
        "embargoed": key in form.lists["embargo_audiences"],
        "cadence": [(status, form.typed.get(f"cadence-{key}-{status}", "")) for status in PROMISING],
        "template": form.typed.get(f"template-{key}", ""),
    }
