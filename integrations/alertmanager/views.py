"""`POST /hooks/alertmanager/`."""

import logging

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from core.api.problems import problem
from core.clock import utc_now
from core.errors import DomainError, InvalidInput
from integrations.alertmanager.payload import LONGEST_BODY, UnreadableError
from integrations.alertmanager.receive import receive
from integrations.authentication import AlertmanagerAuthentication, HoldsHookToken
from integrations.models import HookToken

logger = logging.getLogger(__name__)


@extend_schema(exclude=True)
class AlertmanagerHook(APIView):
    """Answers 200 once everything is stored, 400 with the reason for a body that cannot be read, 401 without a valid token."""

    authentication_classes = [AlertmanagerAuthentication]
    permission_classes = [HoldsHookToken]

    def post(self, request: Request) -> Response:
        if not isinstance(request.auth, HookToken):
            raise TypeError("The permission lets in none but holders of a hook's token.")
        try:
            # The raw bytes, and one more than allowed to see that there are too many.
            received = receive(now=utc_now(), token=request.auth, body=request._request.read(LONGEST_BODY + 1))
        except UnreadableError as error:
            raise InvalidInput(str(error), code="unreadable_body") from error
        except DomainError:
            # The message is in order and something here is not. Alertmanager sends it again after a 5xx, never after a 4xx.
            logger.exception("A readable notification could not be taken in")
            return problem(503, "not_taken_in", "The notification was readable but could not be taken in. Send it again later.")
        return Response({"outcome": received.outcome, "new_alerts": received.new})
