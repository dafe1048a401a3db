"""SMTP over one kept connection (RFC 5321, PIPELINING of RFC 2920), telling apart what was handed over and what was not."""

import math
import re
import smtplib
import ssl
import time
from collections.abc import Iterator

from notifications.rules.smtp_replies import Stage, meaning
from notifications.rules.states import Outcome
from notifications.transports.contract import Answer, ChannelDown
from notifications.transports.smtp_pipe import GONE, LATE, MAILBOX, NOT_PLAIN, STAGES, Mail, Pipe, without_addresses

# A line unused for so long is asked whether it still stands.
_IDLE_SECONDS = 5.0
_DOT_AT_LINE_START = re.compile(rb"(?m)^\.")


class SmtpLine:
    """One connection, opened when needed and kept. Each wait for a reply lasts at most `timeout` seconds."""

    def __init__(self, *, host: str, port: int, user: str, password: str, starttls: bool, timeout: float) -> None:
        self._host, self._port, self._timeout = host, port, timeout
        self._user, self._password, self._starttls = user, password, starttls
        self._connection: smtplib.SMTP | None = None
        self._used_at = 0.0

    def ready(self) -> None:
        """Makes sure that the connection stands. Raises `ChannelDown`."""
        if self._connection is not None and time.monotonic() - self._used_at < _IDLE_SECONDS:
            return
        if self._connection is not None and self._still_stands(self._connection):
            return
        self.close()
        try:
            self._connection = self._opened()
        except (OSError, smtplib.SMTPException, ssl.SSLError) as error:
            raise ChannelDown(f"the mail server cannot be used ({type(error).__name__})") from error
        self._used_at = time.monotonic()

    @property
    def takes_groups(self) -> bool:
        """Whether the server takes commands in groups (PIPELINING)."""
        return self._connection is not None and self._connection.has_extn("pipelining")

    def send(self, *, sender: str, recipient: str, data: bytes, late: float = math.inf) -> Answer:
        """Sends one message; `data` has CRLF line ends. Never raises for what server or network do.

        Nothing is handed over after `late` (seconds of `time.monotonic`), however long the server took over the envelope.
        """
        connection = self._connection
        if connection is None:
            return Answer(Outcome.NOT_SENT, detail=GONE)
        if not MAILBOX.fullmatch(recipient):
            return Answer(Outcome.REFUSED, detail=NOT_PLAIN)
        try:
            replies = self._envelope(connection, sender, recipient)
        except (OSError, smtplib.SMTPException):
            self.close()
            return Answer(Outcome.TRANSIENT, detail="the connection broke before the message was handed over")
        for stage, (code, text) in zip(STAGES, replies, strict=False):
            if code // 100 != (3 if stage is Stage.DATA else 2):
                self._clear(connection, code, opened_data=replies[-1][0] == 354)
                return Answer(meaning(stage, code, text), code, without_addresses(text))
        if time.monotonic() > late:
            self.close()
            return Answer(Outcome.TRANSIENT, detail=LATE)
        return self._hand_over(connection, data)

    def stream(self, *, sender: str, mails: Iterator[Mail], late: float = math.inf) -> Iterator[Answer]:
        """Sends one message after the other to a server that takes groups: each body leads the next envelope in one write.

        One answer per message, in order. Once the line fails, those whose turn had not come are `NOT_SENT`. Closed early, it drops the
        connection where an envelope is under way, so that nothing more is handed over. `late` as for `send`.
        """
        connection = self._connection
        if connection is None or connection.sock is None:
            yield from (Answer(Outcome.NOT_SENT, detail=GONE) for _ in mails)
            return
        pipe = Pipe(connection.sock, sender, late)
        clean = False
        try:
            yield from pipe.run(mails)
            clean = pipe.idle
        finally:
            self._used_at = time.monotonic()
            if not clean:
                self.close()

    def close(self) -> None:
        """Drops the connection without a word."""
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    def _opened(self) -> smtplib.SMTP:
        connection = smtplib.SMTP(self._host, self._port, timeout=self._timeout)
        try:
            if self._starttls:
                connection.starttls(context=ssl.create_default_context())
            if self._user:
                connection.login(self._user, self._password)
            connection.ehlo_or_helo_if_needed()
        except BaseException:
            connection.close()
            raise
        return connection

    @staticmethod
    def _still_stands(connection: smtplib.SMTP) -> bool:
        try:
            return connection.noop()[0] == 250
        except (OSError, smtplib.SMTPException):
            return False

    @staticmethod
    def _envelope(connection: smtplib.SMTP, sender: str, recipient: str) -> list[tuple[int, str]]:
        """The replies to MAIL, RCPT and DATA, one by one, up to the first refusal."""
        replies = []
        for command in (f"MAIL FROM:<{sender}>", f"RCPT TO:<{recipient}>", "DATA"):
            connection.send(f"{command}\r\n")
            replies.append(_reply(connection))
            if replies[-1][0] >= 400:
                break
        return replies

    def _hand_over(self, connection: smtplib.SMTP, data: bytes) -> Answer:
        # From the first byte on the server may have all of it: a broken line no longer proves that nothing arrived.
        try:
            connection.send(_DOT_AT_LINE_START.sub(b"..", data) + (b".\r\n" if data.endswith(b"\r\n") else b"\r\n.\r\n"))
            code, text = _reply(connection)
        except (OSError, smtplib.SMTPException):
            self.close()
            return Answer(Outcome.AMBIGUOUS, detail="the connection broke after the message was handed over")
        self._used_at = time.monotonic()
        if code == 421:
            self.close()
        return Answer(meaning(Stage.END, code, text), code, without_addresses(text))

    def _clear(self, connection: smtplib.SMTP, code: int, *, opened_data: bool) -> None:
        """Leaves the connection ready for the next message after a refusal, or closes it."""
        if code == 421:
            self.close()
            return
        try:
            if opened_data:
                # Pipelined, DATA may be accepted although nobody is to receive it (RFC 2920 §3.1): an empty message ends it.
                connection.send(".\r\n")
                _reply(connection)
            connection.rset()
            self._used_at = time.monotonic()
        except (OSError, smtplib.SMTPException):
            self.close()


def _reply(connection: smtplib.SMTP) -> tuple[int, str]:
    code, text = connection.getreply()
    return code, text.decode("utf-8", "replace")
