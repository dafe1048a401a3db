"""Reads the projection, and whether it still has to be shown."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import Prefetch

from catalogue.rules.status import ComponentStatus
from statuspage.models import AffectedComponent, PageChange, PageState, PublicComponent, PublicGroup, PublicIncident, PublicUpdate
from statuspage.rules.public_view import CONFIRMED_EVERY_SECONDS
from statuspage.rules.record import AffectedRecord, ComponentRecord, GroupRecord, IncidentRecord, PageRecord, PutRightRecord, UpdateRecord


def publication_is_due(now: datetime) -> bool:
    """Whether something waits to be shown, or the page has to be confirmed again."""
    if PageChange.objects.exists():
        return True
    shown_at = PageState.objects.values_list("shown_at", flat=True).get()
    return shown_at is None or now - shown_at >= timedelta(seconds=CONFIRMED_EVERY_SECONDS)


def read_projection() -> PageRecord:
    """The whole page as it stands now; six queries, whatever its size."""
    affected = AffectedComponent.objects.select_related("component")
    updates = PublicUpdate.objects.select_related("put_right_by").prefetch_related(Prefetch("affected", queryset=affected))
    incidents = PublicIncident.objects.prefetch_related(Prefetch("updates", queryset=updates))
    return PageRecord(
        code=PageState.objects.values_list("code", flat=True).get(),
        name=settings.PUBLIC_PAGE_NAME,
        url=settings.PUBLIC_PAGE_URL.rstrip("/"),
        groups=tuple(_group(group) for group in PublicGroup.objects.all()),
        components=tuple(_component(component) for component in PublicComponent.objects.select_related("group")),
        incidents=tuple(_incident(incident) for incident in incidents),
    )


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
    newer = update.put_right_by
    put_right = PutRightRecord(newer.code, newer.kind, newer.at) if newer else None
    return UpdateRecord(update.code, update.status, update.body, update.at, affected, update.kind, put_right)
