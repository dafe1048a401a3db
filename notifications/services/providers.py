"""Which provider serves each channel now."""

from notifications.models import ChannelProvider
from notifications.transports.registry import TRANSPORTS


def serving() -> list[tuple[str, str]]:
    """(channel, provider): for each channel the enabled provider with the lowest position that there is a transport for."""
    found: dict[str, str] = {}
    for channel, provider in (
        ChannelProvider.objects.filter(enabled=True).order_by("channel", "position").values_list("channel", "provider")
    ):
        if (channel, provider) in TRANSPORTS:
            found.setdefault(channel, provider)
    return list(found.items())
