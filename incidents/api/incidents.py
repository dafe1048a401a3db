"""`incidents/`: open, read, change, and the timeline."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.conditional import etag, required_version
from core.api.lists import listed
from core.clock import utc_now
from incidents.api.bodies import IncidentBody, IncidentChangeBody, TimelineBody
from incidents.api.filters import IncidentFilter, TimelineFilter
from incidents.api.shapes import IncidentShape, TimelineShape
from incidents.models import Incident, TimelineEntry
from incidents.queries import visible_incident
from incidents.services import add_timeline, change_incident, open_incident


def _answer(incident: Incident, status: int = 200) -> Response:
    headers = {"ETag": etag(incident.version)}
    if status == 201:
        headers["Location"] = f"/api/v1/incidents/{incident.public_id}/"
    return Response(IncidentShape(incident).data, status=status, headers=headers)


class IncidentListView(IdempotentPostMixin, generics.GenericAPIView[Incident]):
    """The incidents that the asker may see, newest first."""

    queryset = Incident.objects.none()
    serializer_class = IncidentShape
    filterset_class = IncidentFilter

    def get_queryset(self) -> QuerySet[Incident]:
        visible = Incident.objects.visible_to(actor_of(self.request))
        return visible.select_related("commander", "outage_scope_set_by").prefetch_related("components", "decisions", "promises")

    @extend_schema(responses=IncidentShape(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        return listed(self, self.get_queryset(), IncidentShape)

    @extend_schema(request=IncidentBody, responses={201: IncidentShape})
    def post(self, request: Request) -> Response:
        """Opens an incident: the policy decides, and where updates are due a first draft stands ready."""
        given = given_in(request, IncidentBody)
        return _answer(open_incident(actor=actor_of(request), now=utc_now(), **given), status=201)


class IncidentView(generics.GenericAPIView[Incident]):
    """One incident. Its version is its ETag."""

    queryset = Incident.objects.none()
    serializer_class = IncidentShape

    def get(self, request: Request, public_id: str) -> Response:
        """The incident with the decision in force and the running promise."""
        return _answer(visible_incident(actor_of(request), public_id))

    @extend_schema(request=IncidentChangeBody, responses=IncidentShape)
    def patch(self, request: Request, public_id: str) -> Response:
        """Changes facts; needs `If-Match`. The policy decides again where it reads them."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        version = required_version(request)
        changes = given_in(request, IncidentChangeBody)
        return _answer(change_incident(actor=actor, now=utc_now(), incident_id=incident.pk, expected_version=version, **changes))


class TimelineView(IdempotentPostMixin, generics.GenericAPIView[TimelineEntry]):
    """What happened in an incident."""

    queryset = TimelineEntry.objects.none()
    serializer_class = TimelineShape
    filterset_class = TimelineFilter

    def get_queryset(self) -> QuerySet[TimelineEntry]:
        return visible_incident(actor_of(self.request), self.kwargs["public_id"]).timeline.all()

    @extend_schema(responses=TimelineShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Newest first."""
        return listed(self, self.get_queryset(), TimelineShape)

    @extend_schema(request=TimelineBody, responses={201: TimelineShape})
    def post(self, request: Request, public_id: str) -> Response:
        """Notes what happened."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        given = given_in(request, TimelineBody)
        entry = add_timeline(actor=actor, now=utc_now(), incident=incident, kind="note", text=given["text"])
        return Response(TimelineShape(entry).data, status=201)
