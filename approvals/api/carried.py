"""Verdicts that an edit did not touch, to read."""

from django.db.models import QuerySet
from rest_framework import generics, serializers

from accounts.requests import actor_of
from approvals.api.fields import KINDS
from approvals.models import CarriedReview
from approvals.queries.beside import carried_of
from approvals.rules.words import CarriedBecause
from incidents.queries import visible_update


class CarriedShape(serializers.ModelSerializer[CarriedReview]):
    """An approval of `from_revision`, the one that `reviewer` read, standing for `to_revision`. `review` is the verdict's id."""

    kind = serializers.ChoiceField(source="slot.kind", choices=KINDS)
    review = serializers.IntegerField(source="review_id")
    reviewer = serializers.CharField(source="review.reviewer.username")
    from_revision = serializers.IntegerField(source="from_revision.number")
    to_revision = serializers.IntegerField(source="to_revision.number")
    because = serializers.ChoiceField(choices=[word.value for word in CarriedBecause])
    round_state = serializers.CharField(source="round.state")

    class Meta:
        model = CarriedReview
        fields = ["kind", "review", "reviewer", "from_revision", "from_hash", "to_revision", "to_hash", "because", "at", "round_state"]


class CarriedView(generics.ListAPIView[CarriedReview]):
    """Verdicts on an update that were carried to a later revision, newest first."""

    queryset = CarriedReview.objects.none()
    serializer_class = CarriedShape

    def get_queryset(self) -> QuerySet[CarriedReview]:
        return carried_of(visible_update(actor_of(self.request), self.kwargs["public_id"]))
