"""Reading the body. Whatever is needed must be there in the right shape; whatever is not needed is not looked at."""

import json
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

LONGEST_BODY = 5 * 1024 * 1024
_RFC3339 = re.compile(r"(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d{1,9}))?(Z|[+-]\d\d:\d\d)")


class UnreadableError(Exception):
    """The body cannot be used; the message says what is wrong with it, and where."""


@dataclass(frozen=True)
class Alert:
    """One alert; times are RFC 3339 in UTC with nine decimals, as precise as Alertmanager's own."""

    status: str
    fingerprint: str
    starts_at: str
    ends_at: str
    labels: dict[str, str]
    annotations: dict[str, str]

    @property
    def name(self) -> str:
        """The rule that fired."""
        return self.labels.get("alertname", "")

    @property
    def words(self) -> str:
        """What its author wrote about it, in short."""
        return self.annotations.get("summary", "")


@dataclass(frozen=True)
class Notification:
    """A group's alerts. `status` is *firing* while any of them fires."""

    status: str
    group_key: str
    alerts: tuple[Alert, ...]


def read(body: bytes) -> Notification:
    """Raises `UnreadableError` for anything but a notification of version 4."""
    if len(body) > LONGEST_BODY:
        raise UnreadableError(f"The body is longer than {LONGEST_BODY} bytes; set max_alerts in Alertmanager's webhook_config.")
    try:
        data = json.loads(body.decode("utf-8"))
    except UnicodeDecodeError as error:
        raise UnreadableError(f"The body is not UTF-8 (byte {error.start}).") from error
    except json.JSONDecodeError as error:
        raise UnreadableError(f"The body is not JSON: {error.msg} at line {error.lineno}, column {error.colno}.") from error
    except (ValueError, RecursionError) as error:
        raise UnreadableError("The body is not JSON that can be read: a number too long or nesting too deep.") from error
    if not isinstance(data, dict):
        raise UnreadableError("The body must be a JSON object.")
    if data.get("version") != "4":
        raise UnreadableError('“version” must be "4".')
    alerts = data.get("alerts")
    if not isinstance(alerts, list) or not alerts:
        raise UnreadableError("“alerts” must be a list of one or more alerts.")
    return Notification(
        status=_status(data, "status"),
        group_key=_text(data, "groupKey", "groupKey", longest=20_000),
        alerts=tuple(_alert(alert, f"alerts[{position}]") for position, alert in enumerate(alerts)),
    )


def _alert(data: object, place: str) -> Alert:
    if not isinstance(data, dict):
        raise UnreadableError(f"“{place}” must be an object.")
    return Alert(
        status=_status(data, f"{place}.status"),
        fingerprint=_text(data, "fingerprint", f"{place}.fingerprint", longest=64),
        starts_at=_moment(data, "startsAt", f"{place}.startsAt"),
        ends_at=_moment(data, "endsAt", f"{place}.endsAt"),
        labels=_texts(data, "labels", f"{place}.labels"),
        annotations=_texts(data, "annotations", f"{place}.annotations"),
    )


def _status(data: dict[str, Any], place: str) -> str:
    status = data.get("status")
    if status not in ("firing", "resolved"):
        raise UnreadableError(f'“{place}” must be "firing" or "resolved".')
    return str(status)


def _text(data: dict[str, Any], name: str, place: str, *, longest: int) -> str:
    text = data.get(name)
    # Without NUL and lone surrogates, neither of which the database can hold.
    if not isinstance(text, str) or not 1 <= len(text) <= longest or re.search("[\x00\ud800-\udfff]", text):
        raise UnreadableError(f"“{place}” must be a text of 1 to {longest} characters.")
    return text


def _texts(data: dict[str, Any], name: str, place: str) -> dict[str, str]:
    texts = data.get(name, {})
    if not isinstance(texts, dict) or not all(isinstance(value, str) for value in texts.values()):
        raise UnreadableError(f"“{place}” must be an object of texts.")
    return {one_line(key): one_line(value) for key, value in texts.items()}


def one_line(text: str) -> str:
    """The text without control characters, its white space made plain: it will stand in a title or a line."""
    return "".join(character for character in " ".join(text.split()) if character.isprintable())


def _moment(data: dict[str, Any], name: str, place: str) -> str:
    text = data.get(name)
    match = _RFC3339.fullmatch(text) if isinstance(text, str) else None
    if match is None:
        raise UnreadableError(f"“{place}” must be a time as in RFC 3339, for instance 2026-03-02T14:00:00Z.")
    seconds, fraction, offset = match.groups()
    try:
        moment = datetime.fromisoformat(seconds + offset.replace("Z", "+00:00")).astimezone(UTC)
    except (ValueError, OverflowError) as error:
        raise UnreadableError(f"“{place}” is no time that exists.") from error
    return f"{moment.replace(tzinfo=None).isoformat()}.{(fraction or '').ljust(9, '0')}Z"
