"""What the incident room shows."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from accounts.queries.names import names_of
from approvals.models import Release, ReviewSlot
from approvals.queries import live_round
from approvals.queries.rounds import contributors_of
from audit.queries import entries_about
from console.queries.clock import waited_for
from core.clock import utc_now
from incidents.models import Incident, Update
from incidents.rules.words import ON_ITS_WAY, UpdateKind, UpdateState
from stakeholders.queries import public_audience_key

KINDS = {
    "opened": "milestone",
    "changed": "note",
    "draft": "note",
    "released": "update",
    "overdue": "overdue",
    "snoozed": "overdue",
    "decided": "verdict",
    "review.requested": "verdict",
    "review.given": "verdict",
    "dispute": "dispute",
    "override": "verdict",
    "update.withdrawn": "note",
    "milestone": "milestone",
}


@dataclass(frozen=True)
class Provenance:
    """Who set a fact, and when."""

    by: str
    at: datetime


@dataclass(frozen=True)
class Moment:
    """One line of the timeline. `kind` is one of the timeline component's; `release` is set where something went out."""

    kind: str
    at: datetime
    text: str
    by: str
    update: str
    release: str


@dataclass(frozen=True)
class Slot:
    """A review that was asked for, with its verdict once given."""

    kind: str
    due_at: datetime
    verdict: str
    by: str
    waits_for: str = ""


@dataclass(frozen=True)
class Draft:
    """An update that is on its way out, with what is asked of whom."""

    update: Update
    titles: list[tuple[str, str]]
    status: str
    slots: list[Slot]


def provenance(incident: Incident, facts: Iterable[str]) -> dict[str, Provenance]:
    """For each fact, the last change of it; a fact nobody changed is as it was opened."""
    entries = list(
        entries_about(f"incident:{incident.public_id}").filter(type__in=["incident.opened", "incident.changed", "incident.assessed"])
    )
    names = names_of([entry.actor for entry in entries] + [incident.opened_by])
    found = {fact: Provenance(names[incident.opened_by], incident.opened_at) for fact in (*facts, "status")}
    for entry in entries:
        body = json.loads(bytes(entry.body))
        if entry.type == "incident.assessed":
            found["etr"] = Provenance(names[entry.actor], entry.at)
            continue
        for fact in body.get("fields", body.get("before", ())):
            found[fact] = Provenance(names[entry.actor], entry.at)
    return found


def timeline(incident: Incident, limit: int = 200) -> list[Moment]:
    """What happened, newest first."""
    entries = list(incident.timeline.all()[:limit])
    names = names_of(entry.actor for entry in entries)
    return [
        Moment(
            kind="alert" if entry.kind.startswith("alert") else KINDS.get(entry.kind, "note"),
            at=entry.at,
            text=entry.text,
            by=names[entry.actor],
            update=_text(entry.detail, "update"),
            release=_text(entry.detail, "release"),
        )
        for entry in entries
    ]


def _text(detail: dict[str, Any], key: str) -> str:
    value = detail.get(key, "")
    return value if isinstance(value, str) else ""


def open_drafts(incident: Incident) -> list[Draft]:
    """Updates not released or withdrawn, the one begun first in front."""
    updates = incident.updates.filter(state__in=ON_ITS_WAY).select_related("current").order_by("created_at", "id")
    return [_draft(update) for update in updates]


def _draft(update: Update) -> Draft:
    titles: list[tuple[str, str]] = []
    status = ""
    if update.current is not None:
        content = update.current.parsed()
        status = content.status
        titles = [(audience, next(iter(by_language.values())).title) for audience, by_language in sorted(content.wording.items())]
    return Draft(update=update, titles=titles, status=status, slots=slots_of(update))


def slots_of(update: Update) -> list[Slot]:
    """The reviews of the live round; none for a draft."""
    found = live_round(update)
    if found is None:
        return []
    wrote, now = contributors_of(update), utc_now()
    return [_slot(slot, wrote, now) for slot in found.slots.select_related("review__reviewer")]


def _slot(slot: ReviewSlot, wrote: frozenset[str], now: datetime) -> Slot:
    review = getattr(slot, "review", None)
    if review is None:
        return Slot(slot.kind, slot.due_at, "", "", waited_for(slot.kind, wrote, now))
    return Slot(slot.kind, slot.due_at, review.verdict, review.reviewer.get_full_name())


@dataclass(frozen=True)
class Said:
    """One release as readers got it: the public wording where there is one. `put_right` are the corrections released since."""

    release: Release
    status: str
    title: str
    body: str
    kind: str = UpdateKind.UPDATE
    put_right: tuple[Update, ...] = ()
    on_its_way: Update | None = None


def said_about(incident: Incident) -> list[Said]:
    """What went out, newest first."""
    released = (
        Release.objects.filter(update_of__incident=incident)
        .select_related("revision", "released_by", "update_of")
        .prefetch_related("update_of__corrected_by")
        .order_by("-released_at")
    )
    return [_said(release, public_audience_key()) for release in released]


def _said(release: Release, public: str | None) -> Said:
    content = release.revision.parsed()
    by_language = content.wording.get(public or "") or next(iter(content.wording.values()))
    wording = next(iter(by_language.values()))
    about_it = release.update_of.corrected_by.all()
    return Said(
        release,
        content.status,
        wording.title,
        wording.body,
        kind=release.update_of.kind,
        put_right=tuple(one for one in about_it if one.state == UpdateState.RELEASED),
        on_its_way=next((one for one in about_it if one.state not in {UpdateState.RELEASED, UpdateState.WITHDRAWN}), None),
    )
