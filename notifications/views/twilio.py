"""`POST /hooks/twilio/status/` and `/hooks/twilio/inbound/`: what became of a text message, and what somebody answered to one."""

import logging
import uuid

from django.conf import settings
from django.http import HttpResponse
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.views import APIView
from twilio.twiml.messaging_response import MessagingResponse

from accounts.actors import system
from core.clock import utc_now
from notifications.rules.states import DeliveryState
from notifications.rules.twilio_replies import OUR_FAULT, SOFT, state_of
from notifications.services.news import News
from notifications.services.provider_events import take_in
from notifications.services.text_words import Word, take_word, word_in
from notifications.views.signatures import IsSigned, SignedByTwilio

ACTOR = system("hooks:twilio")
logger = logging.getLogger(__name__)


@extend_schema(exclude=True)
class TwilioStatus(APIView):
    """Answers 204 to every call of Twilio's, whatever it tells of; 401 to everybody else's."""

    authentication_classes = [SignedByTwilio]
    permission_classes = [IsSigned]

    def post(self, request: Request) -> HttpResponse:
        form: dict[str, str] = request.auth  # type: ignore[assignment]  # as SignedByTwilio gives it
        word, error = form.get("MessageStatus", ""), form.get("ErrorCode", "")
        code = int(error) if error.isdecimal() else 0
        state, now = state_of(word, code), utc_now()
        try:
            key = uuid.UUID(request.query_params.get("key", ""))
        except ValueError:
            state = None
        if state is not None:
            suppress = "bounce" if state is DeliveryState.BOUNCED else ""
            event = f"{form.get('MessageSid', '')}/{word}/{code}"
            detail = f"error {code}" if code else word
            piece = News(event, key, now, state, suppress, code in SOFT, detail)
            if code in OUR_FAULT:
                logger.error("Twilio does not deliver what we send: error %d, see https://www.twilio.com/docs/errors/%d", code, code)
            take_in(actor=ACTOR, now=now, provider="twilio", news=[piece])
        return HttpResponse(status=204)


@extend_schema(exclude=True)
class TwilioInbound(APIView):
    """STOP, START and HELP are acted on; everything else is left unanswered."""

    authentication_classes = [SignedByTwilio]
    permission_classes = [IsSigned]

    def post(self, request: Request) -> HttpResponse:
        form: dict[str, str] = request.auth  # type: ignore[assignment]  # as SignedByTwilio gives it
        by_twilio = form.get("OptOutType", "")
        word = Word(by_twilio) if by_twilio and by_twilio in set(Word) else word_in(form.get("Body", ""))
        event = f"{form.get('MessageSid', '')}/inbound"
        take_word(actor=ACTOR, now=utc_now(), provider="twilio", event=event, number=form.get("From", ""), word=word)
        answer = MessagingResponse()
        # With an OptOutType Twilio has answered already, in words that its own console holds.
        if word is Word.HELP and not by_twilio:
            answer.message(f"{settings.PUBLIC_PAGE_NAME}: news of incidents. Reply STOP to end. {settings.PUBLIC_PAGE_URL}")
        return HttpResponse(str(answer), content_type="text/xml")
