"""Which template an event gets: the rules, what is unmapped, and a tester."""

from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.conditional import etag, required_version
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from policies.rules.facts import KNOWN_WORDS
from stakeholders.queries import audience_keys
from templates.queries import TemplateMap, unmapped_categories, visible_rules
from templates.rules.mapping import Because, never_reached
from templates.services import save_rules
from templates.services.save_rules import RuleInput

CATEGORIES = list(KNOWN_WORDS["category"])
STATUSES = list(KNOWN_WORDS["status"])
IF_MATCH = OpenApiParameter(
    "If-Match", OpenApiTypes.STR, OpenApiParameter.HEADER, required=True, description='The version edited; "0" while there are no rules.'
)


class RuleSerializer(serializers.Serializer[Any]):
    """One rule. Its template says which status and audience it is for."""

    position = serializers.IntegerField()
    category = serializers.CharField(allow_blank=True, help_text="Empty: any.")
    tags = serializers.ListField(child=serializers.CharField(), help_text="All of them must be there.")
    template = serializers.CharField(help_text="A template's key.")
    status = serializers.CharField()
    audience = serializers.CharField()
    hidden_by = serializers.IntegerField(allow_null=True, help_text="The earlier rule that always comes before this one.")


class RuleListSerializer(serializers.Serializer[Any]):
    """The rules in order; the first that matches decides."""

    version = serializers.IntegerField()
    rules = RuleSerializer(many=True)


class RuleBody(StrictSerializer):
    """One rule to save."""

    category = serializers.CharField(allow_blank=True, default="", max_length=40)
    tags = serializers.ListField(child=serializers.CharField(max_length=40), default=list)
    template = serializers.CharField(max_length=64, help_text="A template's key.")


class RulesBody(StrictSerializer):
    """The whole list, in order."""

    rules = RuleBody(many=True)


class GapSerializer(serializers.Serializer[Any]):
    """A place without wording of the category's own."""

    status = serializers.CharField()
    audience = serializers.CharField()
    falls_back = serializers.CharField(allow_null=True, help_text="The key of the template that serves instead; null: none does.")


class UnmappedSerializer(serializers.Serializer[Any]):
    """A category that nothing was written for, or that would get nothing somewhere."""

    category = serializers.CharField()
    gaps = GapSerializer(many=True)


class UnmappedListSerializer(serializers.Serializer[Any]):
    """Every such category."""

    unmapped = UnmappedSerializer(many=True)


class AnswerSerializer(serializers.Serializer[Any]):
    """What an event would get for one status and one audience, and why."""

    status = serializers.CharField()
    audience = serializers.CharField()
    template = serializers.CharField(allow_null=True)
    name = serializers.CharField(allow_null=True)
    because = serializers.ChoiceField(choices=[word.value for word in Because])
    rule = serializers.IntegerField(allow_null=True, help_text="The rule's position, where a rule decided.")


class TestSerializer(serializers.Serializer[Any]):
    """The answers for every status and audience asked about."""

    category = serializers.CharField()
    tags = serializers.ListField(child=serializers.CharField())
    answers = AnswerSerializer(many=True)


class TestQuery(StrictSerializer):
    """What the event would be. Tags are separated by commas."""

    category = serializers.ChoiceField(choices=CATEGORIES)
    tags = serializers.CharField(default="", allow_blank=True)
    status = serializers.ChoiceField(choices=STATUSES, required=False)
    audience = serializers.CharField(required=False)


class RulesView(APIView):
    """The rules that choose a template."""

    @extend_schema(responses=RuleListSerializer)
    def get(self, request: Request) -> Response:
        """In order, with those that can never be reached marked."""
        return _answer(visible_rules(actor_of(request)))

    @extend_schema(request=RulesBody, responses=RuleListSerializer, parameters=[IF_MATCH])
    def put(self, request: Request) -> Response:
        """Replaces the list; earlier states stay."""
        actor = actor_of(request)
        visible_rules(actor)
        base = required_version(request)
        given = given_in(request, RulesBody)
        rules = [RuleInput(rule["category"], tuple(rule["tags"]), rule["template"]) for rule in given["rules"]]
        save_rules(actor=actor, now=utc_now(), rules=rules, base=base)
        return _answer(visible_rules(actor))


class UnmappedView(APIView):
    """Categories that nothing was written for."""

    @extend_schema(responses=UnmappedListSerializer)
    def get(self, request: Request) -> Response:
        """Each with the places where something else serves, or nothing."""
        found = unmapped_categories(visible_rules(actor_of(request)))
        rows = [
            {
                "category": category,
                "gaps": [{"status": gap.status, "audience": gap.audience, "falls_back": gap.falls_back or None} for gap in gaps],
            }
            for category, gaps in found.items()
        ]
        return Response(UnmappedListSerializer({"unmapped": rows}).data)


class TestView(APIView):
    """What an event would get."""

    @extend_schema(parameters=[TestQuery], responses=TestSerializer)
    def get(self, request: Request) -> Response:
        """For the status and audience named, or for all of them."""
        found = visible_rules(actor_of(request))
        asked = TestQuery(data=request.query_params.dict())
        asked.is_valid(raise_exception=True)
        wanted = asked.validated_data
        tags = [tag for tag in (piece.strip() for piece in wanted["tags"].split(",")) if tag]
        statuses = [wanted["status"]] if "status" in wanted else STATUSES
        audiences = [wanted["audience"]] if "audience" in wanted else audience_keys()
        answers = [answer_for(found, wanted["category"], tags, status, audience) for audience in audiences for status in statuses]
        return Response(TestSerializer({"category": wanted["category"], "tags": tags, "answers": answers}).data)


def answer_for(found: TemplateMap, category: str, tags: list[str], status: str, audience: str) -> dict[str, Any]:
    """One answer of the tester, as the API and the page show it."""
    chosen = found.find(category=category, status=status, audience=audience, tags=tags)
    template = found.templates.get(chosen.key)
    return {
        "status": status,
        "audience": audience,
        "template": template.key if template else None,
        "name": template.name if template else None,
        "because": chosen.because.value,
        "rule": found.rows[chosen.position - 1].position if chosen.position else None,
    }


def _answer(found: TemplateMap) -> Response:
    hidden = never_reached(found.rules)
    rows = [
        {
            "position": row.position,
            "category": row.category,
            "tags": row.tags,
            "template": row.template.key,
            "status": row.template.status,
            "audience": row.template.audience_key,
            "hidden_by": found.rows[hidden[number] - 1].position if number in hidden else None,
        }
        for number, row in enumerate(found.rows, start=1)
    ]
    body = RuleListSerializer({"version": found.version, "rules": rows}).data
    return Response(body, headers={"ETag": etag(found.version)})
