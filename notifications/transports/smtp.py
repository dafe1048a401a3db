"""E-mail by the SMTP server that the settings name."""

import logging
import math
import time
from collections.abc import Iterator, Sequence
from datetime import timedelta

from django.conf import settings

from core.clock import utc_now
from notifications.rules.states import Outcome
from notifications.transports.contract import Answer, Letter
from notifications.transports.mail import compose
from notifications.transports.mail_parts import sender_address
from notifications.transports.smtp_line import SmtpLine
from notifications.transports.smtp_pipe import GONE, Mail

_UNSENT = Mail("", answer=Answer(Outcome.NOT_SENT))
logger = logging.getLogger(__name__)


class SmtpTransport:
    """One kept connection; another server in the settings means another connection."""

    channel = "email"
    provider = "smtp"
    window = 200
    ambiguous_retries = 1
    at_once = False
    carries_many = False
    waits: tuple[timedelta, ...] = ()

    def __init__(self) -> None:
        self._where: tuple[object, ...] = ()
        self._line: SmtpLine | None = None

    @property
    def request_timeout(self) -> float:
        """Seconds that each wait for a reply may take."""
        return float(settings.EMAIL_TIMEOUT)

    def ready(self) -> None:
        """Raises `ChannelDown`."""
        self._current().ready()

    def send(self, letters: Sequence[Letter], until: float = math.inf) -> Iterator[Answer]:
        """One after the other; what is not asked for is not sent."""
        # The reply to a body that went by then comes before the lease is over.
        line, answered, late = self._current(), 0, until + self.request_timeout
        mails = (_mail(letter) if time.monotonic() <= until else _UNSENT for letter in letters)
        try:
            in_groups = line.takes_groups
            for answer in line.stream(sender=sender_address(), mails=mails, late=late) if in_groups else _one_by_one(line, mails, late):
                answered += 1
                yield answer
        except Exception as error:  # noqa: BLE001 - the outcomes of the window's others must be recorded
            # Where in the exchange it happened is not known, so whether the letter was handed over is not either. Only the error's
            # type is told, for its words may hold the address.
            logger.error("Sending delivery %s failed: %s", letters[answered].key, type(error).__name__)  # noqa: TRY400 - see above
            line.close()
            yield Answer(Outcome.AMBIGUOUS, detail=type(error).__name__)
            yield from (Answer(Outcome.NOT_SENT, detail=GONE) for _ in letters[answered + 1 :])

    def close(self) -> None:
        """Drops the connection."""
        if self._line is not None:
            self._line.close()

    def _current(self) -> SmtpLine:
        where = (
            settings.EMAIL_HOST, settings.EMAIL_PORT, settings.EMAIL_HOST_USER, settings.EMAIL_USE_TLS, settings.EMAIL_TIMEOUT,
        )  # fmt: skip
        if self._line is None or self._where != where:
            self.close()
            self._where = where
            self._line = SmtpLine(
                host=settings.EMAIL_HOST,
                port=settings.EMAIL_PORT,
                user=settings.EMAIL_HOST_USER,
                password=settings.EMAIL_HOST_PASSWORD,
                starttls=settings.EMAIL_USE_TLS,
                timeout=settings.EMAIL_TIMEOUT,
            )
        return self._line


def _one_by_one(line: SmtpLine, mails: Iterator[Mail], late: float) -> Iterator[Answer]:
    for mail in mails:
        yield mail.answer or line.send(sender=sender_address(), recipient=mail.recipient, data=mail.data, late=late)


def _mail(letter: Letter) -> Mail:
    try:
        return Mail(letter.address, compose(letter, at=utc_now()))
    except Exception as error:  # noqa: BLE001 - whatever is wrong with one letter, the window's others go on
        # One letter that cannot be written, for instance for a title that cannot stand in a header: the others go on.
        logger.error("The letter of delivery %s cannot be written: %s", letter.key, type(error).__name__)  # noqa: TRY400 - as above
        return Mail("", answer=Answer(Outcome.REFUSED, detail=f"the letter could not be written ({type(error).__name__})"))
