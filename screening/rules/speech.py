"""Guesses, markers and codes: what is said, not what is named."""

import re
from collections.abc import Iterator

from screening.rules.catalogue import CAUSE, HEDGE, PRIVILEGE, SEVERITY_CODE, TLP
from screening.rules.findings import Hit, Rule, ScreeningFacts

# “The cause is (not yet) known”, “is being investigated”, “is published” speak of a cause and name none; “is known to be …” names one.
_UNNAMED = (
    r"(?!\s+(?:(?:not|still|now|yet|fully|also|already|been)\s+)*(?:known|unknown|unclear|clear|published|found|identified|established|confirmed"
    r"|understood|being\s+\w+ed|under\s+(?:investigation|review))\b(?!\s*(?::|as\b|to\b)))"
)
_CAUSES = re.compile(
    r"\b(?:caused\s+by|causing\s+this\s+was|due\s+to(?!\s+(?:be|go|start|begin|end|finish|run|take|last|resume|arrive|complete)\b)|owing\s+to"
    r"|because\s+of|as\s+a\s+result\s+of|(?:root\s+)?cause\s+(?:is|was)"
    + _UNNAMED
    + r"|triggered\s+by|resulted\s+from|stemmed\s+from)(?!\w)",
    re.IGNORECASE,
)
_HEDGES = re.compile(
    r"\b(?:we\s+(?:think|believe|suspect|assume|guess)|probably|most\s+likely|presumably|possibly|perhaps|apparently|(?:appears?|seems?)\s+to"
    r"|it\s+looks\s+like|might\s+be\s+caused|may\s+be\s+caused)\b",
    re.IGNORECASE,
)
# CLEAR, formerly WHITE, limits nobody.
_TLP = re.compile(r"\bTLP\s?[:-]?\s?(?:RED|AMBER(?:\+STRICT)?|GREEN)\b", re.IGNORECASE)
_PRIVILEGE = re.compile(
    r"\b(?:attorney[\s-]client(?:\s+privileged?)?|privileged\s*(?:and|&)\s*confidential|confidential\s*(?:and|&)\s*privileged|legally\s+privileged"
    r"|legal\s+privilege|attorney\s+work\s+product|(?:for\s+)?internal\s+use\s+only|internal\s+only|company\s+confidential"
    r"|strictly\s+confidential|do\s+not\s+(?:forward|distribute|share\s+externally))\b",
    re.IGNORECASE,
)
_CODES = re.compile(r"\b(?:SEV[\s-]?[0-5]|P[0-4](?=\s+(?:incident|issue|outage|ticket|alert)))(?!\w)", re.IGNORECASE)
_ALWAYS: tuple[tuple[re.Pattern[str], Rule], ...] = ((_HEDGES, HEDGE), (_TLP, TLP), (_PRIVILEGE, PRIVILEGE), (_CODES, SEVERITY_CODE))


def speech(text: str, facts: ScreeningFacts) -> Iterator[Hit]:
    """Causes named before one is confirmed, hedges, markers and codes."""
    if not facts.cause_is_confirmed:
        for match in _CAUSES.finditer(text):
            yield Hit(CAUSE, match.start(), match.end())
    for pattern, rule in _ALWAYS:
        for match in pattern.finditer(text):
            yield Hit(rule, match.start(), match.end())
