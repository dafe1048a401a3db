"""How each channel is set up, and whether it was seen working."""

from collections.abc import Sequence

from django.conf import settings
from django.db.models import Prefetch, QuerySet

from accounts.actors import Actor
from accounts.rules.roles import Permission
from notifications.models import ChannelProof, ChannelProvider
from notifications.transports.registry import TRANSPORTS


def providers() -> QuerySet[ChannelProvider]:
    """Every provider that there is a transport for, channel by channel in the order they are asked, with its latest proofs."""
    latest = ChannelProof.objects.select_related("by").order_by("-id")
    rows = ChannelProvider.objects.filter(pk__in=_known()).prefetch_related(Prefetch("proofs", latest))
    return rows.order_by("channel", "position", "id")


def visible_providers(actor: Actor) -> QuerySet[ChannelProvider]:
    """The same, for whoever may read how channels are set up. Raises `Forbidden`."""
    actor.require(Permission.CHANNEL_READ)
    return providers()


def _known() -> list[int]:
    """Their rows. A transport that came with a new version gets its row here, switched off, behind the others of its channel."""
    rows = {(row.channel, row.provider): row for row in ChannelProvider.objects.all()}
    for channel, provider in TRANSPORTS.keys() - rows.keys():
        position = 1 + max((row.position for row in rows.values() if row.channel == channel), default=0)
        made, _ = ChannelProvider.objects.get_or_create(channel=channel, provider=provider, defaults={"position": position})
        rows[channel, provider] = made
    return [row.pk for key, row in rows.items() if key in TRANSPORTS]


def missing_settings(channel: str, provider: str) -> Sequence[str]:
    """Names of the settings that this provider cannot do without and that are empty. Their values are told to nobody."""
    return [name for name in needed_settings(channel, provider) if not getattr(settings, name)]


def needed_settings(channel: str, provider: str) -> Sequence[str]:
    """Names of the settings that this provider cannot do without."""
    needs: tuple[str, ...] = getattr(TRANSPORTS.get((channel, provider)), "needs", ())
    return needs
