"""What belongs to one incident: decisions, promises, snoozes, milestones, expected times."""

from drf_spectacular.utils import extend_schema
from rest_framework import generics
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.lists import listed
from core.clock import utc_now
from incidents.api.bodies import EtrBody, MilestoneBody, SnoozeBody
from incidents.api.shapes import DecisionShape, EtrShape, MilestoneShape, PromiseRowShape, SnoozeShape
from incidents.models import EtrAssessment, Milestone, PolicyDecision, Snooze, UpdatePromise
from incidents.queries import visible_incident
from incidents.services import assess_etr, record_milestone, snooze_promise


class DecisionListView(generics.GenericAPIView[PolicyDecision]):
    """What the policy decided for an incident; the first is in force."""

    queryset = PolicyDecision.objects.none()
    serializer_class = DecisionShape

    @extend_schema(responses=DecisionShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Newest first, each with the facts it read and why it was made."""
        return listed(self, visible_incident(actor_of(request), public_id).decisions.all(), DecisionShape)


class PromiseListView(generics.GenericAPIView[UpdatePromise]):
    """The promises of a next update: due when, kept by what, late by how much."""

    queryset = UpdatePromise.objects.none()
    serializer_class = PromiseRowShape

    @extend_schema(responses=PromiseRowShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Newest first."""
        promises = visible_incident(actor_of(request), public_id).promises.select_related("made_by", "kept_by").prefetch_related("steps")
        return listed(self, promises, PromiseRowShape)


class SnoozeListView(IdempotentPostMixin, generics.GenericAPIView[Snooze]):
    """Reminders of the incident's promises that people held back."""

    queryset = Snooze.objects.none()
    serializer_class = SnoozeShape

    @extend_schema(responses=SnoozeShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Newest first."""
        incident = visible_incident(actor_of(request), public_id)
        return listed(self, Snooze.objects.filter(promise__incident=incident).select_related("by"), SnoozeShape)

    @extend_schema(request=SnoozeBody, responses={201: SnoozeShape})
    def post(self, request: Request, public_id: str) -> Response:
        """Holds the reminders of the incident back: those of every promise that runs, which all stay due.

        Each promise has a row; the answer is that of the one due first.
        """
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        given = given_in(request, SnoozeBody)
        made = snooze_promise(actor=actor, now=utc_now(), incident=incident, **given)
        return Response(SnoozeShape(made).data, status=201)


class MilestoneListView(IdempotentPostMixin, generics.GenericAPIView[Milestone]):
    """Turns in the work on an incident."""

    queryset = Milestone.objects.none()
    serializer_class = MilestoneShape

    @extend_schema(responses=MilestoneShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """The latest first."""
        return listed(self, visible_incident(actor_of(request), public_id).milestones.select_related("draft"), MilestoneShape)

    @extend_schema(request=MilestoneBody, responses={201: MilestoneShape})
    def post(self, request: Request, public_id: str) -> Response:
        """Records what was reached and starts the draft that it calls for. Nothing is published."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        wanted = given_in(request, MilestoneBody)
        made = record_milestone(
            actor=actor, now=utc_now(), incident=incident, kind=wanted["kind"], at=wanted.get("at"), note_text=wanted.get("note", "")
        )
        return Response(MilestoneShape(made).data, status=201)


class EtrListView(IdempotentPostMixin, generics.GenericAPIView[EtrAssessment]):
    """When engineers expect the incident to be over. The newest counts, until it expires."""

    queryset = EtrAssessment.objects.none()
    serializer_class = EtrShape

    @extend_schema(responses=EtrShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Newest first."""
        return listed(self, visible_incident(actor_of(request), public_id).etr_assessments.select_related("engineer"), EtrShape)

    @extend_schema(request=EtrBody, responses={201: EtrShape})
    def post(self, request: Request, public_id: str) -> Response:
        """A new assessment in place of the one before. The policy decides again."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        wanted = given_in(request, EtrBody)
        made = assess_etr(
            actor=actor,
            now=utc_now(),
            incident=incident,
            expected_at=wanted["expected_at"],
            confidence=wanted["confidence"],
            note_text=wanted.get("note", ""),
            expires_at=wanted.get("expires_at"),
        )
        return Response(EtrShape(made).data, status=201)
