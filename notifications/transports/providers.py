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
    known = [row.pk for row in ChannelProvider.objects.all() if (row.channel, row.provider) in TRANSPORTS]
    latest = ChannelProof.objects.select_related("by").order_by("-id")
    return ChannelProvider.objects.filter(pk__in=known).prefetch_related(Prefetch("proofs", latest)).order_by("channel", "position", "id")


def visible_providers(actor: Actor) -> QuerySet[ChannelProvider]:
    """The same, for whoever may read how channels are set up. Raises `Forbidden`."""
    actor.require(Permission.CHANNEL_READ)
    return providers()


def missing_settings(channel: str, provider: str) -> Sequence[str]:
    """Names of the settings that this provider cannot do without and that are empty. Their values are told to nobody."""
    needs: tuple[str, ...] = getattr(TRANSPORTS.get((channel, provider)), "needs", ())
    return [name for name in needs if not getattr(settings, name)]


def needed_settings(channel: str, provider: str) -> Sequence[str]:
    """Names of the settings that this provider cannot do without."""
    needs: tuple[str, ...] = getattr(TRANSPORTS.get((channel, provider)), "needs", ())
    return needs
