"""Starting the correction or retraction of what was released."""

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from core.api.bodies import created, given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.api.shapes import UpdateShape, update_json
from incidents.queries import visible_update
from incidents.rules.words import CORRECTING


class CorrectionBody(StrictSerializer):
    """A correction puts right, a retraction takes back."""

    kind = serializers.ChoiceField(choices=sorted(kind.value for kind in CORRECTING))


class CorrectionView(IdempotentPostMixin, APIView):
    """Starts the correction or retraction of a released update."""

    @extend_schema(request=CorrectionBody, responses={201: UpdateShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """A draft for the same audiences, quoting what was released. A token may start it; review and release are as for any update."""
        actor = actor_of(request)
        wrong = visible_update(actor, public_id)
        given = given_in(request, CorrectionBody)
        made = services.start_correction(actor=actor, now=utc_now(), update_id=wrong.pk, kind=given["kind"])
        return created(update_json(visible_update(actor, made.public_id)), f"/api/v1/updates/{made.public_id}/")
