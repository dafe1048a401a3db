"""A made-up page with one incident that uses everything a settled page can show. Pages made of it tell whether the look has changed."""

import datetime as dt

from catalogue.rules.status import ComponentStatus
from statuspage.rules.record import AffectedRecord, ComponentRecord, IncidentRecord, PageRecord, PutRightRecord, UpdateRecord

_BEGUN = dt.datetime(2026, 1, 2, 3, 4, 5, tzinfo=dt.UTC)
_WORDING = (
    "Text with **strong**, *emphasised* words, `code`, a [link](https://example.com/) and <b>markup</b>.\n\n- one\n- two\n\n1. first\n"
    "\n> quoted\n\n```\nblock\n```\n\n## Heading\n\nhttps://example.com/bare\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\nline\n"
    "break  \nend\n\n---\n"
)
_CARDS = ComponentRecord("cards", "Cards", "", ComponentStatus.OPERATIONAL, None, 0, None, _BEGUN, _BEGUN)


def _update(status: str, minutes: int) -> UpdateRecord:
    affected = (AffectedRecord("cards", "operational", "partial_outage"),)
    at = _BEGUN + dt.timedelta(minutes=minutes)
    corrected = PutRightRecord("specimen-identified", "correction", at) if status == "investigating" else None
    return UpdateRecord(f"specimen-{status}", status, _WORDING, at, affected, "update" if corrected else "correction", corrected)


_INCIDENT = IncidentRecord(
    number=1,
    code="specimen",
    name="A specimen & its <title>",
    status="resolved",
    impact="major",
    started_at=_BEGUN,
    created_at=_BEGUN,
    updated_at=_BEGUN,
    monitoring_at=None,
    resolved_at=_BEGUN + dt.timedelta(hours=2),
    next_update_due=None,
    updates=tuple(_update(status, minutes) for status, minutes in (("resolved", 120), ("identified", 30), ("investigating", 5))),
)
SPECIMEN = PageRecord(code="specimen", name="", url="", groups=(), components=(_CARDS,), incidents=(_INCIDENT,))
