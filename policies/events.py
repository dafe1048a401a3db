"""What happens to the policy."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class PolicyActivated:
    """Another version is in force: every open incident is decided again."""

    version_id: int
    at: datetime
    # Who activated it, as the log names them.
    actor: str
