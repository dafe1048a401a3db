"""The review queue: what waits for a reviewer, to read."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.requests import actor_of
from approvals.api.fields import KINDS
from approvals.models import ReviewSlot
from approvals.queries.open_reviews import Waiting, open_reviews, waiting
from core.api.pagination import CursorPagination
from core.clock import utc_now


class WaitingShape(serializers.Serializer[Any]):
    """A review that nobody has given: of an update, or else of a version of a holding statement."""

    kind = serializers.ChoiceField(source="slot.kind", choices=KINDS)
    incident = serializers.CharField(source="slot.round.update_of.incident.public_id", default=None, allow_null=True)
    update = serializers.CharField(source="slot.round.update_of.public_id", default=None, allow_null=True)  # type: ignore[assignment]  # DRF takes declared fields off the class
    revision = serializers.IntegerField(source="slot.round.revision.number", default=None, allow_null=True)
    statement = serializers.CharField(source="slot.round.holding_version.statement.public_id", default=None, allow_null=True)
    version = serializers.IntegerField(source="slot.round.holding_version.number", default=None, allow_null=True)
    requested_by = serializers.CharField(source="slot.round.requested_by.username")
    opened_at = serializers.DateTimeField(source="slot.round.opened_at")
    due_at = serializers.DateTimeField(source="slot.due_at")
    overdue = serializers.BooleanField()
    per_cent_left = serializers.IntegerField(source="left", min_value=0, max_value=100, help_text="Of the window.")
    claimed_by = serializers.CharField(source="claimed_by.username", default=None, allow_null=True)
    mine = serializers.BooleanField(source="is_mine", help_text="Whether the asker may give it.")
    reasons = serializers.SerializerMethodField(help_text="What keeps the asker from giving it.")

    def get_reasons(self, item: Waiting) -> list[str]:
        return [reason.words for reason in item.reasons]


class QueueFilter(django_filters.FilterSet):
    """Which reviews to list."""

    kind = django_filters.ChoiceFilter(choices=[(kind, kind) for kind in KINDS])
    incident = django_filters.CharFilter(field_name="round__update_of__incident__public_id")
    update = django_filters.CharFilter(field_name="round__update_of__public_id")


class FirstOutFirst(CursorPagination):
    """What runs out first comes first."""

    ordering = ("due_at", "id")


class ReviewQueueView(generics.GenericAPIView[ReviewSlot]):
    """Reviews that wait."""

    queryset = ReviewSlot.objects.none()
    serializer_class = WaitingShape
    filterset_class = QueueFilter
    pagination_class = FirstOutFirst

    def get_queryset(self) -> QuerySet[ReviewSlot]:
        return open_reviews(actor_of(self.request))

    @extend_schema(responses=WaitingShape(many=True))
    def get(self, request: Request) -> Response:
        """Of what the asker may see, what runs out first before the rest."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        items = waiting(page or [], actor_of(request), utc_now())
        return self.get_paginated_response(WaitingShape(items, many=True).data)
