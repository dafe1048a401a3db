"""Disputes, overrides, holds, corrections.

Disputing, ruling and holding take a signed-in person with step-up. Overriding and ratifying have pages only; here they are read.
"""

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
from approvals.models import Dispute, Override, ReleaseHold
from approvals.queries import revision_number
from approvals.queries.disputes import disputes_visible_to, visible_dispute
from approvals.queries.holds import holds_visible_to, visible_hold
from approvals.queries.overrides import overrides_visible_to, visible_override
from approvals.rules.dispute import DisputeState, RulingKind
from approvals.rules.override import OverrideState
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.api.shapes import UpdateShape, update_json
from incidents.queries import visible_incident, visible_update
from incidents.rules.words import CORRECTING

LONGEST = 4000


class DisputeBody(StrictSerializer):
    """A passage of exactly the revision that was read. Without `start` the quoted words must stand there exactly once."""

    kind = serializers.CharField(max_length=20, help_text="The review that the asker could give: technical, communications and so on.")
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    audience = serializers.CharField(max_length=64)
    language = serializers.CharField(max_length=35, default="en")
    field = serializers.ChoiceField(choices=["title", "body"])
    quote = serializers.CharField(max_length=LONGEST, trim_whitespace=False)
    start = serializers.IntegerField(min_value=0, max_value=2**31 - 1, required=False, help_text="Offset in characters.")
    reason = serializers.CharField(max_length=LONGEST)


class RulingBody(StrictSerializer):
    """The arbiter's ruling on exactly the revision that was read. `words` only where it rewords."""

    ruling = serializers.ChoiceField(choices=[kind.value for kind in RulingKind])
    revision = serializers.IntegerField(min_value=1, max_value=2**31 - 1)
    reason = serializers.CharField(max_length=LONGEST)
    words = serializers.CharField(max_length=LONGEST, required=False, allow_blank=True, default="")


class ReasonBody(StrictSerializer):
    """Why."""

    reason = serializers.CharField(max_length=500)


class CorrectionBody(StrictSerializer):
    """A correction puts right, a retraction takes back."""

    kind = serializers.ChoiceField(choices=sorted(kind.value for kind in CORRECTING))


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


class OverrideShape(serializers.ModelSerializer[Override]):
    """A release without every review, and whether it was ratified."""

    id = serializers.CharField(source="public_id")
    update = serializers.CharField(source="update_of.public_id")  # type: ignore[assignment]  # DRF takes declared fields off the class
    release = serializers.CharField(source="release.public_id")
    by = serializers.CharField(source="by.username")
    revision = serializers.IntegerField(source="revision.number")
    fills = serializers.ListField(child=serializers.DictField(child=serializers.CharField()))
    told = serializers.SerializerMethodField()
    decided_by = serializers.CharField(source="decided_by.username", allow_null=True, default=None)
    correction = serializers.CharField(source="correction.public_id", allow_null=True, default=None)

    class Meta:
        model = Override
        fields = [
            "id", "update", "release", "by", "revision", "content_hash", "reason", "fills", "fills_legal", "told", "at", "ratify_by",
            "state", "decided_by", "decided_at", "decided_reason", "correction",
        ]  # fmt: skip

    def get_told(self, override: Override) -> list[dict[str, str]]:
        """Who was told, and what makes them responsible."""
        return [{"name": one["name"], "as": one["as"]} for one in override.told]


class HoldShape(serializers.ModelSerializer[ReleaseHold]):
    """A release hold, on an incident or on one update; in force while `lifted_at` is `null`."""

    id = serializers.CharField(source="public_id")
    incident = serializers.SerializerMethodField()
    update = serializers.CharField(source="update_of.public_id", allow_null=True, default=None)  # type: ignore[assignment]  # as above
    placed_by = serializers.CharField(source="placed_by.username")
    lifted_by = serializers.CharField(source="lifted_by.username", allow_null=True, default=None)

    class Meta:
        model = ReleaseHold
        fields = ["id", "incident", "update", "reason", "placed_by", "placed_at", "lifted_by", "lifted_at", "lift_reason"]

    def get_incident(self, hold: ReleaseHold) -> str:
        """Its incident, also where the hold is on one update."""
        incident = hold.incident or (hold.update_of.incident if hold.update_of else None)
        return incident.public_id if incident else ""


class DisputeFilter(django_filters.FilterSet):
    """Which disputes to list."""

    state = django_filters.ChoiceFilter(choices=[(state.value, state.value) for state in DisputeState])
    update = django_filters.CharFilter(field_name="update_of__public_id")


class OverrideFilter(django_filters.FilterSet):
    """Which overrides to list."""

    state = django_filters.ChoiceFilter(choices=[(state.value, state.value) for state in OverrideState])
    update = django_filters.CharFilter(field_name="update_of__public_id")


class HoldFilter(django_filters.FilterSet):
    """Which holds to list."""

    in_force = django_filters.BooleanFilter(field_name="lifted_at", lookup_expr="isnull")


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
        given = _validated(DisputeBody(data=request.data))
        given["revision"] = revision_number(update, given["revision"])
        made = services.dispute_passage(actor=actor, now=utc_now(), update_id=update.pk, **given)
        return _created(DisputeShape(visible_dispute(actor, made.public_id)).data, f"/api/v1/disputes/{made.public_id}/")


class RulingView(IdempotentPostMixin, APIView):
    """Rules on a dispute."""

    @extend_schema(request=RulingBody, responses={201: DisputeShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """By an arbiter, from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        dispute = visible_dispute(actor, public_id)
        actor.require_person()
        given = _validated(RulingBody(data=request.data))
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


class OverridesView(generics.ListAPIView[Override]):
    """Overrides of incidents the asker may see, newest first. Used and ratified on the pages only."""

    queryset = Override.objects.none()
    serializer_class = OverrideShape
    filterset_class = OverrideFilter

    def get_queryset(self) -> QuerySet[Override]:
        return overrides_visible_to(actor_of(self.request))


class OverrideView(APIView):
    """One override."""

    @extend_schema(responses=OverrideShape)
    def get(self, request: Request, public_id: str) -> Response:
        """Who released without which review and why, who was told, and the ratification."""
        return Response(OverrideShape(visible_override(actor_of(request), public_id)).data)


class HoldsView(generics.ListAPIView[ReleaseHold]):
    """Release holds on incidents the asker may see, newest first."""

    queryset = ReleaseHold.objects.none()
    serializer_class = HoldShape
    filterset_class = HoldFilter

    def get_queryset(self) -> QuerySet[ReleaseHold]:
        return holds_visible_to(actor_of(self.request))


class HoldIncidentView(IdempotentPostMixin, APIView):
    """Holds back everything of an incident."""

    @extend_schema(request=ReasonBody, responses={201: HoldShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """From a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        actor.require_person()
        reason = _validated(ReasonBody(data=request.data))["reason"]
        hold = services.hold_incident(actor=actor, now=utc_now(), incident_id=incident.pk, reason=reason)
        return Response(HoldShape(hold).data, status=201)


class HoldUpdateView(IdempotentPostMixin, APIView):
    """Holds back one update."""

    @extend_schema(request=ReasonBody, responses={201: HoldShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """From a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        reason = _validated(ReasonBody(data=request.data))["reason"]
        hold = services.hold_update(actor=actor, now=utc_now(), update_id=update.pk, reason=reason)
        return Response(HoldShape(hold).data, status=201)


class LiftHoldView(IdempotentPostMixin, APIView):
    """Lifts a hold."""

    @extend_schema(request=ReasonBody, responses={200: HoldShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """From a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        hold = visible_hold(actor, public_id)
        actor.require_person()
        reason = _validated(ReasonBody(data=request.data))["reason"]
        return Response(HoldShape(services.lift_hold(actor=actor, now=utc_now(), hold_id=hold.public_id, reason=reason)).data)


class CorrectionView(IdempotentPostMixin, APIView):
    """Starts the correction or retraction of a released update."""

    @extend_schema(request=CorrectionBody, responses={201: UpdateShape, 409: OpenApiTypes.OBJECT})
    def post(self, request: Request, public_id: str) -> Response:
        """A draft for the same audiences, quoting what was released. A token may start it; review and release are as for any update."""
        actor = actor_of(request)
        wrong = visible_update(actor, public_id)
        given = _validated(CorrectionBody(data=request.data))
        made = services.start_correction(actor=actor, now=utc_now(), update_id=wrong.pk, kind=given["kind"])
        return _created(update_json(visible_update(actor, made.public_id)), f"/api/v1/updates/{made.public_id}/")


def _validated(body: StrictSerializer) -> dict[str, Any]:
    body.is_valid(raise_exception=True)
    given: dict[str, Any] = body.validated_data
    return given


def _created(answer: Any, where: str) -> Response:
    return Response(answer, status=201, headers={"Location": where})
