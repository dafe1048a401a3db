"""What a policy may ask about an incident."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields
from typing import Any

# The words each fact may take. `incidents`, a higher floor, owns their meaning; a test holds the two together.
KNOWN_WORDS: dict[str, tuple[str, ...]] = {
    "severity": ("SEV1", "SEV2", "SEV3", "SEV4"),
    "impact": ("none", "minor", "major", "critical"),
    "stage": ("watching", "confirmed"),
    "status": ("investigating", "identified", "monitoring", "resolved"),
    "category": ("application", "network", "database", "security", "third_party", "other"),
    "outage_scope": ("none", "partial", "full"),
}
YES_OR_NO = ("customer_facing", "restricted", "data_breach", "regulated_system")
# Whole minutes. They change by the clock alone: `thresholds` says when a policy would notice.
NUMBERS = ("expected_minutes", "elapsed_minutes")
# Sets of words that an organisation makes itself.
LISTS = ("tags", "components", "depended_on_by", "regulatory_flags", "jurisdictions")


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
    tags: tuple[str, ...] = ()
    outage_scope: str = "none"
    # Minutes until the expected resolution, 0 once that has passed; `None` while nobody has assessed it.
    expected_minutes: int | None = None
    # Minutes since the incident was opened.
    elapsed_minutes: int = 0
    # Keys of the components affected.
    components: tuple[str, ...] = ()
    # Keys of the audiences bound to one of them.
    depended_on_by: tuple[str, ...] = ()
    regulatory_flags: tuple[str, ...] = ()
    data_breach: bool = False
    regulated_system: bool = False
    # ISO 3166 codes, for instance `DE` or `US-CA`.
    jurisdictions: tuple[str, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """The stored form; equal to itself after a round through JSON."""
        return {name: list(value) if isinstance(value, tuple) else value for name, value in asdict(self).items()}

    @classmethod
    def from_json(cls, data: Mapping[str, Any]) -> "Facts":
        """From the stored form. What an older one does not name takes its default; what is unknown is left out."""
        known = {field.name for field in fields(cls)}
        read: dict[str, Any] = {name: tuple(value) if name in LISTS else value for name, value in data.items() if name in known}
        return cls(**read)
