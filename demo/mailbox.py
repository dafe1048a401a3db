"""Reads the mail that the demo's server kept."""

import email
import email.policy
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from email.message import EmailMessage
from itertools import islice
from pathlib import Path

from django.conf import settings

# Listing reads this many of the newest messages; the raw ones are all there.
NEWEST = 1000
# A page for people.
PER_PAGE = 30


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


@dataclass(frozen=True)
class Page:
    """Some of the mail, newest first. `older` is the id to ask for what came `before` it; empty where nothing did."""

    mail: list[Mail]
    older: str


def list_mail(folder: Path, *, to: str = "") -> list[Mail]:
    """Newest first; with `to`, only mail to that address."""
    address = to.strip().lower()
    return list(islice(_matching(folder, lambda one: not address or one == address), NEWEST))


def mail_page(folder: Path, *, to: str = "", before: str = "") -> Page:
    """One page of all there is; with `to`, only mail to an address that has these letters in it."""
    part = to.strip().lower()
    found = list(islice(_matching(folder, lambda one: part in one, before=before), PER_PAGE + 1))
    shown = found[:PER_PAGE]
    return Page(shown, shown[-1].id if len(found) > PER_PAGE else "")


def raw_mail(folder: Path, mail_id: str) -> bytes | None:
    """The message as it arrived, or `None`."""
    path = folder / f"{mail_id}.eml"
    return path.read_bytes() if path.parent == folder and path.is_file() else None


def _matching(folder: Path, wanted: Callable[[str], bool], *, before: str = "") -> Iterator[Mail]:
    for path in sorted(folder.glob("*.json"), reverse=True):
        if before and path.stem >= before:
            continue
        facts = json.loads(path.read_bytes())
        if not any(wanted(address.lower()) for address in facts["to"]):
            continue
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
