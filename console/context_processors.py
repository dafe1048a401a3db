"""What every page of the console shows in its head."""

from typing import Any

from django.http import HttpRequest


def navigation(request: HttpRequest) -> dict[str, Any]:
    """Counts beside the navigation; filled for signed-in people only."""
    return {}
