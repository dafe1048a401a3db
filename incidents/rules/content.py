"""The content of an update revision: what reviewers approve and what is released, bound by one hash.

Canonical form (RFC 8785), keys exactly:
`{"facts": {"status", "impact", "etr", "components": [{"id", "status"}], "cause_confidence"},`
` "wording": {audience_key: {language: {"title", "body"}}},`
` "reach": {"audiences": [key], "channels": [kind], "schedule": {"mode", "at"}},`
` "promise": {"next_update_minutes": whole number or null}}`

`promise` also has `reason` where a person chose beyond the policy's bounds; without one the key is absent, so that the
hashes of contents from before it was known still hold.
"""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from core.canonical import canonical_hash


class ScheduleMode(StrEnum):
    """When an approved update goes out."""

    BY_HAND = "by_hand"
    AS_SOON_AS_APPROVED = "as_soon_as_approved"
    AT_TIME = "at_time"


@dataclass(frozen=True)
class Wording:
    """What one audience reads in one language. The body is Markdown."""

    title: str
    body: str


@dataclass(frozen=True)
class ComponentState:
    """A component as the update shows it; `id` is the component's public id."""

    id: str
    status: str


@dataclass(frozen=True)
class Content:
    """Everything a verdict binds to. `schedule_at` is ISO 8601 UTC, only with `at_time`; minutes are whole."""

    status: str
    impact: str
    components: tuple[ComponentState, ...] = ()
    wording: dict[str, dict[str, Wording]] = field(default_factory=dict)
    audiences: tuple[str, ...] = ()
    channels: tuple[str, ...] = ("email", "page")
    schedule_mode: str = ScheduleMode.BY_HAND
    schedule_at: str | None = None
    next_update_minutes: int | None = None
    etr: str | None = None
    cause_confidence: str | None = None
    promise_reason: str | None = None

    def as_json(self) -> dict[str, Any]:
        """The canonical structure; order of components and audiences does not matter."""
        return {
            "facts": {
                "status": self.status,
                "impact": self.impact,
                "etr": self.etr,
                "components": [{"id": c.id, "status": c.status} for c in sorted(self.components, key=lambda c: c.id)],
                "cause_confidence": self.cause_confidence,
            },
            "wording": {
                audience: {language: {"title": w.title, "body": w.body} for language, w in by_language.items()}
                for audience, by_language in self.wording.items()
            },
            "reach": {
                "audiences": sorted(self.audiences),
                "channels": sorted(self.channels),
                "schedule": {"mode": str(self.schedule_mode), "at": self.schedule_at},
            },
            "promise": {"next_update_minutes": self.next_update_minutes} | ({"reason": self.promise_reason} if self.promise_reason else {}),
        }

    def hash(self) -> str:
        """SHA-256 over the canonical form."""
        return canonical_hash(self.as_json())

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> "Content":
        """Reads what `as_json` wrote."""
        facts, reach = data["facts"], data["reach"]
        return cls(
            status=facts["status"],
            impact=facts["impact"],
            components=tuple(ComponentState(c["id"], c["status"]) for c in facts["components"]),
            wording={
                audience: {language: Wording(w["title"], w["body"]) for language, w in by_language.items()}
                for audience, by_language in data["wording"].items()
            },
            audiences=tuple(reach["audiences"]),
            channels=tuple(reach["channels"]),
            schedule_mode=reach["schedule"]["mode"],
            schedule_at=reach["schedule"]["at"],
            next_update_minutes=data["promise"]["next_update_minutes"],
            etr=facts["etr"],
            cause_confidence=facts["cause_confidence"],
            promise_reason=data["promise"].get("reason"),
        )
