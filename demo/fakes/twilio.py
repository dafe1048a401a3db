"""Twilio: `Messages` of the REST API 2010-04-01, status callbacks and inbound messages, signed by the SDK's own validator.

Numbers answer as Twilio's test numbers do: +15005550001 is not valid, +15005550004 has opted out, +15005550009 takes no SMS. A number that
ends in an error code (30003 to 30007, 30034) is accepted and reported undelivered with it.
https://www.twilio.com/docs/messaging/api/message-resource
"""

import base64
import secrets
from datetime import UTC, datetime
from email.utils import format_datetime
from typing import Any

from aiohttp import web
from twilio.request_validator import RequestValidator

from demo.fakes.journal import Journal, Taken

_REFUSED = {
    "+15005550001": (21211, "The 'To' number is not a valid phone number."),
    "+15005550004": (21610, "Attempt to send to unsubscribed recipient"),
    "+15005550009": (21614, "'To' number is not a valid mobile number"),
}
UNDELIVERED = ("30003", "30004", "30005", "30006", "30007", "30034")


class Twilio:
    """One account with one number."""

    def __init__(self, journal: Journal, sid: str, token: str) -> None:
        self.journal = journal
        self.sid, self.token = sid, token
        self.opted_out: set[str] = set()
        self.messages: dict[str, dict[str, Any]] = {}

    async def create(self, request: web.Request) -> web.Response:
        """201 with the message, or an error with its code."""
        if refused := self._refused(request):
            return refused
        form = {name: str(value) for name, value in (await request.post()).items()}
        if wrong := self._wrong(form):
            return _error(400, *wrong)
        message = self._message(form)
        self.messages[message["sid"]] = message
        callback = form.get("StatusCallback", "")
        self.journal.take(Taken("twilio", form["To"], message["sid"], text=form["Body"], extra={"callback": callback}))
        return web.json_response(message, status=201)

    async def listed(self, request: web.Request) -> web.Response:
        """The messages to one number, newest first."""
        if refused := self._refused(request):
            return refused
        to = request.query.get("To")
        found = [message for message in reversed(self.messages.values()) if to in (None, message["to"])]
        return web.json_response({"messages": found[:50], "page": 0, "page_size": 50, "next_page_uri": None, "uri": request.path_qs})

    async def fetched(self, request: web.Request) -> web.Response:
        """One message by its sid."""
        if refused := self._refused(request):
            return refused
        message = self.messages.get(request.match_info["sid"])
        return web.json_response(message) if message else _error(404, 20404, "The requested resource was not found")

    def status_callback(self, url: str, sid: str, status: str, error: str = "") -> tuple[dict[str, str], dict[str, str]]:
        """Form and headers of the call that tells a message's state."""
        message = self.messages[sid]
        form = {
            "AccountSid": self.sid, "ApiVersion": "2010-04-01", "From": message["from"] or "", "To": message["to"], "MessageSid": sid,
            "SmsSid": sid, "MessageStatus": status, "SmsStatus": status,
        }  # fmt: skip
        if error:
            form["ErrorCode"] = error
        return form, self.signature(url, form)

    def inbound(self, url: str, *, sender: str, text: str, opt_out: str = "") -> tuple[dict[str, str], dict[str, str]]:
        """Form and headers of the call that brings a message from somebody. `opt_out`: STOP, START or HELP as Twilio saw it."""
        sid = f"SM{secrets.token_hex(16)}"
        form = {
            "AccountSid": self.sid, "ApiVersion": "2010-04-01", "From": sender, "To": "+15005550006", "Body": text, "NumSegments": "1",
            "NumMedia": "0", "MessageSid": sid, "SmsSid": sid, "SmsMessageSid": sid, "SmsStatus": "received",
        }  # fmt: skip
        if opt_out:
            form["OptOutType"] = opt_out
        return form, self.signature(url, form)

    def signature(self, url: str, form: dict[str, str]) -> dict[str, str]:
        """What Twilio signs a call with."""
        return {"X-Twilio-Signature": RequestValidator(self.token).compute_signature(url, form)}

    def _refused(self, request: web.Request) -> web.Response | None:
        given = request.headers.get("Authorization", "").removeprefix("Basic ")
        if given == base64.b64encode(f"{self.sid}:{self.token}".encode()).decode() and request.match_info["account"] == self.sid:
            return None
        return _error(401, 20003, "Authenticate")

    def _wrong(self, form: dict[str, str]) -> tuple[int, str] | None:
        to, body = form.get("To", ""), form.get("Body", "")
        if to in self.opted_out:
            return _REFUSED["+15005550004"]
        checks = [
            (not to.startswith("+"), (21211, "The 'To' number is not a valid phone number.")),
            (not (form.get("From") or form.get("MessagingServiceSid")), (21603, "A 'From' phone number is required")),
            (not body, (21602, "Message body is required")),
            (len(body) > 1600, (21617, "The concatenated message body exceeds the 1600 character limit")),
        ]
        return _REFUSED.get(to) or next((problem for wrong, problem in checks if wrong), None)

    def _message(self, form: dict[str, str]) -> dict[str, Any]:
        sid, now = f"SM{secrets.token_hex(16)}", format_datetime(datetime.now(UTC))
        return {
            "sid": sid, "account_sid": self.sid, "api_version": "2010-04-01", "to": form["To"], "from": form.get("From"),
            "messaging_service_sid": form.get("MessagingServiceSid"), "body": form["Body"], "status": "queued", "direction": "outbound-api",
            "date_created": now, "date_updated": now, "date_sent": None, "error_code": None, "error_message": None, "num_segments": "1",
            "num_media": "0", "price": None, "price_unit": "USD", "subresource_uris": {},
            "uri": f"/2010-04-01/Accounts/{self.sid}/Messages/{sid}.json",
        }  # fmt: skip


def _error(status: int, code: int, message: str) -> web.Response:
    more = f"https://www.twilio.com/docs/errors/{code}"
    return web.json_response({"code": code, "message": message, "more_info": more, "status": status}, status=status)
