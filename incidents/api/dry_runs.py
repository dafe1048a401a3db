"""`policies/N/dry-runs/`: trying a version on past incidents."""

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.lists import listed
from core.clock import utc_now
from incidents.models import PolicyDryRun, PolicyDryRunDifference
from incidents.queries.dry_runs import visible_differences, visible_run, visible_runs
from incidents.services import start_dry_run
from policies.queries import visible_version


class DryRunShape(serializers.ModelSerializer[PolicyDryRun]):
    """A trial. `totals` grow while it runs. Restricted incidents are left out."""

    state = serializers.CharField()
    started_by = serializers.CharField(source="started_by.username")

    class Meta:
        model = PolicyDryRun
        fields = ["id", "version", "against", "state", "started_by", "started_at", "finished_at", "done", "total", "totals", "failure"]


class DifferenceShape(serializers.ModelSerializer[PolicyDryRunDifference]):
    """An incident that the version decides otherwise: what differs, before and after, with both rules."""

    incident = serializers.CharField(source="incident.public_id")
    title = serializers.CharField(source="incident.title")

    class Meta:
        model = PolicyDryRunDifference
        fields = ["incident", "title", "before", "after"]


class DryRunListView(IdempotentPostMixin, generics.GenericAPIView[PolicyDryRun]):
    """Trials of one version."""

    queryset = PolicyDryRun.objects.none()
    serializer_class = DryRunShape

    @extend_schema(responses=DryRunShape(many=True))
    def get(self, request: Request, number: int) -> Response:
        """Newest first."""
        actor = actor_of(request)
        visible_version(actor, number)
        return listed(self, visible_runs(actor, number), DryRunShape)

    @extend_schema(request=None, responses={201: DryRunShape})
    def post(self, request: Request, number: int) -> Response:
        """Begins a trial of the version as it is now; one that runs already is answered."""
        actor = actor_of(request)
        run = start_dry_run(actor=actor, now=utc_now(), version=visible_version(actor, number))
        return Response(DryRunShape(run).data, status=201)


class DryRunView(generics.GenericAPIView[PolicyDryRun]):
    """One trial: how far it is, and its totals."""

    queryset = PolicyDryRun.objects.none()
    serializer_class = DryRunShape

    def get(self, request: Request, run: int) -> Response:
        return Response(DryRunShape(visible_run(actor_of(request), run)).data)


class DryRunDifferenceView(generics.GenericAPIView[PolicyDryRunDifference]):
    """What a trial found, incident by incident."""

    queryset = PolicyDryRunDifference.objects.none()
    serializer_class = DifferenceShape

    @extend_schema(responses=DifferenceShape(many=True))
    def get(self, request: Request, run: int) -> Response:
        """The newest incident first."""
        actor = actor_of(request)
        return listed(self, visible_differences(actor, visible_run(actor, run)), DifferenceShape)
