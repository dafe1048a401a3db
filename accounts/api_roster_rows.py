"""Weekly shifts and training, to read under `/api/v1/roster/`. Both are entered on the roster's pages."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from rest_framework import generics, serializers

from accounts.actors import Actor
from accounts.api_roster import MAY_READ, DutyField
from accounts.models import RotaShift, TrainingRecord
from accounts.requests import actor_of
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission
from accounts.rules.training import Source

BY_DUTY = django_filters.ChoiceFilter(choices=[(duty.value, duty.value) for duty in Duty])


class ShiftShape(serializers.ModelSerializer[RotaShift]):
    """A person's weekly hours in a duty, by the wall clock of a zone. Monday is 0; an end not later than the start lies on the next day."""

    duty = DutyField()
    user = serializers.CharField(source="user.username")
    deputy = serializers.CharField(source="deputy.username", default=None, allow_null=True)
    starts = serializers.SerializerMethodField(help_text="HH:MM")
    ends = serializers.SerializerMethodField(help_text="HH:MM")

    class Meta:
        model = RotaShift
        fields = ["id", "duty", "user", "deputy", "weekday", "starts", "ends", "time_zone", "valid_from", "valid_until"]

    def get_starts(self, row: RotaShift) -> str:
        return f"{row.starts:%H:%M}"

    def get_ends(self, row: RotaShift) -> str:
        return f"{row.ends:%H:%M}"


class TrainingShape(serializers.ModelSerializer[TrainingRecord]):
    """A course or a practice verdict. `note` and `withdrawn_reason` are empty for whom they do not concern: theirs, and the trainers'."""

    duty = DutyField()
    user = serializers.CharField(source="user.username")
    source = serializers.ChoiceField(choices=[source.value for source in Source])  # type: ignore[assignment]  # DRF takes declared fields off the class
    note = serializers.SerializerMethodField()
    recorded_by = serializers.CharField(source="recorded_by.username", default=None, allow_null=True)
    withdrawn_reason = serializers.SerializerMethodField()

    class Meta:
        model = TrainingRecord
        fields = ["id", "duty", "user", "source", "at", "valid_until", "note", "recorded_by", "withdrawn_at", "withdrawn_reason"]

    def get_note(self, row: TrainingRecord) -> str:
        return row.note if self._concerns(row) else ""

    def get_withdrawn_reason(self, row: TrainingRecord) -> str:
        return row.withdrawn_reason if self._concerns(row) else ""

    def _concerns(self, row: TrainingRecord) -> bool:
        actor: Actor = self.context["actor"]
        return row.user == actor.user or actor.may(Permission.TRAINING_WRITE)


class ShiftFilter(django_filters.FilterSet):
    """Which shifts to list."""

    duty = BY_DUTY
    user = django_filters.CharFilter(field_name="user__username", help_text="User name.")


class TrainingFilter(django_filters.FilterSet):
    """Which training to list."""

    duty = BY_DUTY
    user = django_filters.CharFilter(field_name="user__username", help_text="User name.")
    valid_at = django_filters.IsoDateTimeFilter(method="standing", help_text="Counting at this time, ISO 8601.")

    def standing(self, rows: "QuerySet[TrainingRecord]", _name: str, at: Any) -> "QuerySet[TrainingRecord]":
        """Begun, not run out and not withdrawn."""
        return rows.filter(at__lte=at, valid_until__gt=at, withdrawn_at=None)


class ShiftsView(generics.ListAPIView[RotaShift]):
    """The weekly rota, newest entry first, shifts that are over too."""

    queryset = RotaShift.objects.select_related("user", "deputy")
    serializer_class = ShiftShape
    filterset_class = ShiftFilter
    permission_classes = MAY_READ


class TrainingView(generics.ListAPIView[TrainingRecord]):
    """Training, newest entry first, what has run out or was withdrawn too."""

    queryset = TrainingRecord.objects.select_related("user", "recorded_by")
    serializer_class = TrainingShape
    filterset_class = TrainingFilter
    permission_classes = MAY_READ

    def get_serializer_context(self) -> dict[str, Any]:
        context = dict(super().get_serializer_context())
        # The schema is made without anybody asking.
        return context if getattr(self, "swagger_fake_view", False) else context | {"actor": actor_of(self.request)}
