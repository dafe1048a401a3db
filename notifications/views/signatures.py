"""How a provider shows that a call is its own. What cannot be checked, for want of a key of ours, is refused like what is false."""

import binascii
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from rest_framework.authentication import BaseAuthentication
from rest_framework.exceptions import AuthenticationFailed
from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView
from sendgrid.helpers.eventwebhook import EventWebhook
from twilio.request_validator import RequestValidator

from core.clock import utc_now

LONGEST_BODY = 5 * 1024 * 1024
OLDEST = timedelta(hours=25)
"""SendGrid tells again for 24 hours what was not answered. A repeat within that time is harmless: each event counts once."""
AHEAD = timedelta(minutes=5)


class _Signed(BaseAuthentication):
    """Nobody is signed in by it: `request.auth` holds the body that was signed."""

    def authenticate(self, request: Request) -> tuple[AnonymousUser, Any]:
        signed = self.checked(request._request)
        if signed is None:
            raise AuthenticationFailed("The signature of this call does not fit.")
        return AnonymousUser(), signed

    def authenticate_header(self, request: Request) -> str:
        return "Signature"

    def checked(self, request: HttpRequest) -> Any:
        """What was signed, or `None`."""
        raise NotImplementedError


class SignedBySendGrid(_Signed):
    """ECDSA over the time and the body: https://www.twilio.com/docs/sendgrid/for-developers/tracking-events/getting-started-event-webhook-security-features"""

    def checked(self, request: HttpRequest) -> bytes | None:
        body = request.read(LONGEST_BODY + 1)
        stamp = request.headers.get("X-Twilio-Email-Event-Webhook-Timestamp", "")
        signature = request.headers.get("X-Twilio-Email-Event-Webhook-Signature", "")
        if not settings.SENDGRID_EVENT_KEY or len(body) > LONGEST_BODY or not stamp.isdecimal() or len(stamp) > 12:
            return None
        age = utc_now() - datetime.fromtimestamp(int(stamp), UTC)
        try:
            fits = _event_webhook(settings.SENDGRID_EVENT_KEY).verify_signature(body.decode(), signature, stamp)
        except (ValueError, binascii.Error):
            return None
        # The SDK checks no age.
        return body if fits and -AHEAD <= age <= OLDEST else None


class SignedByTwilio(_Signed):
    """HMAC over the address that Twilio called, to the letter, and the form: https://www.twilio.com/docs/usage/security"""

    def checked(self, request: HttpRequest) -> dict[str, str] | None:
        signature = request.headers.get("X-Twilio-Signature", "")
        if not settings.TWILIO_AUTH_TOKEN or not signature or request.content_type != "application/x-www-form-urlencoded":
            return None
        form = request.POST
        # Behind a proxy the request says nothing reliable of the address outside.
        address = settings.CONSOLE_URL + request.get_full_path()
        fits = RequestValidator(settings.TWILIO_AUTH_TOKEN).validate(address, form, signature)
        return {name: str(form[name]) for name in form} if fits else None


class IsSigned(BasePermission):
    """The call bore a signature that fits."""

    def has_permission(self, request: Request, view: APIView) -> bool:
        return request.auth is not None


@lru_cache(maxsize=4)
def _event_webhook(key: str) -> EventWebhook:
    return EventWebhook(key)
