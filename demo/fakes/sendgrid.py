"""SendGrid: `POST /v3/mail/send`, and its signed event webhook. https://www.twilio.com/docs/sendgrid/api-reference/mail-send/mail-send"""

import base64
import json
import re
import time
import uuid
from typing import Any

from aiohttp import web
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec

from demo.fakes.journal import Journal, Taken

_ADDRESS = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_RESERVED = frozenset(
    {
        "x-sg-id", "x-sg-eid", "received", "dkim-signature", "content-type", "content-transfer-encoding", "to", "from", "subject",
        "reply-to", "cc", "bcc",
    }
)  # fmt: skip
MOST_PERSONALIZATIONS = 1000


class SendGrid:
    """One account. `api_key` opens it; `key` signs its events."""

    def __init__(self, journal: Journal, api_key: str) -> None:
        self.journal = journal
        self.api_key = api_key
        self.key: ec.EllipticCurvePrivateKey = ec.generate_private_key(ec.SECP256R1())

    @property
    def verification_key(self) -> str:
        """As its settings page shows it: base64 of the DER form."""
        der = self.key.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
        return base64.b64encode(der).decode()

    async def mail_send(self, request: web.Request) -> web.Response:
        """202 and `X-Message-Id`, or what is wrong with the request and where."""
        if request.headers.get("Authorization") != f"Bearer {self.api_key}":
            return _errors(401, ("The provided authorization grant is invalid, expired, or revoked", None))
        try:
            body = json.loads(await request.read())
        except ValueError:
            return _errors(400, ("Bad Request", None))
        if wrong := list(_problems(body)):
            return _errors(400, *wrong)
        message_id = uuid.uuid4().hex[:22]
        self.journal.take(*(_taken(body, one, message_id) for one in body["personalizations"]))
        return web.Response(status=202, headers={"X-Message-Id": message_id})

    def signed(self, events: list[dict[str, Any]], *, at: float | None = None) -> tuple[bytes, dict[str, str]]:
        """Body and headers of one delivery of events."""
        body = json.dumps(events).encode()
        return body, self.signature(body, at=at)

    def signature(self, body: bytes, *, at: float | None = None) -> dict[str, str]:
        """The headers that go with a body."""
        stamp = str(int(time.time() if at is None else at))
        signature = self.key.sign(stamp.encode() + body, ec.ECDSA(hashes.SHA256()))
        return {
            "Content-Type": "application/json",
            "X-Twilio-Email-Event-Webhook-Signature": base64.b64encode(signature).decode(),
            "X-Twilio-Email-Event-Webhook-Timestamp": stamp,
        }


def event(kind: str, taken: Taken, **more: Any) -> dict[str, Any]:
    """One event about a message that was accepted, as SendGrid tells it."""
    return {
        "email": taken.to,
        "timestamp": int(time.time()),
        "event": kind,
        "sg_event_id": uuid.uuid4().hex,
        "sg_message_id": f"{taken.id}.recvd-1-1-1.0",
        "smtp-id": f"<{taken.id}@geopod-ismtpd-1>",
        **taken.extra.get("custom_args", {}),
        **more,
    }


def _errors(status: int, *wrong: tuple[str, str | None]) -> web.Response:
    return web.json_response({"errors": [{"message": message, "field": place, "help": None} for message, place in wrong]}, status=status)


def _problems(body: dict[str, Any]) -> "list[tuple[str, str | None]]":
    found: list[tuple[str, str | None]] = []
    people = body.get("personalizations") or []
    if not 1 <= len(people) <= MOST_PERSONALIZATIONS:
        found.append(("The personalizations field is required and must have between 1 and 1000 entries.", "personalizations"))
    if not _ADDRESS.fullmatch(str(body.get("from", {}).get("email"))):
        found.append(("The from email does not contain a valid address.", "from.email"))
    if not body.get("content"):
        found.append(("The content field is required.", "content"))
    for place, one in enumerate(people):
        address = str((one.get("to") or [{}])[0].get("email"))
        if not _ADDRESS.fullmatch(address):
            found.append(("Does not contain a valid address.", f"personalizations.{place}.to.0.email"))
        if not (one.get("subject") or body.get("subject")):
            found.append(("The subject is required.", f"personalizations.{place}.subject"))
        if _RESERVED & {name.lower() for name in one.get("headers", {})}:
            found.append(("The headers field holds a reserved name.", f"personalizations.{place}.headers"))
        if len(json.dumps(one.get("custom_args", {}))) > 10_000:
            found.append(("The custom arguments may not be longer than 10000 bytes.", f"personalizations.{place}.custom_args"))
    return found


def _taken(body: dict[str, Any], one: dict[str, Any], message_id: str) -> Taken:
    text = str(body["content"][0]["value"])
    for place, words in one.get("substitutions", {}).items():
        text = text.replace(place, words)
    custom = {**body.get("custom_args", {}), **one.get("custom_args", {})}
    headers = {**body.get("headers", {}), **one.get("headers", {})}
    return Taken(
        "sendgrid", str(one["to"][0]["email"]), message_id, str(headers.get("X-Delivery-Key", "")), str(body.get("subject", "")), text,
        {"custom_args": custom, "headers": headers},
    )  # fmt: skip
