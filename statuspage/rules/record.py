"""The public projection as plain values: read once per publication, and all that the page is made from."""

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from catalogue.rules.status import ComponentStatus, worst
from core.canonical import canonical_hash


@dataclass(frozen=True, slots=True)
class GroupRecord:
    """A heading of the page."""

    code: str
    name: str
    position: int
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class ComponentRecord:
    """A public component; `group` is its group's code."""

    code: str
    name: str
    description: str
    status: ComponentStatus
    group: str | None
    position: int
    start_date: dt.date | None
    created_at: dt.datetime
    updated_at: dt.datetime


@dataclass(frozen=True, slots=True)
class AffectedRecord:
    """What an update said of a component, by the component's code."""

    code: str
    old_status: str
    new_status: str


@dataclass(frozen=True, slots=True)
class PutRightRecord:
    """The correction or retraction (`kind`) of an update, by its code; without one where it says nothing in public."""

    code: str
    kind: str
    at: dt.datetime


@dataclass(frozen=True, slots=True)
class UpdateRecord:
    """A released update; `body` is Markdown. `put_right` is there once it has been corrected or taken back."""

    code: str
    status: str
    body: str
    at: dt.datetime
    affected: tuple[AffectedRecord, ...]
    kind: str = "update"
    put_right: PutRightRecord | None = None


@dataclass(frozen=True, slots=True)
class IncidentRecord:
    """A public incident, its updates newest first. `number` is its number in the feed's entry ids."""

    number: int
    code: str
    name: str
    status: str
    impact: str
    started_at: dt.datetime
    created_at: dt.datetime
    updated_at: dt.datetime
    monitoring_at: dt.datetime | None
    resolved_at: dt.datetime | None
    next_update_due: dt.datetime | None
    updates: tuple[UpdateRecord, ...]

    @property
    def is_open(self) -> bool:
        """Whether it is not resolved."""
        return self.resolved_at is None

    def digest(self) -> str:
        """SHA-256 of everything said of it; not of what its components are called, which is not said but looked up."""
        said = [
            [update.code, update.status, update.body, update.at.isoformat(), update.kind, _put_right(update.put_right)]
            for update in self.updates
        ]
        facts = [self.code, self.name, self.status, self.impact, self.started_at.isoformat(), _maybe(self.resolved_at), said]
        return canonical_hash(facts)

    def affected_codes(self) -> set[str]:
        """The codes of all components that any of its updates named."""
        return {affected.code for update in self.updates for affected in update.affected}


@dataclass(frozen=True, slots=True)
class PageRecord:
    """What is on one page. Incidents are newest first, groups and components in their order.

    Not every incident need be among `incidents`: of a page with a long past, only what is news is read (`statuspage.queries`).
    """

    code: str
    name: str
    url: str
    groups: tuple[GroupRecord, ...]
    components: tuple[ComponentRecord, ...]
    incidents: tuple[IncidentRecord, ...]
    months: tuple[dt.date, ...] = ()
    """The first days of all months of UTC in which incidents began, newest first."""
    changed_at: dt.datetime | None = None
    """When anything was last released about any incident, read here or not."""

    def open_incidents(self) -> tuple[IncidentRecord, ...]:
        """Those not resolved, newest first."""
        return tuple(incident for incident in self.incidents if incident.is_open)

    def members(self, group: str | None) -> tuple[ComponentRecord, ...]:
        """The components of a group, in order; of `None`, those of no group."""
        return tuple(component for component in self.components if component.group == group)

    def component_name(self, component: ComponentRecord) -> str:
        """With its group before it, as clients of the API know it: ``Payments - Cards``."""
        group = next((group.name for group in self.groups if group.code == component.group), None)
        return f"{group} - {component.name}" if group else component.name

    def updated_at(self, otherwise: dt.datetime) -> dt.datetime:
        """When its content last changed; `otherwise` for a page that says nothing yet."""
        instants = [component.updated_at for component in self.components]
        instants += [incident.updated_at for incident in self.incidents]
        instants += [self.changed_at] if self.changed_at else []
        return max(instants, default=otherwise)


def _put_right(by: PutRightRecord | None) -> list[str] | None:
    return [by.code, by.kind, by.at.isoformat()] if by else None


def _maybe(at: dt.datetime | None) -> str | None:
    return at.isoformat() if at else None


def worst_of(components: Sequence[ComponentRecord]) -> ComponentStatus:
    """The worst status among the components."""
    return worst([component.status for component in components])
