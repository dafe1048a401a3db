"""What stands behind the pages in the whole run: a mail server that keeps what it gets, and the clockwork of a worker."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any

from aiosmtpd.controller import Controller
from django.db import connection

from core.clock import utc_now
from statuscomms.ticks import run_ticks
from tests.statuspage.serving import free_port


class Inbox:
    """Letters as they came over the wire."""

    def __init__(self) -> None:
        self.letters: list[tuple[str, EmailMessage]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:  # noqa: N802 - aiosmtpd's name
        message = message_from_bytes(envelope.content, policy=policy.default)
        assert isinstance(message, EmailMessage)
        self.letters.extend((to, message) for to in envelope.rcpt_tos)
        return "250 2.0.0 Taken"

    def to(self, address: str) -> list[EmailMessage]:
        """What this address got."""
        return [message for reader, message in self.letters if reader == address]


@contextmanager
def mail_server() -> Iterator[tuple[Inbox, int]]:
    """A real SMTP server; yields its inbox and its port."""
    inbox = Inbox()
    controller = Controller(inbox, hostname="127.0.0.1", port=free_port())
    controller.start()
    try:
        yield inbox, controller.port
    finally:
        controller.stop()


@contextmanager
def clockwork(every: float = 0.3) -> Iterator[None]:
    """What every worker does without a broker: the ticks, on a connection of their own."""
    stop = threading.Event()

    def run() -> None:
        try:
            while not stop.wait(every):
                run_ticks(utc_now)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    try:
        yield
    finally:
        stop.set()
        thread.join()
