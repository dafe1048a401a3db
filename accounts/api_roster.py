"""`/api/v1/roster/`: who can act, and the hours that nobody covers. A token may read them."""

from datetime import datetime, timedelta
from typing import Any

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.permissions import requires
from accounts.queries.availability import Stretch, coverage_in, facts_at, standings_in, stretches_in
from accounts.queries.roster_facts import RosterFacts, roster_facts
from accounts.rules.availability import OTHERS, Cover
from accounts.rules.duties import Duty
from accounts.rules.roles import Permission
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput

WEEK = timedelta(days=7)
LONGEST_WINDOW = timedelta(days=31)
# Near the calendar's ends no wall clock can be read.
REACH = timedelta(days=3660)
DUTIES = [duty.value for duty in Duty]
MAY_READ = [requires(Permission.ROSTER_READ)]


class DutyField(serializers.ChoiceField):
    """A duty by its name."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(choices=DUTIES, **kwargs)


class StandingsQuery(StrictSerializer):
    """Which duty (every one), at which instant (now)."""

    duty = DutyField(required=False)
    at = serializers.DateTimeField(required=False)


class CoverageQuery(StrictSerializer):
    """Which duty (every one), from when (now), until when (a week later; at most 31 days)."""

    duty = DutyField(required=False)
    since = serializers.DateTimeField(required=False)
    until = serializers.DateTimeField(required=False)


class StandingShape(serializers.Serializer[Any]):
    """One holder of the role. `tier` 0 is on duty, 1 stands in, 2 the others; `reasons` are what keeps them from acting."""

    user = serializers.CharField(source="user.username")
    name = serializers.CharField(source="user.get_full_name")
    tier = serializers.IntegerField(min_value=0, max_value=OTHERS)
    can_act = serializers.BooleanField()
    reasons = serializers.ListField(child=serializers.CharField())


class DutyStandingsShape(serializers.Serializer[Any]):
    """One duty at one instant, those to ask first before the others."""

    duty = DutyField()
    at = serializers.DateTimeField()
    people = StandingShape(many=True)


class GapShape(serializers.Serializer[Any]):
    """Hours in which nobody on duty can act; `nobody_at_all`: nor anyone else with the role."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    nobody_at_all = serializers.BooleanField()


class StretchShape(serializers.Serializer[Any]):
    """Hours in which nothing changes, with user names."""

    starts_at = serializers.DateTimeField()
    ends_at = serializers.DateTimeField()
    cover = serializers.ChoiceField(choices=[cover.value for cover in Cover])
    on_duty = serializers.SerializerMethodField()
    deputies = serializers.SerializerMethodField()

    def get_on_duty(self, stretch: Stretch) -> list[str]:
        return [user.get_username() for user in stretch.on_duty]

    def get_deputies(self, stretch: Stretch) -> list[str]:
        return [user.get_username() for user in stretch.deputies]


class DutyCoverageShape(serializers.Serializer[Any]):
    """One duty over the window."""

    duty = DutyField()
    gaps = GapShape(many=True)
    stretches = StretchShape(many=True)


class StandingsView(APIView):
    """Who can act."""

    permission_classes = MAY_READ

    @extend_schema(
        parameters=[
            OpenApiParameter("duty", OpenApiTypes.STR, enum=DUTIES, description="One duty; left out, every one."),
            OpenApiParameter("at", OpenApiTypes.DATETIME, description="ISO 8601; left out, now."),
        ],
        responses=DutyStandingsShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Every holder of each duty, with what keeps them from acting."""
        asked, now = _asked(StandingsQuery, request), utc_now()
        at = _near("at", asked.get("at", now), now)
        duties = _duties(asked)
        facts = facts_at(duties, at)
        return Response(DutyStandingsShape([_standing(facts, duty, at) for duty in duties], many=True).data)


class CoverageView(APIView):
    """The hours that are covered, and those that are not."""

    permission_classes = MAY_READ

    @extend_schema(
        parameters=[
            OpenApiParameter("duty", OpenApiTypes.STR, enum=DUTIES, description="One duty; left out, every one."),
            OpenApiParameter("since", OpenApiTypes.DATETIME, description="ISO 8601; left out, now."),
            OpenApiParameter("until", OpenApiTypes.DATETIME, description="ISO 8601, at most 31 days later; left out, a week later."),
        ],
        responses=DutyCoverageShape(many=True),
    )
    def get(self, request: Request) -> Response:
        """Each duty's gaps, and whom to ask when."""
        asked, now = _asked(CoverageQuery, request), utc_now()
        start = _near("since", asked.get("since", now), now)
        end = asked.get("until", start + WEEK)
        if not start < end <= start + LONGEST_WINDOW:
            raise InvalidInput("Correct the fields named.", fields={"until": ["Give a time after since, at most 31 days later."]})
        duties = _duties(asked)
        facts = roster_facts(duties, start=start, end=end)
        found = [
            {
                "duty": duty,
                "gaps": coverage_in(facts, duty=duty, start=start, end=end),
                "stretches": stretches_in(facts, duty=duty, start=start, end=end),
            }
            for duty in duties
        ]
        return Response(DutyCoverageShape(found, many=True).data)


def _asked(shape: type[StrictSerializer], request: Request) -> dict[str, Any]:
    query = shape(data=request.query_params.dict())
    query.is_valid(raise_exception=True)
    asked: dict[str, Any] = query.validated_data
    return asked


def _near(name: str, at: datetime, now: datetime) -> datetime:
    if abs(at - now) > REACH:
        raise InvalidInput("Correct the fields named.", fields={name: ["Give a time within ten years of now."]})
    return at


def _duties(asked: dict[str, Any]) -> list[Duty]:
    return [Duty(asked["duty"])] if "duty" in asked else list(Duty)


def _standing(facts: RosterFacts, duty: Duty, at: datetime) -> dict[str, Any]:
    return {"duty": duty, "at": at, "people": standings_in(facts, duty=duty, at=at)}
