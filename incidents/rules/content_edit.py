"""Changing some parts of a content and keeping the rest."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import Enum
from typing import Literal

from incidents.rules.content import ComponentState, Content, ScheduleMode, Wording


class _Keep(Enum):
    KEEP = "keep"


KEEP: Literal[_Keep.KEEP] = _Keep.KEEP
Keep = Literal[_Keep.KEEP]


@dataclass(frozen=True)
class Variant:
    """The wording of one audience in one language."""

    audience: str
    title: str
    body: str
    language: str = "en"


@dataclass(frozen=True)
class Schedule:
    """When an approved update is to go; `at` only with *at_time*."""

    mode: str
    at: datetime | None = None


@dataclass(frozen=True)
class ContentEdit:
    """What is to change. `KEEP` leaves a part as it is; variants replace all wording, and name the audiences."""

    status: str | Keep = KEEP
    impact: str | Keep = KEEP
    variants: tuple[Variant, ...] | Keep = KEEP
    components: tuple[ComponentState, ...] | Keep = KEEP
    channels: tuple[str, ...] | Keep = KEEP
    schedule: Schedule | Keep = KEEP
    next_update_minutes: int | Keep | None = KEEP
    promise_reason: str | Keep | None = KEEP

    def apply(self, content: Content) -> Content:
        """The content with these parts changed."""
        if self.status is not KEEP:
            content = replace(content, status=self.status)
        if self.impact is not KEEP:
            content = replace(content, impact=self.impact)
        if self.variants is not KEEP:
            wording = wording_of(self.variants)
            content = replace(content, wording=wording, audiences=tuple(sorted(wording)))
        if self.components is not KEEP:
            content = replace(content, components=self.components)
        if self.channels is not KEEP:
            content = replace(content, channels=self.channels)
        if self.schedule is not KEEP:
            at = schedule_text(self.schedule.at) if self.schedule.at else None
            content = replace(content, schedule_mode=ScheduleMode(self.schedule.mode), schedule_at=at)
        if self.next_update_minutes is not KEEP:
            content = replace(content, next_update_minutes=self.next_update_minutes)
        if self.promise_reason is not KEEP:
            content = replace(content, promise_reason=(self.promise_reason or "").strip() or None)
        return content


def wording_of(variants: Iterable[Variant]) -> dict[str, dict[str, Wording]]:
    """Wording by audience and language, as `Content` holds it. Of two variants for the same place the last counts."""
    wording: dict[str, dict[str, Wording]] = {}
    for variant in variants:
        wording.setdefault(variant.audience, {})[variant.language] = Wording(variant.title, variant.body)
    return wording


def schedule_text(at: datetime) -> str:
    """ISO 8601 in UTC, as the hash covers it."""
    return at.astimezone(UTC).isoformat()
