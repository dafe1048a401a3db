"""What a provider tells afterwards about one message to one address."""

import uuid
from dataclasses import dataclass
from datetime import datetime

from notifications.rules.states import DeliveryState


@dataclass(frozen=True, slots=True)
class News:
    """One piece about one delivery, or one test. `event` is the provider's name for it; `suppress` is a `SuppressionKind` or empty."""

    event: str
    key: uuid.UUID
    at: datetime
    state: DeliveryState | None = None
    suppress: str = ""
    soft: bool = False
    detail: str = ""
