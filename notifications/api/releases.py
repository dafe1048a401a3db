"""Releases and how their deliveries stand."""

from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.permissions import IsAuthenticated
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.queries.names import names_of
from accounts.requests import actor_of
from approvals.models import Release
from approvals.queries.story import story_of
from approvals.rules.story import Moment
from audit.queries import entries_about
from incidents.queries import visible_update
from notifications.queries import Stand, delivery_counts, stands, visible_release, visible_releases


class ReleaseSerializer(serializers.ModelSerializer[Release]):
    """`done`: no delivery is under way any more, nor still to be planned; `planned` counts those there are so far.

    States are those of a delivery; only those that occur are listed.
    """

    id = serializers.CharField(source="public_id", read_only=True)
    update = serializers.CharField(source="update_of.public_id", read_only=True)  # type: ignore[assignment]  # a declared field is taken off the class
    incident = serializers.CharField(source="update_of.incident.public_id", read_only=True)
    revision = serializers.IntegerField(source="revision.number", read_only=True)
    deliveries = serializers.SerializerMethodField(help_text="How many deliveries are in each state.")
    planned = serializers.SerializerMethodField()
    done = serializers.SerializerMethodField()

    class Meta:
        model = Release
        fields = ["id", "update", "incident", "revision", "content_hash", "mode", "released_at", "deliveries", "planned", "done"]
        read_only_fields = fields

    def get_deliveries(self, release: Release) -> dict[str, int]:
        return self._stand(release).states

    def get_planned(self, release: Release) -> int:
        return sum(self._stand(release).states.values())

    def get_done(self, release: Release) -> bool:
        return self._stand(release).done

    def _stand(self, release: Release) -> Stand:
        stand: Stand = self.context["stands"][release.pk]
        return stand


class ReleaseFilter(django_filters.FilterSet):
    """Which releases to list."""

    incident = django_filters.CharFilter(field_name="update_of__incident__public_id")
    update = django_filters.CharFilter(field_name="update_of__public_id")


class Releases(generics.GenericAPIView[Release]):
    """What the two views share: only releases of incidents that the asker may see."""

    queryset = Release.objects.none()
    serializer_class = ReleaseSerializer
    permission_classes = [IsAuthenticated]

    shown: Sequence[Release] = ()

    def get_queryset(self) -> QuerySet[Release]:
        return visible_releases(actor_of(self.request))

    def get_serializer_context(self) -> dict[str, Any]:
        return {**super().get_serializer_context(), "stands": stands(self.shown)}


class ReleaseListView(Releases, generics.ListAPIView[Release]):
    """Releases, newest first."""

    filterset_class = ReleaseFilter

    def list(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        self.shown = self.paginate_queryset(self.filter_queryset(self.get_queryset())) or ()
        return self.get_paginated_response(self.get_serializer(self.shown, many=True).data)


class ReleaseView(Releases, generics.RetrieveAPIView[Release]):
    """One release with the state of its deliveries."""

    def get_object(self) -> Release:
        release = visible_release(actor_of(self.request), self.kwargs["public_id"])
        self.shown = [release]
        return release


class MomentShape(serializers.Serializer[Any]):
    """One thing that happened. `detail` depends on `kind`; a version's holds its whole content and hash."""

    at = serializers.DateTimeField()
    kind = serializers.ChoiceField(choices=[moment.value for moment in Moment])
    by = serializers.CharField(help_text="Who or what, as the log names them.")
    by_name = serializers.CharField()
    words = serializers.CharField()
    text = serializers.CharField(help_text="What somebody wrote, in full.")
    revision = serializers.IntegerField(allow_null=True)
    detail = serializers.DictField()


class StoryShape(serializers.Serializer[Any]):
    """The whole story, oldest first. `log` are the indexes of the log's entries about the update; `deliveries` count per state."""

    update = serializers.CharField()  # type: ignore[assignment]  # a declared field is taken off the class
    incident = serializers.CharField()
    kind = serializers.CharField()
    state = serializers.CharField()
    story = MomentShape(many=True)
    deliveries = serializers.DictField(child=serializers.IntegerField())
    log = serializers.ListField(child=serializers.IntegerField())


class StoryView(APIView):
    """Every version, verdict, comment, dispute, override and release of one update, with times."""

    permission_classes = [IsAuthenticated]

    @extend_schema(responses=StoryShape)
    def get(self, request: Request, public_id: str) -> Response:
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        told = story_of(update, actor=actor)
        names = names_of(moment.by for moment in told)
        release = Release.objects.filter(update_of=update).first()
        return Response(
            {
                "update": update.public_id,
                "incident": update.incident.public_id,
                "kind": update.kind,
                "state": update.state,
                "story": [{**asdict(moment), "by_name": names[moment.by]} for moment in told],
                "deliveries": delivery_counts(release),
                "log": list(entries_about(f"update:{update.public_id}").values_list("index", flat=True)),
            }
        )
