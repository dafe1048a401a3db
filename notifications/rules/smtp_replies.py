"""What an SMTP server's refusal means (RFC 5321 §4.2, RFC 3463 and RFC 7505 enhanced codes)."""

import re
from collections.abc import Sequence
from enum import StrEnum

from notifications.rules.states import Outcome

_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})\b")
# Authentication required, failed, or too weak (RFC 4954 §6), and "not taking mail here" (RFC 7504).
_SIGN_IN = frozenset({530, 534, 535, 538})
# Bad sequence of commands: we speak wrongly, whoever the recipient is. (504 and 5.5.x are said of single recipients too.)
_OUT_OF_SEQUENCE = 503
# Bad mailbox, bad domain, bad syntax, moved without a new address, null MX (RFC 7505), mailbox disabled.
_ADDRESS = frozenset({"1.1", "1.2", "1.3", "1.6", "1.10", "2.1"})
# Bad sender's mailbox or its system: every recipient will be answered the same.
_OUR_SENDER = frozenset({"1.7", "1.8"})
_FULL = "2.2"
_BARE = frozenset({550, 551, 553})
_NOT_ABOUT_THE_ADDRESS = re.compile(
    r"\b(sender|from|quota|relay\w*|polic(y|ies)|spam\w*|block\w*|blacklist\w*|reputation|spf|dkim|dmarc|rate|limit\w*)\b", re.IGNORECASE
)
# So many in one window, and all of them: it is us, or the server, not them.
TOO_MANY_BOUNCES = 5
# So many in a row, whatever came before.
TOO_MANY_IN_A_ROW = 10


class Stage(StrEnum):
    """Which command the reply answers."""

    CONNECT = "connect"
    SENDER = "mail"
    RECIPIENT = "rcpt"
    DATA = "data"
    END = "end"
    """The final dot: whatever was answered, the message had been handed over."""


def meaning(stage: Stage, code: int, text: str) -> Outcome:
    """The outcome a reply stands for. `text` begins with the enhanced code where the server sends one.

    Only a reply that judges the address itself is `BAD_ADDRESS`, for that ends all mail to it.
    """
    if 200 <= code < 300:
        return Outcome.ACCEPTED
    if code < 500:
        return Outcome.TRANSIENT
    if code in _SIGN_IN or code == _OUT_OF_SEQUENCE or stage in {Stage.CONNECT, Stage.SENDER}:
        return Outcome.CONFIGURATION
    return _of_recipient(code, text) if stage is Stage.RECIPIENT else Outcome.REFUSED


def _of_recipient(code: int, text: str) -> Outcome:
    found = _ENHANCED.match(text)
    if found is None:
        return _of_bare(code, text)
    detail = f"{int(found[2])}.{int(found[3])}"
    if detail == _FULL:
        return Outcome.TRANSIENT
    if detail in _OUR_SENDER:
        return Outcome.CONFIGURATION
    return Outcome.BAD_ADDRESS if detail in _ADDRESS else Outcome.REFUSED


def _of_bare(code: int, text: str) -> Outcome:
    if code == 552:
        return Outcome.TRANSIENT
    return Outcome.BAD_ADDRESS if code in _BARE and not _NOT_ABOUT_THE_ADDRESS.search(text) else Outcome.REFUSED


def held_against_us(outcomes: Sequence[Outcome]) -> int:
    """How many answers at the end of a window speak against us or the server rather than against the addresses.

    All of them where every one says that the address is bad and they are several; the last ones where many in a row say so.
    """
    in_a_row = 0
    for outcome in reversed(outcomes):
        if outcome is not Outcome.BAD_ADDRESS:
            break
        in_a_row += 1
    return in_a_row if in_a_row >= (TOO_MANY_BOUNCES if in_a_row == len(outcomes) else TOO_MANY_IN_A_ROW) else 0
