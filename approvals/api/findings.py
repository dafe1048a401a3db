"""What the screening finds in an update's words, to read."""

from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import serializers
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.requests import actor_of
from approvals.queries.gate import screened
from approvals.rules.screened import blocks
from incidents.queries import visible_update
from screening.api import FindingSerializer


class UpdateFindingSerializer(FindingSerializer):
    """A finding, and whose wording it stands in."""

    audience = serializers.CharField()
    language = serializers.CharField()


class UpdateFindingsShape(serializers.Serializer[Any]):
    """What the rule set in force finds in the newest revision. While `blocked` is true, review cannot be asked for."""

    revision = serializers.IntegerField()
    blocked = serializers.BooleanField()
    findings = UpdateFindingSerializer(many=True)


class FindingsView(APIView):
    """Findings in the newest revision of an update."""

    @extend_schema(responses=UpdateFindingsShape)
    def get(self, request: Request, public_id: str) -> Response:
        """By audience and language; secrets are masked."""
        current = visible_update(actor_of(request), public_id).current
        if current is None:
            raise RuntimeError(f"Update {public_id} has no revision.")
        found = screened(current.parsed())
        findings = [asdict(one.finding) | {"audience": one.audience, "language": one.language} for one in found]
        answer = {"revision": current.number, "blocked": bool(blocks(found)), "findings": findings}
        return Response(UpdateFindingsShape(answer).data)
