"""From the record to what the templates are given."""

import datetime as dt
from collections.abc import Callable

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


def incident_view(page: PageRecord, incident: IncidentRecord, to_html: Markdown, *, last_only: bool = False) -> IncidentView:
    """One incident, with all its updates or with the last one."""
    affected = incident.affected_codes()
    return IncidentView(
        id=incident.code,
        title=incident.name,
        status=IncidentStatus(incident.status),
        impact=Impact(incident.impact),
        started_at=incident.started_at,
        updates=tuple(_update(update, to_html) for update in incident.updates[: 1 if last_only else None]),
        components=tuple(component.name for component in page.components if component.code in affected),
        resolved_at=incident.resolved_at,
        next_update_due=incident.next_update_due,
    )


def history_views(page: PageRecord, frame: PageFrame, to_html: Markdown, *, now: dt.datetime) -> dict[str, HistoryPageView]:
    """The history pages that are still written, by file name: the general one, this month's, and each with an open incident.

    The other months are settled: see `month_view`.
    """
    all_months = tuple(MonthView(first_day) for first_day in page.months)
    views = {first_day: month_view(page, first_day, to_html) for first_day in page.months[:MONTHS_ON_HISTORY]}
    pages = {"history/index.html": HistoryPageView(frame, tuple(views.values()), all_months)}
    going = {month_of(incident.started_at) for incident in page.open_incidents()}
    for first_day in page.months:
        if first_day >= month_of(now) or first_day in going:
            month = views.get(first_day) or month_view(page, first_day, to_html)
            pages[f"history/{month.key}.html"] = month_page(frame, month)
    return pages


def month_view(page: PageRecord, first_day: dt.date, to_html: Markdown) -> MonthView:
    """The month with those of the page's incidents that began in it, newest first."""
    incidents = [incident for incident in page.incidents if month_of(incident.started_at) == first_day]
    incidents.sort(key=lambda incident: incident.started_at, reverse=True)
    return MonthView(first_day, tuple(incident_view(page, incident, to_html, last_only=True) for incident in incidents))


def month_page(frame: PageFrame, month: MonthView) -> HistoryPageView:
    """A month's own page. It names no other month: so a new one changes no old page."""
    return HistoryPageView(frame, (month,), month=month)


def month_of(at: dt.datetime) -> dt.date:
    """The first day of its month in UTC."""
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
