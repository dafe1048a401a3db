"""What every page of the console shows in its head."""

from typing import Any

from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from accounts.models import User
from accounts.requests import actor_of
from accounts.rules.roles import Permission
from console.queries.counts import nav_counts
from core.clock import utc_now
from stakeholders.queries import audience_names

# A page that would answer "not found" has no entry in the navigation.
NEEDS = {
    "stakeholders": Permission.STAKEHOLDER_READ,
    "templates": Permission.TEMPLATE_READ,
    "roster": Permission.ROSTER_READ,
    "escalation": Permission.STAKEHOLDER_READ,
    "policy": Permission.POLICY_READ,
    "archive": Permission.AUDIT_READ,
    "channels": Permission.CHANNEL_READ,
}


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Counts beside the navigation and the names of audiences; read when a page shows them, for signed-in people only."""
    if not isinstance(getattr(request, "user", None), User):
        return {}
    return {
        "nav_counts": SimpleLazyObject(lambda: nav_counts(actor_of(request), utc_now())),
        "audience_names": SimpleLazyObject(audience_names),
        "nav_open": SimpleLazyObject(lambda: {name for name, permission in NEEDS.items() if actor_of(request).may(permission)}),
    }
