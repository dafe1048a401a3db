"""How channels are set up, for reading: no secret is part of it. Setting up takes a person on the pages."""

from typing import Any

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema_field
from rest_framework import generics, serializers

from accounts.requests import actor_of
from core.api.pagination import CursorPagination
from notifications.models import ChannelProof, ChannelProvider
from notifications.transports.providers import missing_settings, visible_providers


class ProofSerializer(serializers.ModelSerializer[ChannelProof]):
    """A test message and what came of it; an empty `outcome` means that nobody knows. `later` is
    what the provider told of it afterwards. `to` leaves out most of the address."""

    by = serializers.CharField(source="by.get_full_name", read_only=True)

    class Meta:
        model = ChannelProof
        fields = ["at", "by", "to", "outcome", "code", "detail", "ended_at", "later", "later_detail", "later_at"]
        read_only_fields = fields


class ChannelProviderSerializer(serializers.ModelSerializer[ChannelProvider]):
    """Who carries a channel. The enabled one with the lowest `position` is asked first."""

    missing_settings = serializers.SerializerMethodField(help_text="Names of settings without which it cannot work.")
    last_proof = serializers.SerializerMethodField()

    class Meta:
        model = ChannelProvider
        fields = ["channel", "provider", "position", "enabled", "rate_per_second", "burst", "missing_settings", "last_proof", "changed_at"]
        read_only_fields = fields

    def get_missing_settings(self, row: ChannelProvider) -> list[str]:
        return list(missing_settings(row.channel, row.provider))

    @extend_schema_field(ProofSerializer(allow_null=True))
    def get_last_proof(self, row: ChannelProvider) -> dict[str, Any] | None:
        latest = next(iter(row.proofs.all()), None)
        return ProofSerializer(latest).data if latest else None


class ByChannel(CursorPagination):
    """Channel by channel, in the order they are asked."""

    ordering = ("channel", "position")


class ChannelListView(generics.ListAPIView[ChannelProvider]):
    """Providers by channel. Administrators and auditors read them."""

    queryset = ChannelProvider.objects.none()
    serializer_class = ChannelProviderSerializer
    pagination_class = ByChannel

    def get_queryset(self) -> QuerySet[ChannelProvider]:
        return visible_providers(actor_of(self.request))
