"""A release's deliveries one by one, without full addresses."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated

from accounts.requests import actor_of
from accounts.rules.roles import Permission
from core.api.pagination import CursorPagination
from notifications.models import Delivery, Message
from notifications.queries.deliveries import deliveries_of, for_cause, listed_alone, recipient_of
from notifications.queries.governing import visible_release_message
from notifications.rules.states import DeliveryState


class DeliveryShape(serializers.ModelSerializer[Delivery]):
    """One message on its way to one address, of which most is left out. `key` stays the same over every attempt."""

    name = serializers.SerializerMethodField()
    address = serializers.SerializerMethodField(help_text="Enough to know it, too little to write to it.")
    audience = serializers.CharField(source="audience.key", default=None, allow_null=True)
    state = serializers.ChoiceField(choices=[state.value for state in DeliveryState])
    attempts = serializers.IntegerField(source="attempt_count")
    stands_in_for = serializers.UUIDField(
        source="fallback_of.key", default=None, allow_null=True, help_text="The delivery on another channel that did not reach its reader."
    )

    class Meta:
        model = Delivery
        fields = [
            "key",
            "name",
            "address",
            "audience",
            "channel",
            "provider",
            "lane",
            "state",
            "reason",
            "attempts",
            "closed_at",
            "stands_in_for",
        ]
        read_only_fields = fields

    def get_name(self, delivery: Delivery) -> str:
        return recipient_of(delivery)[0]

    def get_address(self, delivery: Delivery) -> str:
        return recipient_of(delivery)[1]


class DeliveryFilter(django_filters.FilterSet):
    """Which deliveries to list."""

    state = django_filters.ChoiceFilter(choices=[(state.value, state.value) for state in DeliveryState])
    channel = django_filters.CharFilter(max_length=16)
    reason = django_filters.CharFilter(method="for_cause", max_length=200, help_text="A cause as the release's progress names it.")

    def for_cause(self, rows: "QuerySet[Delivery]", name: str, value: str) -> "QuerySet[Delivery]":
        return for_cause(rows, value)


class InOrder(CursorPagination):
    """In the order they were planned, along the primary key."""

    ordering = "pk"


class DeliveryListView(generics.ListAPIView[Delivery]):
    """The release's deliveries in the order they were planned. Takes the permission to read the register."""

    queryset = Delivery.objects.none()
    serializer_class = DeliveryShape
    filterset_class = DeliveryFilter
    pagination_class = InOrder
    permission_classes = [IsAuthenticated]
    message: Message

    def get_queryset(self) -> QuerySet[Delivery]:
        actor = actor_of(self.request)
        self.message = visible_release_message(actor, self.kwargs["public_id"])
        actor.require(Permission.STAKEHOLDER_READ)
        return deliveries_of(self.message)

    def filter_queryset(self, queryset: QuerySet[Any]) -> QuerySet[Any]:
        """What failed is found by the list that is kept of failures, few among a million."""
        filtered, asked = super().filter_queryset(queryset), self.request.query_params
        return listed_alone(filtered, self.message, state=asked.get("state", ""), cause=asked.get("reason", ""))
