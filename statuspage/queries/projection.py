"""Reads what is news on the page, and whether it still has to be shown."""

import datetime as dt
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Max, Prefetch, Q, QuerySet
from django.db.models.functions import TruncMonth

from catalogue.rules.status import ComponentStatus
from statuspage.models import AffectedComponent, PageChange, PageState, PublicComponent, PublicGroup, PublicIncident, PublicUpdate
from statuspage.rules.api_v2 import LATEST_INCIDENTS
from statuspage.rules.page_views import MONTHS_ON_HISTORY, month_of
from statuspage.rules.public_view import CONFIRMED_EVERY_SECONDS
from statuspage.rules.record import AffectedRecord, ComponentRecord, GroupRecord, IncidentRecord, PageRecord, PutRightRecord, UpdateRecord


def publication_is_due(now: datetime) -> bool:
    """Whether something waits to be shown, or the page has to be confirmed again."""
    if PageChange.objects.exists():
        return True
    shown_at = PageState.objects.values_list("shown_at", flat=True).get()
    return shown_at is None or now - shown_at >= timedelta(seconds=CONFIRMED_EVERY_SECONDS)


def read_projection(now: datetime) -> PageRecord:
    """The page without what is settled: a fixed number of queries, and memory for what is news alone.

    Of the incidents: those open, the latest for API and feeds, and those of the months whose history is still written: the last
    ones, and each with an open incident.
    """
    open_ones = PublicIncident.objects.filter(resolved_at__isnull=True)
    began = TruncMonth("started_at", tzinfo=dt.UTC)
    months = [at.date() for at in PublicIncident.objects.order_by().values_list(began, flat=True).distinct()]
    months.sort(reverse=True)
    written = {*months[:MONTHS_ON_HISTORY], *(month_of(at) for at in open_ones.values_list("started_at", flat=True))}
    latest = PublicIncident.objects.values_list("pk", flat=True)[:LATEST_INCIDENTS]
    news = PublicIncident.objects.alias(month=began).filter(
        Q(resolved_at__isnull=True)
        | Q(pk__in=list(latest))
        | Q(month__in=[datetime(month.year, month.month, 1, tzinfo=dt.UTC) for month in written])
    )
    changed_at = PublicIncident.objects.aggregate(at=Max("updated_at"))["at"]
    return page_record(incident_records(news), months=tuple(months), changed_at=changed_at)


def page_record(
    incidents: tuple[IncidentRecord, ...], *, months: tuple[dt.date, ...] = (), changed_at: datetime | None = None
) -> PageRecord:
    """The page with these incidents."""
    return PageRecord(
        code=PageState.objects.values_list("code", flat=True).get(),
        name=settings.PUBLIC_PAGE_NAME,
        url=settings.PUBLIC_PAGE_URL.rstrip("/"),
        groups=tuple(_group(group) for group in PublicGroup.objects.all()),
        components=tuple(_component(component) for component in PublicComponent.objects.select_related("group")),
        incidents=incidents,
        months=months,
        changed_at=changed_at,
    )


def incident_records(incidents: QuerySet[PublicIncident]) -> tuple[IncidentRecord, ...]:
    """These incidents with all that was said of them: three queries."""
    affected = AffectedComponent.objects.select_related("component")
    updates = PublicUpdate.objects.select_related("put_right_by").prefetch_related(Prefetch("affected", queryset=affected))
    return tuple(_incident(incident) for incident in incidents.prefetch_related(Prefetch("updates", queryset=updates)))


def _group(group: PublicGroup) -> GroupRecord:
    return GroupRecord(group.code, group.name, group.position, group.created_at, group.updated_at)


def _component(component: PublicComponent) -> ComponentRecord:
    return ComponentRecord(
        code=component.code,
        name=component.name,
        description=component.description,
        status=ComponentStatus(component.status),
        group=component.group.code if component.group else None,
        position=component.position,
        start_date=component.start_date,
        created_at=component.created_at,
        updated_at=component.updated_at,
    )


def _incident(incident: PublicIncident) -> IncidentRecord:
    return IncidentRecord(
        number=incident.pk,
        code=incident.code,
        name=incident.name,
        status=incident.status,
        impact=incident.impact,
        started_at=incident.started_at,
        created_at=incident.created_at,
        updated_at=incident.updated_at,
        monitoring_at=incident.monitoring_at,
        resolved_at=incident.resolved_at,
        next_update_due=incident.next_update_due,
        updates=tuple(_update(update) for update in incident.updates.all()),
    )


def _update(update: PublicUpdate) -> UpdateRecord:
    affected = tuple(AffectedRecord(part.component.code, part.old_status, part.new_status) for part in update.affected.all())
    return UpdateRecord(update.code, update.status, update.body, update.at, affected, update.kind, _put_right(update))


def _put_right(update: PublicUpdate) -> PutRightRecord | None:
    if newer := update.put_right_by:
        return PutRightRecord(newer.code, newer.kind, newer.at)
    return PutRightRecord("", update.put_right_kind, update.put_right_at) if update.put_right_at else None
