"""The schema of rules, a version in words, and what it would decide over facts that are sent."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.permissions import requires
from accounts.requests import actor_of
from accounts.rules.roles import Permission
from core.api.serializers import StrictSerializer
from policies.queries import document_of, visible_version
from policies.rules.analysis import problems
from policies.rules.decide import decide
from policies.rules.explain import sentences
from policies.rules.facts import KNOWN_WORDS, Facts
from policies.rules.reading_conditions import MOST_MINUTES
from policies.rules.schema import policy_schema
from policies.rules.why import steps


class SchemaView(APIView):
    """The JSON Schema of a policy's rules."""

    permission_classes = [requires(Permission.POLICY_READ)]

    @extend_schema(responses=OpenApiTypes.OBJECT)
    def get(self, request: Request) -> Response:
        """JSON Schema, draft 2020-12."""
        return Response(policy_schema())


class RuleInWords(serializers.Serializer[Any]):
    """A rule as people read it. `flaw` says why it never decides, where that is certain."""

    key = serializers.CharField()
    words = serializers.CharField(help_text="In its authors' words.")
    sentences = serializers.ListField(child=serializers.CharField(), help_text="What it really does.")
    flaw = serializers.CharField(allow_null=True)


class ExplanationView(APIView):
    """A version in plain words."""

    @extend_schema(responses=RuleInWords(many=True))
    def get(self, request: Request, number: int) -> Response:
        """Every rule in order."""
        document = document_of(visible_version(actor_of(request), number))
        flaws = {flaw.key: flaw.text for flaw in problems(document)}
        return Response(
            [
                {"key": rule.key, "words": rule.words, "sentences": sentences(rule), "flaw": flaws.get(rule.key)}
                for rule in document.all_rules
            ]
        )


class FactsBody(StrictSerializer):
    """Facts of an incident that need not exist."""

    severity = serializers.ChoiceField(choices=KNOWN_WORDS["severity"])
    impact = serializers.ChoiceField(choices=KNOWN_WORDS["impact"])
    stage = serializers.ChoiceField(choices=KNOWN_WORDS["stage"], default="confirmed")
    status = serializers.ChoiceField(choices=KNOWN_WORDS["status"], default="investigating")
    category = serializers.ChoiceField(choices=KNOWN_WORDS["category"], default="application")
    outage_scope = serializers.ChoiceField(choices=KNOWN_WORDS["outage_scope"], default="none")
    customer_facing = serializers.BooleanField(default=True)
    restricted = serializers.BooleanField(default=False)
    data_breach = serializers.BooleanField(default=False)
    regulated_system = serializers.BooleanField(default=False)
    expected_minutes = serializers.IntegerField(min_value=0, max_value=MOST_MINUTES, allow_null=True, default=None)
    elapsed_minutes = serializers.IntegerField(min_value=0, max_value=MOST_MINUTES, default=0)
    tags = serializers.ListField(child=serializers.CharField(max_length=64), max_length=50, default=list)
    components = serializers.ListField(child=serializers.CharField(max_length=64), max_length=50, default=list)
    depended_on_by = serializers.ListField(child=serializers.CharField(max_length=64), max_length=50, default=list)
    regulatory_flags = serializers.ListField(child=serializers.CharField(max_length=64), max_length=50, default=list)
    jurisdictions = serializers.ListField(child=serializers.CharField(max_length=6), max_length=50, default=list)

    def facts(self) -> Facts:
        """The facts as the policy reads them."""
        return Facts.from_json(self.validated_data)


class PassedOverShape(serializers.Serializer[Any]):
    """A rule above the one that decided, and why it did not."""

    rule = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class DecidedShape(serializers.Serializer[Any]):
    """The decision with every consequence, in words, and the rules passed over."""

    decision = serializers.DictField()
    sentences = serializers.ListField(child=serializers.CharField())
    passed_over = PassedOverShape(many=True)


class DecideView(IdempotentPostMixin, APIView):
    """What a version would decide."""

    @extend_schema(request=FactsBody, responses=DecidedShape)
    def post(self, request: Request, number: int) -> Response:
        """Decides over the facts sent; nothing is opened and nobody is told."""
        version = visible_version(actor_of(request), number)
        given = FactsBody(data=request.data)
        given.is_valid(raise_exception=True)
        facts, document = given.facts(), document_of(version)
        walked = steps(document, facts)
        return Response(
            {
                "decision": decide(document, facts, version.number).as_json(),
                "sentences": sentences(walked[-1].rule),
                "passed_over": [{"rule": step.rule.key, "reasons": step.reasons} for step in walked[:-1]],
            }
        )
