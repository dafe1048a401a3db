"""Disputes and rulings: read by token too, brought, ruled on and withdrawn by a signed-in person with step-up."""

from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema, extend_schema_field
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.api.fields import LONGEST, PassageBody
from approvals.models import Dispute
from approvals.queries import revision_number
from approvals.queries.disputes import disputes_visible_to, visible_dispute
from approvals.rules.dispute import DisputeState, RulingKind
from core.api.bodies import created, given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import visible_update


class DisputeBody(PassageBody):
    """A passage of exactly the revision that was read. Without `start` the quoted words must stand there exactly once."""

    kind = serializers.CharField(max_length=20, help_text="The review that the asker could give: technical, communications and so on.")
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = serializers.CharField(max_length=LONGEST)


class RulingBody(StrictSerializer):
    """The arbiter's ruling on exactly the revision that was read. `words` only where it rewords."""

    ruling = serializers.ChoiceField(choices=[kind.value for kind in RulingKind])
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = serializers.CharField(max_length=LONGEST)
    words = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, default="")


class RulingShape(serializers.Serializer[Any]):
    """What the arbiter decided; `revision` is what came of it, `null` where the text was upheld."""

    ruling = serializers.CharField(source="kind")
    by = serializers.CharField(source="by.username")
    reason = serializers.CharField()
    words = serializers.CharField()
    revision = serializers.IntegerField(source="revision.number", allow_null=True)
    late = serializers.BooleanField()
    at = serializers.DateTimeField()


class DisputeShape(serializers.ModelSerializer[Dispute]):
    """A disputed passage. While it is `open` the update is not approved."""

    id = serializers.CharField(source="public_id")
    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    kind = serializers.CharField(source="slot.kind")
    by = serializers.CharField(source="by.username")
    revision = serializers.IntegerField(source="revision.number")
    ruling = serializers.SerializerMethodField()

    class Meta:
        model = Dispute
        fields = [
            "id", "update", "kind", "by", "revision", "audience", "language", "field", "start", "end", "quote", "reason", "at", "due_at",
            "state", "closed_at", "ruling",
        ]  # fmt: skip

    @extend_schema_field(RulingShape(allow_null=True))
    def get_ruling(self, dispute: Dispute) -> Any:
        ruling = getattr(dispute, "ruling", None)
        return RulingShape(ruling).data if ruling else None


class DisputeFilter(django_filters.FilterSet):
    """Which disputes to list."""

    state = django_filters.ChoiceFilter(choices=[(state.value, state.value) for state in DisputeState])
    update = django_filters.CharFilter(field_name="update_of__public_id")


class DisputesView(generics.ListAPIView[Dispute]):
    """Disputes of incidents the asker may see, newest first."""

    queryset = Dispute.objects.none()
    serializer_class = DisputeShape
    filterset_class = DisputeFilter

    def get_queryset(self) -> QuerySet[Dispute]:
        return disputes_visible_to(actor_of(self.request))


class DisputeView(APIView):
    """One dispute."""

    @extend_schema(responses=DisputeShape)
    def get(self, request: Request, public_id: str) -> Response:
        """The passage, what is said against it, and the ruling."""
        return Response(DisputeShape(visible_dispute(actor_of(request), public_id)).data)


class UpdateDisputesView(IdempotentPostMixin, APIView):
    """Disputes a passage of an update in review."""

    @extend_schema(request=DisputeBody, responses={201: DisputeShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """From a signed-in session with step-up, never by token. Names no arbiter: the policy does."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        given = given_in(request, DisputeBody)
        given["revision"] = revision_number(update, given["revision"])
        made = services.dispute_passage(actor=actor, now=utc_now(), update_id=update.pk, **given)
        return created(DisputeShape(visible_dispute(actor, made.public_id)).data, f"/api/v1/disputes/{made.public_id}/")


class RulingView(IdempotentPostMixin, APIView):
    """Rules on a dispute."""

    @extend_schema(request=RulingBody, responses={201: DisputeShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """By an arbiter, from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        dispute = visible_dispute(actor, public_id)
        actor.require_person()
        given = given_in(request, RulingBody)
        services.rule_dispute(actor=actor, now=utc_now(), dispute_id=dispute.pk, **given)
        return Response(DisputeShape(visible_dispute(actor, public_id)).data, status=201)


class WithdrawDisputeView(IdempotentPostMixin, APIView):
    """Takes a dispute back."""

    @extend_schema(request=None, responses={200: DisputeShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """By who disputed, from a signed-in session with step-up."""
        actor = actor_of(request)
        dispute = visible_dispute(actor, public_id)
        services.withdraw_dispute(actor=actor, now=utc_now(), dispute_id=dispute.pk)
        return Response(DisputeShape(visible_dispute(actor, public_id)).data)
