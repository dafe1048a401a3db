"""What incidents announce. Ids are database keys; `actor` is the actor's audit reference."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class IncidentOpened:
    """A new incident exists, its decision made and its first draft ready."""

    incident_id: int
    actor: str
    at: datetime


@dataclass(frozen=True)
class IncidentChanged:
    """Facts or visibility changed; `fields` names them."""

    incident_id: int
    fields: tuple[str, ...]
    actor: str
    at: datetime


@dataclass(frozen=True)
class RevisionAdded:
    """An update got a new revision; verdicts on earlier ones no longer count."""

    update_id: int
    revision_id: int
    actor: str
    at: datetime


@dataclass(frozen=True)
class PromiseReminder:
    """A promised update is nearly due (`step` before) or did not come in time (due, after, deputy, manager).

    `late` tells that we noticed late (the scheduler was down).
    """

    promise_id: int
    incident_id: int
    step: str
    due_at: datetime
    late: bool
    at: datetime
