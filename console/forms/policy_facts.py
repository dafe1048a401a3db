"""Facts of an incident that does not exist, typed in to ask what a policy would decide."""

from typing import Any

from django.http import QueryDict

from console.forms.policy_condition import FACT_LABELS
from console.forms.typed import small_int
from policies.rules.facts import KNOWN_WORDS, LISTS, YES_OR_NO, Facts

USUAL = {
    "severity": "SEV1",
    "impact": "major",
    "stage": "confirmed",
    "status": "investigating",
    "category": "application",
    "outage_scope": "partial",
}


class FactsForm:
    """What was typed; `sent` says whether anything was. Wrong words fall back to the usual ones, wrong numbers are named."""

    def __init__(self, data: QueryDict) -> None:
        self.sent = "severity" in data
        self.errors: dict[str, str] = {}
        self.words = {name: data.get(name, "") if data.get(name) in words else USUAL[name] for name, words in KNOWN_WORDS.items()}
        self.ticked = {name: name in data if self.sent else name == "customer_facing" for name in YES_OR_NO}
        self.lists = {name: data.get(name, "").replace("\x00", "").strip()[:1000] for name in LISTS}
        self.numbers = {"elapsed_minutes": data.get("elapsed_minutes", "0"), "expected_minutes": data.get("expected_minutes", "")}

    def facts(self) -> Facts:
        """The facts as the policy reads them."""
        values: dict[str, Any] = {**self.words, **self.ticked}
        values |= {name: tuple(word for piece in text.split(",") if (word := piece.strip())) for name, text in self.lists.items()}
        values["elapsed_minutes"] = self._number("elapsed_minutes") or 0
        values["expected_minutes"] = self._number("expected_minutes")
        return Facts(**values)

    def _number(self, name: str) -> int | None:
        text = self.numbers[name].strip()
        number = small_int(text)
        if text and number is None:
            self.errors[name] = "Give whole minutes, or nothing."
        return number

    def rows(self) -> dict[str, list[tuple[str, str, Any]]]:
        """The fields for the page: choices, ticks, numbers and lists as (name, label, value)."""
        return {
            "choices": [
                (name, FACT_LABELS[name], [(word, word == self.words[name]) for word in words]) for name, words in KNOWN_WORDS.items()
            ],
            "ticks": [(name, FACT_LABELS[name], ticked) for name, ticked in self.ticked.items()],
            "lists": [(name, FACT_LABELS[name], text) for name, text in self.lists.items()],
        }
