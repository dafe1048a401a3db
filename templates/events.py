"""What the templates announce. Ids are database keys; `actor` is the actor's audit reference."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class HoldingVersionReplaced:
    """A newer version took the place of one that was being worked on; a review of the older one is over."""

    version_id: int
    statement_id: int
    actor: str
    at: datetime


@dataclass(frozen=True)
class HoldingStatementExpiring:
    """An approval runs out within a fortnight, or has (`expired`). Told once per version."""

    version_id: int
    statement_id: int
    expires_at: datetime
    expired: bool
    at: datetime
