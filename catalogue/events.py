"""What the catalogue announces."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class ComponentChanged:
    """A component's fields or status changed, or it is new."""

    component_id: int
    old_status: str
    new_status: str
    at: datetime
