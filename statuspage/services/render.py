"""Every file of a version, from the record alone."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from functools import lru_cache
from typing import Any

from django.template.loader import render_to_string

from notifications.rules.markdown import to_html
from statuspage.rules.api_v2 import documents
from statuspage.rules.page_views import history_views, incident_view, page_view
from statuspage.rules.public_view import IncidentPageView, NotFoundPageView, PageFrame
from statuspage.rules.record import PageRecord
from statuspage.services.feeds import feeds

# What was said stays as it was: a page of the past is rendered once in the life of a process.
_clean_html = lru_cache(maxsize=8192)(to_html)


def files_of(page: PageRecord, *, assets: Mapping[str, str], now: datetime) -> dict[str, bytes]:
    """Relative path to bytes. `assets` holds the addresses of ``page.css`` and ``page.js``; `now` is when this was confirmed."""
    frame = PageFrame(name=page.name, url=page.url, generated_at=now, css=assets["page.css"], js=assets["page.js"])
    # The settled pages say nothing of when they were made; a fixed instant lets them be recognised as unchanged.
    settled = replace(frame, generated_at=page.updated_at(now))
    incidents = tuple(incident_view(page, incident, _clean_html) for incident in page.incidents)
    files = {
        "index.html": _render("index", page_view(page, frame, _clean_html)),
        "404.html": _render_settled("404", NotFoundPageView(settled)),
    }
    for incident in incidents:
        if incident.resolved_at is None:
            files[f"incidents/{incident.id}.html"] = _render("incident", IncidentPageView(frame, incident))
        else:
            over = IncidentPageView(replace(frame, generated_at=incident.resolved_at), incident)
            files[f"incidents/{incident.id}.html"] = _render_settled("incident", over)
    for name, view in history_views(settled, incidents).items():
        files[name] = _render_settled("history", view)
    return files | documents(page, now=now) | feeds(page, _clean_html, now=now)


def _render(template: str, view: Any) -> bytes:
    return render_to_string(f"statuspage/{template}.html", {"view": view}).encode()


@lru_cache(maxsize=4096)
def _render_settled(template: str, view: Any) -> bytes:
    return _render(template, view)
