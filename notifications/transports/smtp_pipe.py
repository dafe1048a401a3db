"""A tiny SMTP client for many messages on one connection (RFC 2920): after the body follow the next message's MAIL, RCPT and DATA.

DATA ends a group, for its reply must be seen before the body may go; so there is one exchange per message, of one write and mostly one
read. Opening the connection, TLS and signing in are left to `smtplib`.
"""

import math
import re
import socket
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from notifications.rules.smtp_replies import Stage, meaning
from notifications.rules.states import Outcome
from notifications.transports.contract import Answer

GONE = "the connection was gone before this message's turn"
LATE = "the server took too long over the envelope, so the message was not handed over"
NOT_PLAIN = "the address cannot be written in plain SMTP"
MAILBOX = re.compile(r"[!-;=?-~]+@[!-;=?-~]+")
_ADDRESS = re.compile(r"<?[^\s<>]+@[^\s<>]+>?")
STAGES = (Stage.SENDER, Stage.RECIPIENT, Stage.DATA)
_MOST = 65536
_LONGEST_REPLY = 64 * 1024


@dataclass(frozen=True, slots=True)
class Mail:
    """One message, `data` with CRLF line ends and a CRLF at its end. `answer`: settled already, for it cannot be written."""

    recipient: str
    data: bytes = b""
    answer: Answer | None = None


class Broken(Exception):
    """The line broke, or what came over it is not SMTP."""


class Pipe:
    """`idle` while nothing is under way: the connection can be used for something else then.

    After `late` (seconds of `time.monotonic`) nothing is handed over.
    """

    def __init__(self, sock: socket.socket, sender: str, late: float = math.inf) -> None:
        self._sock, self._late = sock, late
        self._head = f"MAIL FROM:<{sender}>\r\nRCPT TO:<".encode()
        self._lines: deque[bytes] = deque()
        self._rest_of_line = b""
        self._accepted: dict[tuple[int, str], Answer] = {}
        self.idle = True
        if sock.family in {socket.AF_INET, socket.AF_INET6}:
            sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def run(self, mails: Iterator[Mail]) -> Iterator[Answer]:
        """One answer per message, in order."""
        mail, announced = next(mails, None), False
        while mail is not None:
            following = next(mails, None)
            if mail.answer is not None:
                yield mail.answer
                mail, announced = following, False
                continue
            if not MAILBOX.fullmatch(mail.recipient):
                yield Answer(Outcome.REFUSED, detail=NOT_PLAIN)
                mail, announced = following, False
                continue
            try:
                refused = self._envelope(mail, announced=announced)
            except (OSError, Broken):
                yield Answer(Outcome.TRANSIENT, detail="the connection broke before the message was handed over")
                yield from self._rest(following, mails)
                return
            if refused is not None:
                yield refused
                if refused.code == 421:
                    self.idle = False
                    yield from self._rest(following, mails)
                    return
                mail, announced = following, False
                continue
            if time.monotonic() > self._late:
                yield Answer(Outcome.TRANSIENT, detail=LATE)
                yield from self._rest(following, mails)
                return
            announced = following is not None and following.answer is None and MAILBOX.fullmatch(following.recipient) is not None
            answer = self._hand_over(mail, following if announced else None)
            if answer.outcome is Outcome.AMBIGUOUS or answer.code == 421:
                self.idle = False
                yield answer
                yield from self._rest(following, mails)
                return
            # Where the next one is announced, whoever goes away now leaves an envelope under way: `idle` says so.
            yield answer
            mail = following

    @staticmethod
    def _rest(following: Mail | None, mails: Iterator[Mail]) -> Iterator[Answer]:
        if following is not None:
            yield following.answer or Answer(Outcome.NOT_SENT, detail=GONE)
        for mail in mails:
            yield mail.answer or Answer(Outcome.NOT_SENT, detail=GONE)

    def _envelope(self, mail: Mail, *, announced: bool) -> Answer | None:
        """Puts the envelope forward unless it went with the message before; returns the refusal, if it was one."""
        self.idle = False
        if not announced:
            self._sock.sendall(self._head + mail.recipient.encode("ascii") + b">\r\nDATA\r\n")
        replies = [self._reply(), self._reply(), self._reply()]
        if replies[0][0] // 100 == 2 and replies[1][0] // 100 == 2 and replies[2][0] == 354:
            return None
        for stage, (code, text) in zip(STAGES, replies, strict=True):
            if code // 100 != (3 if stage is Stage.DATA else 2):
                if code != 421:
                    self._clear(opened_data=replies[2][0] == 354)
                return Answer(meaning(stage, code, text), code, without_addresses(text))
        raise Broken("a reply that is neither yes nor no")

    def _clear(self, *, opened_data: bool) -> None:
        """Leaves the connection ready for the next message. Pipelined, DATA may be accepted although nobody is to receive it
        (RFC 2920 §3.1): an empty message ends it."""
        if opened_data:
            self._sock.sendall(b".\r\n")
            self._reply()
        self._sock.sendall(b"RSET\r\n")
        self._reply()
        self.idle = True

    def _hand_over(self, mail: Mail, following: Mail | None) -> Answer:
        # From the first byte on the server may have all of it: a broken line no longer proves that nothing arrived.
        end = b".\r\n"
        if following is not None:
            end += self._head + following.recipient.encode("ascii") + b">\r\nDATA\r\n"
        try:
            self._sock.sendall(mail.data.replace(b"\r\n.", b"\r\n..") + end)
            code, text = self._reply()
        except (OSError, Broken):
            return Answer(Outcome.AMBIGUOUS, detail="the connection broke after the message was handed over")
        self.idle = following is None
        known = self._accepted.get((code, text))
        if known is None:
            known = Answer(meaning(Stage.END, code, text), code, without_addresses(text))
            if len(self._accepted) < 100:
                self._accepted[code, text] = known
        return known

    def _reply(self) -> tuple[int, str]:
        """One reply, of several lines maybe. Raises `Broken` and `OSError`."""
        words: list[str] = []
        while True:
            while not self._lines:
                self._read()
            line = self._lines.popleft()
            code = line[:3]
            if not code.isdigit():
                raise Broken("not a reply")
            words.append(line[4:].decode("utf-8", "replace"))
            if line[3:4] != b"-":
                return int(code), words[0] if len(words) == 1 else "\n".join(words)

    def _read(self) -> None:
        got = self._sock.recv(_MOST)
        if not got or len(self._rest_of_line) > _LONGEST_REPLY:
            raise Broken("the server closed the connection")
        *whole, self._rest_of_line = (self._rest_of_line + got).replace(b"\r\n", b"\n").split(b"\n")
        self._lines.extend(whole)


def without_addresses(text: str) -> str:
    """The reply's words, fit for a log: servers like to repeat the address."""
    return _ADDRESS.sub("[address]", text).replace("\x00", "")[:200]
