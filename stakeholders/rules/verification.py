"""How an address is confirmed: by a link, or by a code; how long each is good, and when one is asked again."""

from datetime import timedelta
from enum import StrEnum

from stakeholders.rules.kinds import INSIDE, ContactKind


class Method(StrEnum):
    """What the reader answers with."""

    LINK = "link"
    CODE = "code"


class Ending(StrEnum):
    """How a question ended."""

    CONFIRMED = "confirmed"
    EXPIRED = "expired"
    REPLACED = "replaced"
    """Asked again."""
    LOCKED = "locked"
    """Too many wrong codes."""


LASTS = {Method.LINK: timedelta(days=7), Method.CODE: timedelta(minutes=10)}
# Six digits and five tries: one guess in 200,000 succeeds (NIST SP 800-63B-4 §3.1.3.2 asks for at least six digits and a limit).
CODE_DIGITS = 6
MOST_ATTEMPTS = 5
# Not more often than this to one address, so that nobody uses us to pester somebody.
AGAIN_AFTER = timedelta(minutes=1)
MOST_A_DAY = 5
STALE_AFTER = timedelta(days=365)
# An outsider who does not answer for so long after being asked again is no longer written to.
ANSWER_WITHIN = timedelta(days=30)


def method_for(kind: str) -> Method | None:
    """A link by e-mail, a code by SMS; web addresses of ours are confirmed by nobody."""
    return {ContactKind.EMAIL: Method.LINK, ContactKind.SMS: Method.CODE}.get(ContactKind(kind))


def needs_code(*, stakeholder_kind: str, contact_kind: str) -> bool:
    """Whether the address waits for its confirmation before anything is sent: colleagues' telephones, which are woken at night."""
    return contact_kind == ContactKind.SMS and stakeholder_kind in INSIDE
