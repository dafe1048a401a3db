"""Checking words before they are stored, and the rule sets there are."""

from dataclasses import asdict
from typing import Any

import django_filters
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from accounts.rules.roles import Permission
from core.api.bodies import given_in
from core.api.pagination import CursorPagination
from core.api.serializers import StrictSerializer
from screening.models import RuleSetVersion
from screening.queries import active_rule_set, check_words, visible_rule_set, visible_rule_sets
from screening.rules.findings import Group, Severity

STATES = ["draft", "active", "retired"]
LONGEST_TITLE = 200
LONGEST_BODY = 20_000


class CheckBody(StrictSerializer):
    """Words as one audience would read them. Without an audience they are checked as for readers outside."""

    title = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_TITLE, trim_whitespace=False, help_text="At most 200 characters."
    )
    body = serializers.CharField(
        required=False, default="", allow_blank=True, max_length=LONGEST_BODY, trim_whitespace=False, help_text="At most 20,000 characters."
    )
    audience = serializers.CharField(required=False, default="", allow_blank=True, max_length=64, help_text="An audience's key.")
    cause_confidence = serializers.CharField(
        required=False, default=None, allow_null=True, max_length=20, help_text="A cause may be named without a warning when `confirmed`."
    )


class FindingSerializer(serializers.Serializer[Any]):
    """A passage that a rule marks: `start` and `end` count Unicode code points in the field. Secrets are masked in `excerpt`."""

    rule = serializers.CharField()
    group = serializers.ChoiceField(choices=[group.value for group in Group])
    severity = serializers.ChoiceField(choices=[severity.value for severity in Severity])
    field = serializers.ChoiceField(choices=["title", "body"])
    start = serializers.IntegerField()
    end = serializers.IntegerField()
    excerpt = serializers.CharField()
    message = serializers.CharField()
    safer = serializers.CharField(help_text="What to write instead; empty where the passage is best left out.")
    why = serializers.CharField()


class CheckedSerializer(serializers.Serializer[Any]):
    """What was found, by which version of the rule set. While `blocked` is true, review cannot be asked for."""

    rule_set = serializers.IntegerField()
    blocked = serializers.BooleanField()
    findings = FindingSerializer(many=True)


class RuleSetSerializer(serializers.ModelSerializer[RuleSetVersion]):
    """The organisation's own terms, and what it allows."""

    state = serializers.ChoiceField(choices=STATES)
    created_by = serializers.CharField(source="created_by.username", read_only=True, default=None, allow_null=True)
    activated_by = serializers.CharField(source="activated_by.username", read_only=True, default=None, allow_null=True)

    class Meta:
        model = RuleSetVersion
        fields = ["number", "state", "note", "created_by", "created_at", "activated_by", "activated_at", "document"]


class RuleSetFilter(django_filters.FilterSet):
    """Which versions to list."""

    state = django_filters.ChoiceFilter(choices=[(state, state) for state in STATES])


class NewestFirst(CursorPagination):
    """By number, which is unique and never changes."""

    ordering = "-number"


class CheckView(IdempotentPostMixin, APIView):
    """Checks words."""

    @extend_schema(request=CheckBody, responses=CheckedSerializer)
    def post(self, request: Request) -> Response:
        """What the rule set in force finds in these words. Nothing is stored."""
        actor_of(request).require(Permission.POLICY_READ)
        given = given_in(request, CheckBody)
        version = active_rule_set()
        found = check_words(version=version, **given)
        answer = {
            "rule_set": version.number,
            "blocked": any(finding.blocks for finding in found),
            "findings": [asdict(finding) for finding in found],
        }
        return Response(CheckedSerializer(answer).data)


class RuleSetListView(generics.ListAPIView[RuleSetVersion]):
    """The versions, newest first."""

    queryset = RuleSetVersion.objects.all()
    serializer_class = RuleSetSerializer
    filterset_class = RuleSetFilter
    pagination_class = NewestFirst

    def get_queryset(self) -> QuerySet[RuleSetVersion]:
        return visible_rule_sets(actor_of(self.request))


class RuleSetView(generics.GenericAPIView[RuleSetVersion]):
    """One version."""

    queryset = RuleSetVersion.objects.all()
    serializer_class = RuleSetSerializer

    def get(self, request: Request, number: int) -> Response:
        return Response(RuleSetSerializer(visible_rule_set(actor_of(request), number)).data)


class ActiveRuleSetView(generics.GenericAPIView[RuleSetVersion]):
    """The version in force."""

    queryset = RuleSetVersion.objects.all()
    serializer_class = RuleSetSerializer

    def get(self, request: Request) -> Response:
        found = visible_rule_set(actor_of(request), active_rule_set().number)
        return Response(RuleSetSerializer(found).data)
