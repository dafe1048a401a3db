"""A message as MIME: built once per wording and zone; per reader only headers and the unsubscribe address change."""

import re
from dataclasses import dataclass
from email import policy
from email.message import EmailMessage

UNSUBSCRIBE_PLACE = "X-UNSUBSCRIBE-ADDRESS-HERE-X"
_FORBIDDEN = re.compile(r"[\r\n\x00]")
# Lines of quoted-printable hold 76 characters (RFC 2045 §6.7); this leaves room for what stands before the address.
_QP_PIECE = 56


class UnsafeHeader(ValueError):
    """A header value holds a line break or NUL: it could add headers or end them."""


def safe_header(value: str) -> str:
    """The value itself. Raises `UnsafeHeader` for CR, LF and NUL."""
    if _FORBIDDEN.search(value):
        raise UnsafeHeader("A header value may not contain a line break or a NUL character.")
    return value


@dataclass(frozen=True)
class LetterForm:
    """The bytes that all readers of one wording in one zone share, cut where the unsubscribe address stands."""

    parts: tuple[bytes, ...]

    def addressed(self, headers: str, unsubscribe_url: str = "") -> bytes:
        """The whole message with the reader's own header lines, each ended by CRLF, in front. They must be ASCII."""
        return b"".join((headers.encode("ascii"), _soft(unsubscribe_url).join(self.parts)))


def build(*, headers: dict[str, str], text: str, html: str) -> LetterForm:
    """Quoted-printable multipart/alternative. `UNSUBSCRIBE_PLACE` in a body stands within the first 20 characters of its line."""
    message = EmailMessage(policy=policy.SMTP)
    for name, value in headers.items():
        message[name] = safe_header(value)
    message.set_content(text, cte="quoted-printable")
    message.add_alternative(html, subtype="html", cte="quoted-printable")
    return LetterForm(tuple(message.as_bytes().split(UNSUBSCRIBE_PLACE.encode())))


def _soft(address: str) -> bytes:
    """The address in quoted-printable, broken softly. Raises `ValueError` for a character that would need escaping."""
    if "=" in address:
        raise ValueError("An unsubscribe address holds no '='.")
    pieces = [address[start : start + _QP_PIECE] for start in range(0, len(address), _QP_PIECE)]
    return "=\r\n".join([*pieces, ""]).encode("ascii")
