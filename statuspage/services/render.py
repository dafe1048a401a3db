"""Every file of a version, and of the archive, from the record alone."""

import hashlib
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string

from notifications.rules.markdown import to_html
from statuspage.rules.api_v2 import documents
from statuspage.rules.page_views import history_views, incident_view, month_of, month_page, month_view, page_view
from statuspage.rules.public_view import HistoryPageView, IncidentPageView, NotFoundPageView, PageFrame
from statuspage.rules.record import IncidentRecord, PageRecord
from statuspage.services.feeds import feeds
from statuspage.services.specimen import SPECIMEN

# What is news is rendered again each minute, mostly unchanged.
_clean_html = lru_cache(maxsize=2048)(to_html)


def files_of(page: PageRecord, *, assets: Mapping[str, str], now: datetime) -> dict[str, bytes]:
    """Relative path to bytes, without what is settled. `assets`: addresses of ``page.css`` and ``page.js``; `now`: this confirmation."""
    frame = _frame(page, assets, now)
    # The history and the error page say nothing of when they were made; a fixed instant lets them be recognised as unchanged.
    still = replace(frame, generated_at=page.updated_at(now))
    files = {
        "index.html": _render("index", page_view(page, frame, _clean_html)),
        "404.html": _render("404", NotFoundPageView(still)),
    }
    for incident in page.open_incidents():
        files[f"incidents/{incident.code}.html"] = _render("incident", IncidentPageView(frame, incident_view(page, incident, _clean_html)))
    for name, view in history_views(page, still, _clean_html, now=now).items():
        files[name] = _render_history(view)
    return files | documents(page, now=now) | feeds(page, _clean_html, now=now)


def settled_files(place: str, page: PageRecord, *, assets: Mapping[str, str]) -> dict[str, bytes]:
    """The pages of one drawer of the archive; `page` holds its incidents. Of the same record always the same bytes."""
    if place.startswith("incidents/"):
        return {f"incidents/{incident.code}.html": _closed(page, incident, assets) for incident in page.incidents}
    first_day = month_of(page.incidents[0].started_at)
    frame = _frame(page, assets, datetime(first_day.year, first_day.month, 1, tzinfo=UTC))
    month = month_view(page, first_day, to_html)
    return {f"history/{month.key}.html": _render("history", month_page(frame, month))}


def look_of(page: PageRecord, *, assets: Mapping[str, str]) -> str:
    """A digest of how settled pages look now: of a specimen's, made with this page's name, templates and assets."""
    return _look(page.name, page.url, tuple(sorted(assets.items())))


@lru_cache(maxsize=4)
def _look(name: str, url: str, assets: tuple[tuple[str, str], ...]) -> str:
    specimen = replace(SPECIMEN, name=name, url=url)
    pages = [settled_files(place, specimen, assets=dict(assets)) for place in ("incidents/sp", "history/2026-01")]
    return hashlib.sha256(repr(pages).encode()).hexdigest()


def _closed(page: PageRecord, incident: IncidentRecord, assets: Mapping[str, str]) -> bytes:
    frame = _frame(page, assets, incident.resolved_at or incident.updated_at)
    return _render("incident", IncidentPageView(frame, incident_view(page, incident, to_html)))


def _frame(page: PageRecord, assets: Mapping[str, str], at: datetime) -> PageFrame:
    return PageFrame(name=page.name, url=page.url, generated_at=at, css=assets["page.css"], js=assets["page.js"])


@lru_cache(maxsize=16)
def _render_history(view: HistoryPageView) -> bytes:
    return _render("history", view)


def _render(template: str, view: Any) -> bytes:
    return render_to_string(f"statuspage/{template}.html", {"view": view}).encode()
