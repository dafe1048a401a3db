"""What an SMTP server's refusal means (RFC 5321 §4.2, RFC 3463 enhanced codes)."""

import re
from enum import StrEnum

from notifications.rules.states import Outcome

_ENHANCED = re.compile(r"^([245])\.(\d{1,3})\.(\d{1,3})\b")
# Authentication required, failed, or too weak (RFC 4954 §6), and "not taking mail here" (RFC 7504).
_SIGN_IN = frozenset({530, 534, 535, 538})


class Stage(StrEnum):
    """Which command the reply answers."""

    CONNECT = "connect"
    SENDER = "mail"
    RECIPIENT = "rcpt"
    DATA = "data"
    END = "end"
    """The final dot: whatever was answered, the message had been handed over."""


def meaning(stage: Stage, code: int, text: str) -> Outcome:
    """The outcome a reply stands for. `text` begins with the enhanced code where the server sends one."""
    if 200 <= code < 300:
        return Outcome.ACCEPTED
    if code < 500:
        return Outcome.TRANSIENT
    if code in _SIGN_IN or stage in {Stage.CONNECT, Stage.SENDER}:
        return Outcome.CONFIGURATION
    if stage is Stage.RECIPIENT:
        found = _ENHANCED.match(text)
        # X.7: policy or security. The server does not want it from us, which says nothing about the address.
        return Outcome.REFUSED if found and found[2] == "7" else Outcome.BAD_ADDRESS
    return Outcome.REFUSED
