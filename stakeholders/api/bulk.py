"""Many entries at once, by their external id."""

from collections import Counter
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers
from rest_framework.request import Request
from rest_framework.response import Response

from accounts.idempotency import IdempotentPostMixin
from accounts.requests import actor_of
from accounts.rules.roles import Permission
from core.api.bodies import given_in
from core.clock import utc_now
from stakeholders.api.shapes import BulkAnswerSerializer, BulkBody, FieldsBody, PointBody
from stakeholders.models import Stakeholder
from stakeholders.rules.entries import Entry, read
from stakeholders.rules.kinds import ConsentSource
from stakeholders.services import upsert_stakeholders
from stakeholders.services.addresses import loopback_allowed
from stakeholders.services.entry_apply import Origin


class RowBody(FieldsBody):
    """One row of a bulk call."""

    contact_points = serializers.ListField(child=PointBody(), required=False, max_length=20)


class BulkView(IdempotentPostMixin, generics.GenericAPIView[Stakeholder]):
    """Up to 1,000 entries a call. The same call again changes nothing, so a program that lost the answer sends it again."""

    queryset = Stakeholder.objects.all()
    serializer_class = BulkAnswerSerializer

    @extend_schema(request=BulkBody, responses=BulkAnswerSerializer)
    def put(self, request: Request) -> Response:
        """Registers what is new and sets what is given. A row at fault is answered with its errors; the others are done."""
        return self._upsert(request)

    @extend_schema(request=BulkBody, responses=BulkAnswerSerializer)
    def post(self, request: Request) -> Response:
        """As PUT, for clients that cannot."""
        return self._upsert(request)

    def _upsert(self, request: Request) -> Response:
        actor = actor_of(request)
        actor.require(Permission.STAKEHOLDER_WRITE)
        given = given_in(request, BulkBody)
        origin = Origin(ConsentSource.API, consent=given["consent"], confirm=given["confirm"])
        done = upsert_stakeholders(actor=actor, now=utc_now(), rows=[_read(row) for row in given["rows"]], origin=origin)
        counts = Counter(row.outcome for row in done)
        answer = {
            "counts": {outcome: counts[outcome] for outcome in ("new", "changed", "unchanged", "error")},
            "results": [{"external_id": r.external_id, "outcome": r.outcome, "id": r.id, "errors": r.errors} for r in done],
        }
        return Response(answer)


def _read(row: dict[str, Any]) -> tuple[Entry, dict[str, list[str]]]:
    body = RowBody(data=row)
    if not body.is_valid():
        errors = {name: _flat(texts) for name, texts in body.errors.items()}
        external_id = row.get("external_id")
        named = isinstance(external_id, str | int) and "external_id" not in errors
        return Entry(values={"external_id": str(external_id)} if named else {}), errors
    given = body.validated_data
    points = given.pop("contact_points", None)
    blamed = None if points is None else [("contact_points", point["kind"], point["address"]) for point in points]
    return read(given, points=blamed, loopback=loopback_allowed())


def _flat(texts: Any) -> list[str]:
    """Nested messages of a serializer as a plain list."""
    if isinstance(texts, dict):
        return [text for inner in texts.values() for text in _flat(inner)]
    if isinstance(texts, list | tuple):
        return [text for inner in texts for text in _flat(inner)]
    return [str(texts)]
