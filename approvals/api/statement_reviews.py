"""Review of holding statements. A token may ask and read; verdicts need a signed-in person with step-up."""

from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.models import Review, ReviewRound
from approvals.queries.statements import statement_reviews
from approvals.rules.words import Verdict
from core.api.bodies import given_in
from core.api.lists import listed
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from templates.queries import visible_statement


class StatementReviewBody(StrictSerializer):
    """Which version, and until when its approval is to stand: at most 180 days."""

    version = serializers.IntegerField(min_value=1)
    expires_at = serializers.DateTimeField(help_text="RFC 3339; UTC when it names no zone.")


class StatementVerdictBody(StrictSerializer):
    """A verdict on exactly the version that was read. Asking for changes needs a comment."""

    kind = serializers.CharField(max_length=20, help_text="technical, communications or legal")
    verdict = serializers.ChoiceField(choices=[Verdict.APPROVE.value, Verdict.REQUEST_CHANGES.value])
    version = serializers.IntegerField(min_value=1)
    comment = serializers.CharField(required=False, allow_blank=True, default="")


class StatementRoundSerializer(serializers.ModelSerializer[ReviewRound]):
    """A round of reviews over one version of a statement."""

    statement = serializers.CharField(source="holding_version.statement.public_id")
    version = serializers.IntegerField(source="holding_version.number")
    content_hash = serializers.CharField(source="holding_version.content_hash")
    expires_at = serializers.DateTimeField(source="holding_version.expires_at")
    requested_by = serializers.CharField(source="requested_by.username")
    kinds = serializers.SerializerMethodField()

    class Meta:
        model = ReviewRound
        fields = ["statement", "version", "content_hash", "expires_at", "state", "requested_by", "opened_at", "kinds"]

    def get_kinds(self, review_round: ReviewRound) -> list[str]:
        return [slot.kind for slot in review_round.slots.all()]


class StatementReviewSerializer(serializers.ModelSerializer[Review]):
    """One verdict on a statement. It counts while `round_state` is open or approved."""

    statement = serializers.CharField(source="holding_version.statement.public_id")
    version = serializers.IntegerField(source="holding_version.number")
    kind = serializers.CharField(source="slot.kind")
    reviewer = serializers.CharField(source="reviewer.username")
    round_state = serializers.CharField(source="round.state")

    class Meta:
        model = Review
        fields = ["id", "statement", "version", "kind", "verdict", "reviewer", "content_hash", "comment", "at", "round_state"]


class RequestStatementReviewView(IdempotentPostMixin, APIView):
    """Asks for review of a statement."""

    @extend_schema(request=StatementReviewBody, responses={201: StatementRoundSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Opens a round over the version. Whoever asks counts as a contributor and cannot review."""
        actor = actor_of(request)
        statement = visible_statement(actor, public_id)
        given = given_in(request, StatementReviewBody)
        review_round = services.request_statement_review(
            actor=actor, now=utc_now(), statement_id=statement.pk, number=given["version"], expires_at=given["expires_at"]
        )
        return Response(StatementRoundSerializer(review_round).data, status=201)


class StatementReviewsView(IdempotentPostMixin, generics.GenericAPIView[Review]):
    """The verdicts on a statement."""

    queryset = Review.objects.none()
    serializer_class = StatementReviewSerializer

    def get_queryset(self) -> QuerySet[Review]:
        return statement_reviews(visible_statement(actor_of(self.request), self.kwargs["public_id"]))

    @extend_schema(responses=StatementReviewSerializer(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Every verdict ever given on the statement, newest first."""
        return listed(self, self.get_queryset(), StatementReviewSerializer)

    @extend_schema(request=StatementVerdictBody, responses={201: StatementReviewSerializer})
    def post(self, request: Request, public_id: str) -> Response:
        """Gives a verdict: from a signed-in session with step-up, never by token."""
        actor = actor_of(request)
        statement = visible_statement(actor, public_id)
        actor.require_person()
        given = given_in(request, StatementVerdictBody)
        review = services.give_statement_verdict(
            actor=actor,
            now=utc_now(),
            statement_id=statement.pk,
            kind=given["kind"],
            verdict=given["verdict"],
            number=given["version"],
            comment=given["comment"],
        )
        return Response(StatementReviewSerializer(review).data, status=201)
