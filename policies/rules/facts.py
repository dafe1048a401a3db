"""What a policy may ask about an incident."""

from dataclasses import asdict, dataclass
from typing import Any


@dataclass(frozen=True)
class Facts:
    """The facts of one incident at one moment, as plain words; a decision stores exactly these."""

    severity: str
    impact: str
    stage: str
    status: str
    category: str
    customer_facing: bool
    restricted: bool

    def as_json(self) -> dict[str, Any]:
        """The stored form."""
        return asdict(self)
