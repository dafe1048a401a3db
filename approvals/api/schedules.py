"""Releases that are planned, were held, went or were given up: to read."""

import django_filters
from django.db.models import QuerySet
from rest_framework import generics, serializers

from accounts.requests import actor_of
from approvals.models import ReleaseSchedule
from approvals.queries.planned import schedules_visible_to
from approvals.rules.words import ScheduleState


class ReleaseScheduleShape(serializers.ModelSerializer[ReleaseSchedule]):
    """A plan to let out exactly `revision`. `reason` says why it was held or given up; `requested_by` is whose plan it is."""

    incident = serializers.CharField(source="update_of.incident.public_id")
    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    revision = serializers.IntegerField(source="revision.number")
    content_hash = serializers.CharField(source="revision.content_hash")
    state = serializers.ChoiceField(choices=[state.value for state in ScheduleState])
    requested_by = serializers.CharField(source="requested_by.username")

    class Meta:
        model = ReleaseSchedule
        fields = [
            "id", "incident", "update", "revision", "content_hash", "mode", "due_at", "state", "reason", "requested_by", "created_at",
            "closed_at",
        ]  # fmt: skip


class ScheduleFilter(django_filters.FilterSet):
    """Which plans to list."""

    state = django_filters.ChoiceFilter(choices=[(state.value, state.value) for state in ScheduleState])
    update = django_filters.CharFilter(field_name="update_of__public_id")
    incident = django_filters.CharFilter(field_name="update_of__incident__public_id")


class SchedulesView(generics.ListAPIView[ReleaseSchedule]):
    """Planned releases of incidents the asker may see, newest first."""

    queryset = ReleaseSchedule.objects.none()
    serializer_class = ReleaseScheduleShape
    filterset_class = ScheduleFilter

    def get_queryset(self) -> QuerySet[ReleaseSchedule]:
        return schedules_visible_to(actor_of(self.request))
