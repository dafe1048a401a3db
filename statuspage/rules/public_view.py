"""What the templates of the public page are given: everything on it, and nothing that is not public.

Built by the projection from its own tables, rendered by ``ui/html/statuspage``. All instants are aware and in UTC. All
texts are plain and escaped by the templates, except `UpdateView.body_html`. The words for states are those clients of
the Statuspage API v2 know.
"""

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from catalogue.rules.status import ComponentStatus, worst

CONFIRMED_EVERY_SECONDS = 60
"""How often the page is published again with nothing changed; past three of these it tells the reader it is late."""


class Indicator(StrEnum):
    """The page as a whole (Statuspage API v2, ``status.indicator``)."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


class IncidentStatus(StrEnum):
    """Where an incident or the update about it stands."""

    INVESTIGATING = "investigating"
    IDENTIFIED = "identified"
    MONITORING = "monitoring"
    RESOLVED = "resolved"
    POSTMORTEM = "postmortem"

    @property
    def words(self) -> str:
        """As people read it: ``Identified``."""
        return self.value.capitalize()


class Impact(StrEnum):
    """What customers notice of an incident."""

    NONE = "none"
    MINOR = "minor"
    MAJOR = "major"
    CRITICAL = "critical"
    MAINTENANCE = "maintenance"


def _words(status: ComponentStatus) -> str:
    return status.value.replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class PageFrame:
    """What every page of one status page shares."""

    name: str
    """The organisation's own name for the page, such as ``Acme status``."""
    url: str
    """Where the page lives, without a trailing slash: ``https://status.example.com``."""
    generated_at: dt.datetime
    """When this version was made, which is what *confirmed* means."""
    css: str
    js: str
    """Addresses of the style sheet and the script, as ``snapshot.put_static`` returned them."""
    subscribe_url: str = ""
    """Where to subscribe; a page of another host that may fail alone. Empty where there is none."""
    confirmed_every: int = CONFIRMED_EVERY_SECONDS
    """Seconds between two publications."""


@dataclass(frozen=True, slots=True)
class ComponentView:
    """One component as the public sees it."""

    id: str
    name: str
    status: ComponentStatus
    description: str = ""

    @property
    def status_words(self) -> str:
        """The status as people read it: ``Partial outage``."""
        return _words(self.status)


@dataclass(frozen=True, slots=True)
class GroupView:
    """Components shown together, in their order; components of no group stand in one without a name."""

    id: str
    name: str
    components: tuple[ComponentView, ...]

    @property
    def status(self) -> ComponentStatus:
        """The worst among its components."""
        return worst([component.status for component in self.components])

    @property
    def status_words(self) -> str:
        """That status as people read it."""
        return _words(self.status)

    @property
    def is_well(self) -> bool:
        """Whether every component is operational."""
        return self.status is ComponentStatus.OPERATIONAL


@dataclass(frozen=True, slots=True)
class UpdateView:
    """One released update, in the wording for the public."""

    id: str
    status: IncidentStatus
    body_html: str
    """The wording as HTML that is clean already: from the project's one Markdown renderer, never from anywhere else."""
    at: dt.datetime
    """When it was released."""
    kind: str = "update"
    """``update``, ``correction`` or ``retraction``."""
    put_right: "PutRightView | None" = None
    """What corrected it or took it back since."""

    @property
    def kind_words(self) -> str:
        """What stands before the status of one that is about another: ``Correction``; nothing for an ordinary update."""
        return "" if self.kind == "update" else self.kind.capitalize()


@dataclass(frozen=True, slots=True)
class PutRightView:
    """A later update that corrects an earlier one or takes it back; its `id` is empty where it is not on the page."""

    id: str
    kind: str
    at: dt.datetime

    @property
    def words(self) -> str:
        """What it did: ``Corrected`` or ``Taken back``."""
        return "Taken back" if self.kind == "retraction" else "Corrected"


@dataclass(frozen=True, slots=True)
class IncidentView:
    """One incident with what was said about it."""

    id: str
    """12 characters ``[0-9a-z]``, as in its address."""
    title: str
    status: IncidentStatus
    impact: Impact
    started_at: dt.datetime
    updates: tuple[UpdateView, ...]
    """Newest first."""
    components: tuple[str, ...] = ()
    """Names of the components affected."""
    resolved_at: dt.datetime | None = None
    next_update_due: dt.datetime | None = None
    """The promise in force; None when none was given or the incident is resolved."""

    @property
    def path(self) -> str:
        """Its permalink on the page."""
        return f"/incidents/{self.id}"

    def is_late(self, now: dt.datetime) -> bool:
        """Whether the promised update is overdue at `now`."""
        return self.next_update_due is not None and self.next_update_due <= now


@dataclass(frozen=True, slots=True)
class MonthView:
    """The incidents that began in one calendar month of UTC, newest first."""

    first_day: dt.date
    incidents: tuple[IncidentView, ...] = ()

    @property
    def key(self) -> str:
        """``2026-11``."""
        return f"{self.first_day:%Y-%m}"

    @property
    def path(self) -> str:
        """Its own page; the file is ``history/2026-11.html``."""
        return f"/history/{self.key}"


@dataclass(frozen=True, slots=True)
class PublicPageView:
    """``index.html``, from ``statuspage/index.html``."""

    frame: PageFrame
    indicator: Indicator
    description: str
    """The overall status in the words of the API, such as ``Partial System Outage``."""
    groups: tuple[GroupView, ...]
    active: tuple[IncidentView, ...]
    """Unresolved incidents, the gravest first."""

    @property
    def headline(self) -> str:
        """The answer in one line: that all is well, what the one incident is, or the overall status of several."""
        if len(self.active) == 1:
            return self.active[0].title
        return "All systems operational" if self.indicator is Indicator.NONE and not self.active else self.description

    @property
    def only(self) -> IncidentView | None:
        """The incident, where there is exactly one, which then is the answer itself."""
        return self.active[0] if len(self.active) == 1 else None


@dataclass(frozen=True, slots=True)
class HistoryPageView:
    """``history/index.html`` and one page per month, from ``statuspage/history.html``."""

    frame: PageFrame
    months: tuple[MonthView, ...]
    """The months shown, newest first; one for a month's own page."""
    all_months: tuple[MonthView, ...] = ()
    """Every month that has a page, newest first, to choose from; their incidents are not read."""
    month: MonthView | None = None
    """The month whose page this is; None for the general one."""


@dataclass(frozen=True, slots=True)
class IncidentPageView:
    """``incidents/ID.html``, from ``statuspage/incident.html``."""

    frame: PageFrame
    incident: IncidentView


@dataclass(frozen=True, slots=True)
class NotFoundPageView:
    """``404.html``, from ``statuspage/404.html``."""

    frame: PageFrame
