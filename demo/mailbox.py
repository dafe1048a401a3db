"""Reads the mail that the demo's server kept."""

import email
import email.policy
import json
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from pathlib import Path

from django.conf import settings

# Listing reads this many of the newest messages; the raw ones are all there.
NEWEST = 1000


@dataclass(frozen=True)
class Mail:
    """One kept message; `at` is when it was accepted."""

    id: str
    to: list[str]
    subject: str
    message_id: str
    at: datetime


def mail_folder() -> Path:
    """Where the demo's mail server keeps its mail."""
    return Path(getattr(settings, "DEMO_MAIL_DIR"))  # noqa: B009 - the types are checked with the tests' settings, which lack it


def list_mail(folder: Path, *, to: str = "") -> list[Mail]:
    """Newest first; with `to`, only mail to that address."""
    return list(_matching(folder, to.strip().lower()))[:NEWEST]


def raw_mail(folder: Path, mail_id: str) -> bytes | None:
    """The message as it arrived, or `None`."""
    path = folder / f"{mail_id}.eml"
    return path.read_bytes() if path.parent == folder and path.is_file() else None


def _matching(folder: Path, to: str) -> Iterator[Mail]:
    found = 0
    for path in sorted(folder.glob("*.json"), reverse=True):
        facts = json.loads(path.read_bytes())
        if to and to not in [address.lower() for address in facts["to"]]:
            continue
        found += 1
        if found > NEWEST:
            return
        headers = _headers(path.with_suffix(".eml"))
        yield Mail(
            id=path.stem,
            to=facts["to"],
            subject=str(headers["Subject"] or ""),
            message_id=str(headers["Message-ID"] or ""),
            at=datetime.fromtimestamp(facts["at"], UTC),
        )


def _headers(path: Path) -> EmailMessage:
    head = path.read_bytes().partition(b"\r\n\r\n")[0] + b"\r\n\r\n"
    return email.message_from_bytes(head, policy=email.policy.default)
