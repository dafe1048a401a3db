"""A kept letter, taken apart for a page."""

import email
import email.policy
from dataclasses import dataclass
from email.message import EmailMessage

from django.utils.safestring import SafeString, mark_safe

from notifications.rules.markdown import without_layout

# What stands above a letter, in this order, where the letter has it.
HEADERS = ("From", "To", "Date", "Message-ID", "List-Id", "List-Unsubscribe")


@dataclass(frozen=True)
class Letter:
    """`html` holds no style, script, image or form; empty where the letter has no such part, like `text`."""

    subject: str
    headers: list[tuple[str, str]]
    html: SafeString
    text: str


def read_letter(raw: bytes) -> Letter:
    """The letter in these bytes (RFC 5322), of whatever charset."""
    message = email.message_from_bytes(raw, policy=email.policy.default)
    return Letter(
        subject=str(message["Subject"] or ""),
        headers=[(name, str(message[name])) for name in HEADERS if message[name]],
        html=mark_safe(without_layout(_part(message, "html")).strip()),  # noqa: S308 - cleaned right here
        text=_part(message, "plain"),
    )


def _part(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    if part is None:
        return ""
    try:
        return str(part.get_content())
    except LookupError:  # a charset that nobody knows
        payload = part.get_payload(decode=True)
        return payload.decode("utf-8", "replace") if isinstance(payload, bytes) else ""
