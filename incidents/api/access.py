"""`incidents/ID/access/`: who sees a restricted incident."""

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.models import Team, User
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.lists import listed
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from core.errors import InvalidInput
from incidents.queries import people_granted, teams_granted, visible_incident
from incidents.services import grant_access


class AccessBody(StrictSerializer):
    """Who is to see the incident: `user` is a user name, `team` a team's key; one of the two."""

    user = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.filter(is_active=True), required=False)
    team = serializers.SlugRelatedField(slug_field="key", queryset=Team.objects.all(), required=False)


class PersonShape(serializers.ModelSerializer[User]):
    """One person who was granted the incident by name."""

    user = serializers.CharField(source="username")

    class Meta:
        model = User
        fields = ["user", "display_name"]


class GrantShape(serializers.Serializer[dict[str, str]]):
    """Who was let in: `user` or `team`, and the name."""

    user = serializers.CharField(required=False)
    team = serializers.CharField(required=False)
    display_name = serializers.CharField()


class TeamGrantSerializer(serializers.ModelSerializer[Team]):
    """A team that was granted the incident."""

    class Meta:
        model = Team
        fields = ["key", "name"]


class AccessView(IdempotentPostMixin, generics.GenericAPIView[User]):
    """People who were granted the incident by name. While it is not restricted, everyone who reads incidents sees it."""

    queryset = User.objects.none()
    serializer_class = PersonShape

    @extend_schema(responses=PersonShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """By name."""
        return listed(self, people_granted(visible_incident(actor_of(request), public_id)), PersonShape)

    @extend_schema(request=AccessBody, responses={201: GrantShape})
    def post(self, request: Request, public_id: str) -> Response:
        """Lets a person or a team see the incident; needs the permission to restrict."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        given = given_in(request, AccessBody)
        user: User | None = given.get("user")
        team: Team | None = given.get("team")
        if team is not None and user is None:
            grant_access(actor=actor, now=utc_now(), incident=incident, to=team.group)
            return Response({"team": team.key, "display_name": team.name}, status=201)
        if user is not None and team is None:
            grant_access(actor=actor, now=utc_now(), incident=incident, to=user)
            return Response({"user": user.username, "display_name": user.display_name}, status=201)
        message = "Name a user or a team, one of the two."
        raise InvalidInput(message, fields={"user": [message]})


class TeamAccessView(generics.GenericAPIView[Team]):
    """Teams that were granted the incident: whoever is in one sees it."""

    queryset = Team.objects.none()
    serializer_class = TeamGrantSerializer

    @extend_schema(responses=TeamGrantSerializer(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """By name."""
        return listed(self, teams_granted(visible_incident(actor_of(request), public_id)), TeamGrantSerializer)
