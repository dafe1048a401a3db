"""Filters of audiences over the API: setting one, trying one before it is saved, and why somebody belongs."""

from typing import Any

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.idempotency import IdempotentPostMixin
from accounts.models import Team
from accounts.requests import actor_of
from accounts.rules.roles import Permission
from core.api.bodies import given_in
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput
from stakeholders.api.audiences import AudienceDetailSerializer
from stakeholders.models import Audience
from stakeholders.queries import visible_audience, visible_audiences, visible_stakeholder
from stakeholders.queries.circles import Circle
from stakeholders.queries.previews import preview, why_belong, why_belongs
from stakeholders.rules.explaining_filters import in_words
from stakeholders.rules.filters import Filter
from stakeholders.services import create_audience, set_filter, set_owners
from stakeholders.services.audience_filter import condition_for

_WRITTEN = "A tree of all, any, not and {fact, op, value}; facts are tier, component, region, kind, language, tag."


class NewAudienceBody(StrictSerializer):
    """A new audience."""

    key = serializers.CharField(max_length=64)
    name = serializers.CharField(max_length=120)
    description = serializers.CharField(max_length=2000, required=False, allow_blank=True, default="")
    is_internal = serializers.BooleanField(default=False)
    owner = serializers.CharField(max_length=64, required=False, help_text="A team's key.")
    deputy = serializers.CharField(max_length=64, required=False, help_text="Another team's key.")
    filter = serializers.JSONField(required=False, allow_null=True, default=None, help_text=_WRITTEN)


class AudienceChangeBody(StrictSerializer):
    """What is left out stays as it is. With `filter` comes the `version` that was read; `null` leaves the list alone."""

    filter = serializers.JSONField(required=False, allow_null=True, help_text=_WRITTEN)
    version = serializers.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    owner = serializers.CharField(max_length=64, required=False, allow_null=True, help_text="A team's key, or null for nobody.")
    deputy = serializers.CharField(max_length=64, required=False, allow_null=True)


class PreviewBody(StrictSerializer):
    """A filter that need not be saved, alone or beside the list of an audience."""

    filter = serializers.JSONField(required=False, allow_null=True, default=None, help_text=_WRITTEN)
    audience = serializers.CharField(max_length=64, required=False, help_text="An audience's key: its list and opt-outs count too.")


class SampleShape(serializers.Serializer[Any]):
    """Somebody who belongs, and what makes it so."""

    id = serializers.CharField()
    name = serializers.CharField()
    reasons = serializers.ListField(child=serializers.CharField())


class PreviewShape(serializers.Serializer[Any]):
    """`addresses` per channel that are written to, `unreached` people per reason, the first 20 by name."""

    words = serializers.CharField(help_text="The filter as people read it; empty for none.")
    people = serializers.IntegerField()
    people_reached = serializers.IntegerField()
    addresses = serializers.DictField(child=serializers.IntegerField())
    unreached = serializers.DictField(child=serializers.IntegerField())
    sample = SampleShape(many=True)


class BelongingShape(serializers.Serializer[Any]):
    """Whether somebody belongs, and the list or the conditions that make it so, or that do not hold."""

    belongs = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())


class PreviewView(IdempotentPostMixin, APIView):
    """Who would belong."""

    @extend_schema(request=PreviewBody, responses=PreviewShape)
    def post(self, request: Request) -> Response:
        """Counts over the register as it is now; stores nothing."""
        actor = actor_of(request)
        actor.require(Permission.STAKEHOLDER_READ)
        given = given_in(request, PreviewBody)
        audience = visible_audiences(actor).filter(key=given["audience"]).first() if "audience" in given else None
        if "audience" in given and audience is None:
            raise InvalidInput("There is no such audience.", fields={"audience": [f"There is no audience “{given['audience']}”."]})
        condition = _condition(audience, given["filter"])
        if condition is None and audience is None:
            raise InvalidInput("Nothing to look at.", fields={"filter": ["Give a filter, or an audience with a list."]})
        circle = Circle(audience, condition)
        seen = preview(circle)
        return Response(
            {
                "words": in_words(condition) if condition is not None else "",
                "people": seen.people,
                "people_reached": seen.people_reached,
                "addresses": seen.addresses,
                "unreached": seen.unreached,
                "sample": [
                    {"id": one.public_id, "name": one.name, "reasons": why.reasons}
                    for one, why in zip(seen.sample, why_belong(circle, seen.sample), strict=True)
                ],
            }
        )


class BelongingView(APIView):
    """Why somebody is in the audience, or is not."""

    @extend_schema(responses=BelongingShape, parameters=[OpenApiParameter("stakeholder", str, required=True, description="Its id.")])
    def get(self, request: Request, public_id: str) -> Response:
        """By the list and the filter as they are stored."""
        actor = actor_of(request)
        audience = visible_audience(actor, public_id)
        asked = request.query_params.get("stakeholder", "")
        if not asked:
            raise InvalidInput("Say who is meant.", fields={"stakeholder": ["Give the id of an entry of the register."]})
        found = why_belongs(Circle.of(audience), visible_stakeholder(actor, asked))
        return Response({"belongs": found.belongs, "reasons": found.reasons})


def create(request: Request) -> Response:
    """Makes an audience as the body says."""
    given = given_in(request, NewAudienceBody)
    owner, deputy = _team("owner", given.pop("owner", None)), _team("deputy", given.pop("deputy", None))
    written = given.pop("filter")
    made = create_audience(actor=actor_of(request), now=utc_now(), owner=owner, deputy=deputy, written=written, **given)
    shown = AudienceDetailSerializer(visible_audience(actor_of(request), made.public_id)).data
    return Response(shown, status=201, headers={"Location": f"/api/v1/audiences/{made.public_id}/"})


def change(request: Request, public_id: str) -> Response:
    """Sets the filter and the owners that the body names."""
    actor = actor_of(request)
    audience = visible_audience(actor, public_id)
    given = given_in(request, AudienceChangeBody)
    if "filter" in given:
        if "version" not in given:
            text = "Give the version that the audience had when you read it."
            raise InvalidInput(text, fields={"version": [text]})
        set_filter(actor=actor, now=utc_now(), audience=audience, written=given["filter"], version=given["version"])
    if "owner" in given or "deputy" in given:
        owner = _team("owner", given["owner"]) if "owner" in given else audience.owner
        deputy = _team("deputy", given["deputy"]) if "deputy" in given else audience.deputy
        set_owners(actor=actor, now=utc_now(), audience=audience, owner=owner, deputy=deputy)
    return Response(AudienceDetailSerializer(visible_audience(actor, public_id)).data)


def _condition(audience: Audience | None, written: Any) -> Filter | None:
    return condition_for(written, is_internal=audience is not None and audience.is_internal)


def _team(field: str, key: str | None) -> Team | None:
    if not key:
        return None
    found = Team.objects.filter(key=key).first()
    if found is None:
        raise InvalidInput("There is no such team.", fields={field: [f"There is no team “{key}”."]})
    return found
