"""What a policy may ask about an incident."""

from dataclasses import asdict, dataclass
from typing import Any

# The words each fact may take. `incidents`, a higher floor, owns their meaning; a test holds the two together.
KNOWN_WORDS: dict[str, tuple[str, ...]] = {
    "severity": ("SEV1", "SEV2", "SEV3", "SEV4"),
    "impact": ("none", "minor", "major", "critical"),
    "stage": ("watching", "confirmed"),
    "status": ("investigating", "identified", "monitoring", "resolved"),
    "category": ("application", "network", "database", "security", "third_party", "other"),
}
YES_OR_NO = ("customer_facing", "restricted")


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
