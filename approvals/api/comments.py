"""Remarks on a passage of the wording under review. Read by token too, made by the signed-in person."""

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from approvals import services
from approvals.api.fields import LONGEST, PassageBody, RevisionField
from approvals.models import PassageComment
from approvals.queries import revision_number
from approvals.queries.beside import comments_of
from core.api.bodies import given_in
from core.api.lists import listed
from core.clock import utc_now
from incidents.queries import visible_update


class CommentBody(PassageBody):
    """About a passage of exactly the revision that was read. Without `start` the quoted words must stand there exactly once."""

    revision = RevisionField()
    text = serializers.CharField(max_length=LONGEST)


class CommentShape(serializers.ModelSerializer[PassageComment]):
    """A remark on the characters `start` to `end` (end excluded) of one text, as `revision` had it."""

    author = serializers.CharField(source="author.username")
    revision = serializers.IntegerField(source="round.revision.number")

    class Meta:
        model = PassageComment
        fields = ["id", "author", "revision", "audience", "language", "field", "start", "end", "quote", "text", "at"]


class CommentFilter(django_filters.FilterSet):
    """Which remarks to list."""

    revision = django_filters.NumberFilter(field_name="round__revision__number", help_text="The revision's number.")
    audience = django_filters.CharFilter(help_text="An audience's key.")


class CommentsView(IdempotentPostMixin, generics.GenericAPIView[PassageComment]):
    """Remarks on passages of an update."""

    queryset = PassageComment.objects.none()
    serializer_class = CommentShape
    filterset_class = CommentFilter

    def get_queryset(self) -> QuerySet[PassageComment]:
        return comments_of(visible_update(actor_of(self.request), self.kwargs["public_id"]))

    @extend_schema(responses=CommentShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """Every remark in every round, newest first."""
        return listed(self, self.get_queryset(), CommentShape)

    @extend_schema(request=CommentBody, responses={201: CommentShape})
    def post(self, request: Request, public_id: str) -> Response:
        """By a reviewer or an author, from a signed-in session. It changes neither words nor verdicts and makes nobody an author."""
        actor = actor_of(request)
        update = visible_update(actor, public_id)
        actor.require_person()
        given = given_in(request, CommentBody)
        given["revision"] = revision_number(update, given["revision"])
        made = services.comment_on_passage(actor=actor, now=utc_now(), update_id=update.pk, **given)
        return Response(CommentShape(made).data, status=201)
