"""What the answers of an address that somebody gave us mean: a webhook of their own, a hook of Slack, a flow of Teams."""

import json
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from notifications.rules.states import Outcome

LONGEST_WAIT = 24 * 3600.0
_SLACK_GONE = frozenset(
    {
        "invalid_token", "no_service", "no_service_id", "no_team", "team_disabled", "channel_not_found", "channel_is_archived",
        "user_not_found", "token_revoked", "account_inactive",
    }
)  # fmt: skip
_SLACK_LATER = frozenset({"ratelimited", "rate_limited", "rollup_error", "service_unavailable", "request_timeout", "fatal_error"})


def webhook_meaning(status: int) -> Outcome:
    """Standard Webhooks: 2xx is taken, 410 asks for no more, everything else is tried again on the schedule."""
    if 200 <= status < 300:
        return Outcome.ACCEPTED
    return Outcome.BAD_ADDRESS if status == 410 else Outcome.TRANSIENT


def slack_word(text: str) -> str:
    """What Slack says: a bare word, or the `error` of an object whose `ok` is false. `ok` where all is well."""
    text = text.strip()
    if not text.startswith("{"):
        return text[:60]
    try:
        found = json.loads(text)
    except ValueError:
        return text[:60]
    return "ok" if found.get("ok") else str(found.get("error", "not ok"))[:60]


def slack_meaning(status: int, word: str) -> Outcome:
    """200 alone says nothing: the word does."""
    if word in _SLACK_GONE:
        return Outcome.BAD_ADDRESS
    if status == 429 or status >= 500 or word in _SLACK_LATER:
        return Outcome.TRANSIENT
    return Outcome.ACCEPTED if status == 200 and word == "ok" else Outcome.REFUSED


def teams_meaning(status: int) -> Outcome:
    """A flow answers 202 (or 200) once it runs; one that is gone or whose signature is no longer good never will."""
    if status in {200, 202}:
        return Outcome.ACCEPTED
    if status in {401, 403, 404, 410}:
        return Outcome.BAD_ADDRESS
    return Outcome.TRANSIENT if status in {408, 429} or status >= 500 else Outcome.REFUSED


def seconds_asked(retry_after: str | None, now: datetime) -> float | None:
    """`Retry-After` in seconds (RFC 9110 §10.2.3: seconds, or a date), at most a day; `None` where it says nothing."""
    if not retry_after:
        return None
    if retry_after.strip().isdecimal():
        return min(float(retry_after), LONGEST_WAIT)
    try:
        at = parsedate_to_datetime(retry_after)
    except ValueError:
        return None
    at = at if at.tzinfo else at.replace(tzinfo=UTC)
    return min(max(0.0, (at - now).total_seconds()), LONGEST_WAIT)
