"""Which secrets an endpoint's webhooks are signed with."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from notifications.models import WebhookKey
from notifications.rules.webhook import secret_of


def secrets_of(addresses: Collection[str], now: datetime) -> dict[str, tuple[str, ...]]:
    """Per address the secret in use, and behind it the one before while that is still honoured."""
    keys = {key.address: key for key in WebhookKey.objects.filter(address__in=addresses)}
    return {address: _secrets(address, keys.get(address), now) for address in addresses}


def _secrets(address: str, key: WebhookKey | None, now: datetime) -> tuple[str, ...]:
    master = (settings.WEBHOOK_SECRET_KEY or settings.SECRET_KEY).encode()
    if key is None:
        return (secret_of(master, address, 1),)
    newest = secret_of(master, address, key.generation)
    if key.generation > 1 and key.previous_until is not None and now < key.previous_until:
        return newest, secret_of(master, address, key.generation - 1)
    return (newest,)
