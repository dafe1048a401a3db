"""What is asked of a production deployment before it starts: `manage.py check --deploy`, the first command of docker-compose.yml."""

from collections.abc import Sequence
from typing import Any

from django.apps import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error

SHORTEST_KEY = 32


def webhooks_have_a_key_of_their_own(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Derived from SECRET_KEY, every receiver's secret would change with it (docs/decisions/0041)."""
    if len(settings.WEBHOOK_SECRET_KEY) >= SHORTEST_KEY:
        return []
    words = f"WEBHOOK_SECRET_KEY needs at least {SHORTEST_KEY} random characters."
    hint = "Set it or WEBHOOK_SECRET_KEY_FILE. Webhooks signed already: put the SECRET_KEY so far into WEBHOOK_SECRET_KEY_FALLBACKS."
    return [Error(words, hint=hint, id="statuscomms.E001")]
