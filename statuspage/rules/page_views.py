"""From the record to what the templates are given."""

import datetime as dt
from collections.abc import Callable
from itertools import groupby

from statuspage.rules.indicator import overall
from statuspage.rules.public_view import (
    ComponentView,
    GroupView,
    HistoryPageView,
    Impact,
    IncidentStatus,
    IncidentView,
    MonthView,
    PageFrame,
    PublicPageView,
    PutRightView,
    UpdateView,
)
from statuspage.rules.record import ComponentRecord, IncidentRecord, PageRecord, UpdateRecord

MONTHS_ON_HISTORY = 3
_GRAVEST_FIRST = (Impact.CRITICAL, Impact.MAJOR, Impact.MINOR, Impact.MAINTENANCE, Impact.NONE)
Markdown = Callable[[str], str]


def page_view(page: PageRecord, frame: PageFrame, to_html: Markdown) -> PublicPageView:
    """The entry page."""
    active = page.open_incidents()
    indicator, description = overall([component.status for component in page.components], [one.impact for one in active])
    views = [incident_view(page, incident, to_html) for incident in active]
    views.sort(key=lambda view: _GRAVEST_FIRST.index(view.impact))
    return PublicPageView(frame, indicator, description, _groups(page), tuple(views))


def incident_view(page: PageRecord, incident: IncidentRecord, to_html: Markdown) -> IncidentView:
    """One incident."""
    affected = incident.affected_codes()
    return IncidentView(
        id=incident.code,
        title=incident.name,
        status=IncidentStatus(incident.status),
        impact=Impact(incident.impact),
        started_at=incident.started_at,
        updates=tuple(_update(update, to_html) for update in incident.updates),
        components=tuple(component.name for component in page.components if component.code in affected),
        resolved_at=incident.resolved_at,
        next_update_due=incident.next_update_due,
    )


def history_views(frame: PageFrame, incidents: tuple[IncidentView, ...]) -> dict[str, HistoryPageView]:
    """The history pages by file name: the general one with the last months, and one for every month that has incidents."""
    newest_first = sorted(incidents, key=lambda view: view.started_at, reverse=True)
    months = tuple(
        MonthView(first_day, tuple(group)) for first_day, group in groupby(newest_first, key=lambda view: _month(view.started_at))
    )
    pages = {"history/index.html": HistoryPageView(frame, months[:MONTHS_ON_HISTORY], months)}
    for month in months:
        pages[f"history/{month.key}.html"] = HistoryPageView(frame, (month,), months, month)
    return pages


def _month(at: dt.datetime) -> dt.date:
    return at.astimezone(dt.UTC).date().replace(day=1)


def _update(update: UpdateRecord, to_html: Markdown) -> UpdateView:
    newer = update.put_right
    put_right = PutRightView(newer.code, newer.kind, newer.at) if newer else None
    return UpdateView(update.code, IncidentStatus(update.status), to_html(update.body), update.at, update.kind, put_right)


def _groups(page: PageRecord) -> tuple[GroupView, ...]:
    groups = [GroupView(group.code, group.name, tuple(map(_component, page.members(group.code)))) for group in page.groups]
    groups.append(GroupView("", "", tuple(map(_component, page.members(None)))))
    return tuple(group for group in groups if group.components)


def _component(component: ComponentRecord) -> ComponentView:
    return ComponentView(component.code, component.name, component.status, component.description)
