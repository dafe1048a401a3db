"""Which secrets an endpoint's webhooks are signed with."""

from collections.abc import Collection
from datetime import datetime

from django.conf import settings

from notifications.models import WebhookKey
from notifications.rules.webhook import secret_of


def secrets_of(addresses: Collection[str], now: datetime) -> dict[str, tuple[str, ...]]:
    """Per address the secret in use, and behind it those that are still honoured: of the generation before, of master keys before."""
    keys = {key.address: key for key in WebhookKey.objects.filter(address__in=addresses)}
    return {address: _secrets(address, keys.get(address), now) for address in addresses}


def _secrets(address: str, key: WebhookKey | None, now: datetime) -> tuple[str, ...]:
    generations = [1 if key is None else key.generation]
    if key is not None and key.generation > 1 and key.previous_until is not None and now < key.previous_until:
        generations.append(key.generation - 1)
    return tuple(secret_of(master.encode(), address, generation) for master in _masters() for generation in generations)


def _masters() -> list[str]:
    """The key in use and those before it. Without a key of their own, which production asks for, that of everything else serves."""
    if settings.WEBHOOK_SECRET_KEY:
        return [settings.WEBHOOK_SECRET_KEY, *settings.WEBHOOK_SECRET_KEY_FALLBACKS]
    return [settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
