"""One rule of a policy as fields, and back. What is typed wrongly is kept as typed; reading the rule says what is wrong and where."""

from collections.abc import Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from django.http import QueryDict

from console.forms.policy_condition import Node, tree_from, tree_of, written
from console.forms.typed import small_int
from policies.rules.decision import ALWAYS_REVIEWED, ReviewKind
from policies.rules.reading_consequences import PROMISING

KINDS = tuple(kind.value for kind in ReviewKind)
_TICKS = ("publishes_watching", "training_required", "override_fills_legal")
_MINUTES = ("arbiter_minutes", "ratify_within_minutes", "late_bound_minutes")
_LISTS = ("audiences", "watching_audiences", "forbidden_channels")
NEW_RULE: dict[str, Any] = {
    "key": "",
    "words": "",
    "when": {"all": []},
    "then": {
        "outcome": "required",
        "cadence": {"investigating": 30, "identified": 60, "monitoring": 120},
        "reviews": [{"kind": kind, "window_minutes": 30} for kind in ALWAYS_REVIEWED],
        "audiences": ["customers", "internal"],
        "publishes_watching": False,
        "cadence_by_audience": {},
        "long_incident": None,
        "promise_bounds": None,
        "watching_audiences": ["internal"],
        "training_required": True,
        "forbidden_channels": [],
        "embargo": None,
        "required_templates": {},
        "arbiter_minutes": 15,
        "override_fills_legal": False,
        "ratify_within_minutes": 1440,
        "late_bound_minutes": 15,
    },
}


class RuleForm:
    """What the fields hold: `typed` by field name, `lists` the ticked ones, `tree` the condition."""

    def __init__(self, typed: dict[str, str], lists: dict[str, list[str]], tree: Node, *, is_last: bool) -> None:
        self.typed, self.lists, self.tree, self.is_last = typed, lists, tree, is_last
        self.errors: dict[str, list[str]] = {}

    @classmethod
    def of(cls, rule: Mapping[str, Any], *, is_last: bool) -> "RuleForm":
        """The fields of a rule as it is stored, every part spelled out."""
        then = rule["then"]
        typed = {"key": rule["key"], "words": rule["words"], "outcome": then["outcome"], "urgency": then.get("urgency") or ""}
        typed |= {f"cadence-{status}": str(then["cadence"].get(status, "")) for status in PROMISING}
        long = then["long_incident"] or {"after_minutes": "", "cadence": {}}
        typed["long-after"] = str(long["after_minutes"])
        typed |= {f"long-{status}": str(long["cadence"].get(status, "")) for status in PROMISING}
        fewest, most = then["promise_bounds"] or ("", "")
        typed |= {"bounds-fewest": str(fewest), "bounds-most": str(most)}
        windows = {review["kind"]: str(review["window_minutes"]) for review in then["reviews"]}
        typed |= {f"window-{kind}": windows.get(kind, "") for kind in KINDS}
        typed |= {name: str(then[name]) for name in _MINUTES}
        typed |= {name: "on" for name in _TICKS if then[name]}
        for audience, cadence in then["cadence_by_audience"].items():
            typed |= {f"cadence-{audience}-{status}": str(minutes) for status, minutes in cadence.items()}
        typed |= {f"template-{audience}": key for audience, key in then["required_templates"].items()}
        embargo = then["embargo"] or {}
        typed["embargo"] = "until" if embargo.get("until") else "minutes" if embargo else "none"
        typed["embargo-minutes"] = str(embargo.get("minutes_after_opening") or "")
        until = embargo.get("until")
        typed["embargo-until"] = f"{datetime.fromisoformat(until).astimezone(UTC):%Y-%m-%dT%H:%M}" if until else ""
        lists = {name: list(then[name]) for name in _LISTS} | {"embargo_audiences": list(embargo.get("audiences") or [])}
        return cls(typed, lists, tree_of(rule["when"]), is_last=is_last)

    @classmethod
    def typed_in(cls, data: QueryDict, *, is_last: bool) -> "RuleForm":
        """The fields as they were sent."""
        typed = {
            name: data.get(name, "").strip() for name in data if not name.startswith("c.") and name not in {"csrfmiddlewaretoken", "act"}
        }
        lists = {name: data.getlist(name) for name in (*_LISTS, "embargo_audiences")}
        return cls(typed, lists, tree_from(data), is_last=is_last)

    def rule(self, audiences: Iterable[str]) -> dict[str, Any]:
        """The rule in its written form; `audiences` are those the form had fields for."""
        typed = self.typed
        long = {status: minutes for status in PROMISING if (minutes := _number(typed.get(f"long-{status}", ""))) is not None}
        after = _number(typed.get("long-after", ""))
        fewest, most = _number(typed.get("bounds-fewest", "")), _number(typed.get("bounds-most", ""))
        by_audience = {key: cadence for key in audiences if (cadence := self._cadence(f"cadence-{key}"))}
        then: dict[str, Any] = {
            "outcome": typed.get("outcome", ""),
            "urgency": typed.get("urgency") or None,
            "cadence": self._cadence("cadence"),
            "reviews": self._reviews(),
            "cadence_by_audience": by_audience,
            "long_incident": {"after_minutes": after, "cadence": long} if long or after is not None else None,
            "promise_bounds": [fewest, most] if fewest is not None or most is not None else None,
            "embargo": self._embargo(),
            "required_templates": {key: name for key in audiences if (name := typed.get(f"template-{key}", ""))},
        }
        then |= {name: self.lists[name] for name in _LISTS}
        then |= {name: name in typed for name in _TICKS}
        then |= {name: _number(typed.get(name, "")) for name in _MINUTES}
        return {
            "key": typed.get("key", ""),
            "words": typed.get("words", ""),
            "when": {} if self.is_last else written(self.tree),
            "then": then,
        }

    def _cadence(self, prefix: str) -> dict[str, Any]:
        return {status: minutes for status in PROMISING if (minutes := _number(self.typed.get(f"{prefix}-{status}", ""))) is not None}

    def _reviews(self) -> list[dict[str, Any]]:
        """Technical and communications always; the others where a window is given."""
        wanted = [kind for kind in KINDS if kind in ALWAYS_REVIEWED or self.typed.get(f"window-{kind}", "")]
        return [{"kind": kind, "window_minutes": _number(self.typed.get(f"window-{kind}", ""))} for kind in wanted]

    def _embargo(self) -> dict[str, Any] | None:
        kind = self.typed.get("embargo", "none")
        if kind not in {"minutes", "until"}:
            return None
        until = self.typed.get("embargo-until", "")
        return {
            "minutes_after_opening": _number(self.typed.get("embargo-minutes", "")) if kind == "minutes" else None,
            "until": f"{until}{':00' if len(until) == 16 else ''}Z" if kind == "until" else None,
            "audiences": self.lists["embargo_audiences"],
        }


def _number(text: str) -> int | str | None:
    """A whole number; nothing for nothing; what is neither stays as typed."""
    number = small_int(text)
    return number if number is not None else text or None
