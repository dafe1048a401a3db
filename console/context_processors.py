"""What every page of the console shows in its head."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.requests import actor_of
from console.queries.counts import nav_counts
from core.clock import utc_now


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Counts beside the navigation; read when a page shows them, for signed-in people only."""
    if not isinstance(getattr(request, "user", None), User):
        return {}
    return {"nav_counts": SimpleLazyObject(lambda: nav_counts(actor_of(request), utc_now()))}
