"""`updates/`: start, read, edit."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.conditional import etag, required_version
from core.clock import utc_now
from incidents.api.bodies import UpdateBody, UpdateChangeBody
from incidents.api.filters import UpdateFilter
from incidents.api.shapes import UpdateShape, update_json
from incidents.models import Incident, Update
from incidents.queries import visible_incident, visible_update
from incidents.services import revise_update, start_update


def _answer(update: Update, status: int = 200) -> Response:
    shown = update_json(update)
    headers = {"ETag": etag(shown["revision"])}
    if status == 201:
        headers["Location"] = f"/api/v1/updates/{update.public_id}/"
    return Response(shown, status=status, headers=headers)


class UpdateListView(IdempotentPostMixin, generics.GenericAPIView[Update]):
    """The updates of incidents that the asker may see, newest first."""

    queryset = Update.objects.none()
    serializer_class = UpdateShape
    filterset_class = UpdateFilter

    def get_queryset(self) -> QuerySet[Update]:
        visible = Incident.objects.visible_to(actor_of(self.request))
        return Update.objects.filter(incident__in=visible, current__isnull=False).select_related("incident", "current__author", "corrects")

    @extend_schema(responses=UpdateShape(many=True))
    def get(self, request: Request) -> Response:
        """Newest first."""
        page = self.paginate_queryset(self.filter_queryset(self.get_queryset()))
        return self.get_paginated_response([update_json(update) for update in page or []])

    @extend_schema(request=UpdateBody, responses={201: UpdateShape})
    def post(self, request: Request) -> Response:
        """Starts a draft: in the words given, or else in those of the templates."""
        actor = actor_of(request)
        given = UpdateBody(data=request.data)
        given.is_valid(raise_exception=True)
        incident = visible_incident(actor, given.validated_data["incident"])
        status, kind, named = (given.validated_data.get(name) for name in ("status", "kind", "corrects"))
        corrects = visible_update(actor, named) if named else None
        update = start_update(actor=actor, now=utc_now(), incident=incident, status=status, edit=given.edit(), kind=kind, corrects=corrects)
        return _answer(update, status=201)


class UpdateView(generics.GenericAPIView[Update]):
    """One update. The number of its newest revision is its ETag."""

    queryset = Update.objects.none()
    serializer_class = UpdateShape

    def get(self, request: Request, public_id: str) -> Response:
        """The update with its newest revision."""
        return _answer(visible_update(actor_of(request), public_id))

    @extend_schema(request=UpdateChangeBody, responses=UpdateShape)
    def patch(self, request: Request, public_id: str) -> Response:
        """Makes a new revision; needs `If-Match` with the number of the one read. An edit voids verdicts."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        base = required_version(request)
        given = UpdateChangeBody(data=request.data)
        given.is_valid(raise_exception=True)
        if update.current is None:
            raise RuntimeError(f"Update {update.pk} has no revision.")
        content = given.edit().apply(update.current.parsed())
        revise_update(actor=actor, now=utc_now(), update_id=update.pk, base_revision=base, content=content)
        return _answer(visible_update(actor, public_id))
