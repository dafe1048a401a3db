"""`POST /hooks/sendgrid/events/`: the signed event webhook."""

import json
import uuid
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from accounts.actors import system
from core.clock import utc_now
from core.errors import InvalidInput
from notifications.rules.sendgrid_replies import event_meaning
from notifications.services.news import News
from notifications.services.provider_events import take_in
from notifications.transports.sendgrid import KEY
from notifications.views.signatures import IsSigned, SignedBySendGrid

ACTOR = system("hooks:sendgrid")


@extend_schema(exclude=True)
class SendGridEvents(APIView):
    """Answers 200 once everything is stored, 400 for what is no list of events, 401 for a signature that does not fit or is too old."""

    authentication_classes = [SignedBySendGrid]
    permission_classes = [IsSigned]

    def post(self, request: Request) -> Response:
        try:
            events = json.loads(request.auth)  # type: ignore[arg-type]  # the body, as SignedBySendGrid gives it
        except (ValueError, RecursionError) as error:
            raise InvalidInput("The body is not JSON.", code="unreadable_body") from error
        if not isinstance(events, list):
            raise InvalidInput("The body must be a list of events.", code="unreadable_body")
        news = [piece for event in events if isinstance(event, dict) and (piece := _news(event))]
        return Response({"events": len(events), "new": take_in(actor=ACTOR, now=utc_now(), provider="sendgrid", news=news)})


def _news(event: Mapping[str, Any]) -> News | None:
    """`None` for events about mail of others, or that say nothing that counts."""
    means = event_meaning(event)
    try:
        key, at = uuid.UUID(str(event.get(KEY))), datetime.fromtimestamp(float(event["timestamp"]), UTC)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        return None
    if means.state is None and not means.suppress:
        return None
    name = str(event.get("sg_event_id") or f"{key}/{event.get('event')}/{event['timestamp']}")
    # The reason is free text of the far side and may hold the address; the enhanced code is not.
    detail = " ".join(str(part) for part in (event.get("event"), event.get("type"), event.get("status")) if part)[:80]
    return News(name, key, at, means.state, means.suppress, means.soft, detail)
