"""Audiences over the API: what may be listed, made and changed."""

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from stakeholders.api.audience_filters import AudienceChangeBody, NewAudienceBody, change, create
from stakeholders.api.audiences import AudienceDetailSerializer, AudienceListView, AudienceView


class AudiencesView(IdempotentPostMixin, AudienceListView):
    """The audiences by key."""

    @extend_schema(request=NewAudienceBody, responses={201: AudienceDetailSerializer})
    def post(self, request: Request) -> Response:
        """Makes an audience: a list that is empty yet, and a filter where one is given."""
        return create(request)


class OneAudienceView(AudienceView):
    """One audience."""

    @extend_schema(request=AudienceChangeBody, responses=AudienceDetailSerializer)
    def patch(self, request: Request, public_id: str) -> Response:
        """Sets its filter or its owners."""
        return change(request, public_id)
