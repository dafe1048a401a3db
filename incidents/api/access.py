"""`incidents/ID/access/`: who sees a restricted incident."""

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.models import User
from accounts.requests import actor_of
from core.api.bodies import given_in
from core.api.lists import listed
from core.api.serializers import StrictSerializer
from core.clock import utc_now
from incidents.queries import people_granted, visible_incident
from incidents.services import grant_access


class AccessBody(StrictSerializer):
    """Who is to see the incident; `user` is a user name."""

    user = serializers.SlugRelatedField(slug_field="username", queryset=User.objects.filter(is_active=True))


class PersonShape(serializers.ModelSerializer[User]):
    """One person who was granted the incident by name."""

    user = serializers.CharField(source="username")

    class Meta:
        model = User
        fields = ["user", "display_name"]


class AccessView(IdempotentPostMixin, generics.GenericAPIView[User]):
    """People who were granted the incident by name. While it is not restricted, everyone who reads incidents sees it."""

    queryset = User.objects.none()
    serializer_class = PersonShape

    @extend_schema(responses=PersonShape(many=True))
    def get(self, request: Request, public_id: str) -> Response:
        """By name."""
        return listed(self, people_granted(visible_incident(actor_of(request), public_id)), PersonShape)

    @extend_schema(request=AccessBody, responses={201: PersonShape})
    def post(self, request: Request, public_id: str) -> Response:
        """Lets a person see the incident; needs the permission to restrict."""
        actor = actor_of(request)
        incident = visible_incident(actor, public_id)
        given = given_in(request, AccessBody)
        user: User = given["user"]
        grant_access(actor=actor, now=utc_now(), incident=incident, to=user)
        return Response(PersonShape(user).data, status=201)
