"""What content can be stored. Empty wording can (nothing typed is lost); whether it may go to review is asked later."""

from collections.abc import Collection
from datetime import UTC, datetime

from catalogue.rules.status import ComponentStatus
from incidents.rules.content import Content, ScheduleMode, Wording
from incidents.rules.words import Impact, Status

LONGEST_TITLE = 200
LONGEST_BODY = 20_000
LONGEST_PROMISE_MINUTES = 7 * 24 * 60
LONGEST_REASON = 300
# By which an update may go out. Which of them each audience is told by says the routing matrix, which only narrows what is named here.
CHANNELS = frozenset({"email", "sms", "webhook", "slack", "teams", "page", "dashboard"})

Problems = dict[str, list[str]]


def problems(content: Content, *, audiences: Collection[str], components: Collection[str]) -> Problems:
    """Sentences per field at fault; empty when the content can be stored. `audiences` and `components` are those known."""
    found: Problems = {}
    _facts(found, content, components)
    _reach(found, content, audiences)
    for audience, by_language in content.wording.items():
        for wording in by_language.values():
            _wording(found, audience, wording)
    minutes = content.next_update_minutes
    if minutes is not None and not 1 <= minutes <= LONGEST_PROMISE_MINUTES:
        _say(found, "next_update_minutes", f"Give whole minutes from 1 to {LONGEST_PROMISE_MINUTES}, or none.")
    if content.promise_reason is not None and (len(content.promise_reason) > LONGEST_REASON or "\x00" in content.promise_reason):
        _say(found, "promise_reason", f"At most {LONGEST_REASON} characters; these are {len(content.promise_reason)}.")
    return found


def promise_problem(content: Content, *, policy_minutes: int | None, bounds: tuple[int, int] | None) -> str:
    """Why the promise cannot stand without a reason; empty when it can.

    The policy's own minutes always can. Others can within its bounds, and beyond them with a reason.
    """
    minutes = content.next_update_minutes
    if bounds is None or content.promise_reason or minutes == policy_minutes or content.status == Status.RESOLVED:
        return ""
    least, most = bounds
    if minutes is None:
        return f"The policy wants the next update promised, within {least} to {most} minutes. Promise one, or say why not."
    if least <= minutes <= most:
        return ""
    return f"The policy leaves {least} to {most} minutes to you. Choose within them, or say why {minutes} minutes are right."


def late_promise(content: Content, *, policy_minutes: int | None, bounds: tuple[int, int] | None) -> str:
    """Why the promise may not leave as it was approved, the policy asked again; empty when it may.

    Only a later one than the policy leaves to anybody now, or none where it wants one: who was promised word sooner is served.
    """
    minutes = content.next_update_minutes
    if bounds is not None and minutes is not None and minutes <= max(bounds[1], policy_minutes or 0):
        return ""
    return promise_problem(content, policy_minutes=policy_minutes, bounds=bounds)


def _facts(found: Problems, content: Content, components: Collection[str]) -> None:
    if content.status not in set(Status):
        _say(found, "status", f"“{content.status}” is no status; use one of {', '.join(Status)}.")
    if content.impact not in set(Impact):
        _say(found, "impact", f"“{content.impact}” is no impact; use one of {', '.join(Impact)}.")
    for component in content.components:
        if component.id not in components:
            _say(found, "components", f"There is no component “{component.id}”; GET components/ lists them.")
        if component.status not in set(ComponentStatus):
            _say(found, "components", f"“{component.status}” is no component status; use one of {', '.join(ComponentStatus)}.")
    if len({component.id for component in content.components}) < len(content.components):
        _say(found, "components", "Name each component once.")


def _reach(found: Problems, content: Content, audiences: Collection[str]) -> None:
    if not content.audiences:
        _say(found, "variants", "Give the wording of at least one audience.")
    for audience in content.audiences:
        if audience not in audiences:
            _say(found, "variants", f"There is no audience “{audience}”; known are {', '.join(sorted(audiences)) or 'none'}.")
    if set(content.audiences) != set(content.wording):
        _say(found, "variants", "Each audience needs its wording, and each wording its audience.")
    if unknown := set(content.channels) - CHANNELS:
        _say(found, "channels", f"Unknown: {', '.join(sorted(unknown))}; use {', '.join(sorted(CHANNELS))}.")
    if content.schedule_mode not in set(ScheduleMode):
        _say(found, "schedule", f"“{content.schedule_mode}” is no mode; use one of {', '.join(ScheduleMode)}.")
    elif (content.schedule_mode == ScheduleMode.AT_TIME) != (content.schedule_at is not None):
        _say(found, "schedule", "Give a time with the mode at_time, and with no other.")
    elif content.schedule_at is not None and not _is_utc(content.schedule_at):
        _say(found, "schedule", "Give the time in ISO 8601 with its offset from UTC, for instance 2026-03-02T14:30:00+00:00.")


def _wording(found: Problems, audience: str, wording: Wording) -> None:
    if len(wording.title) > LONGEST_TITLE:
        _say(found, f"variants.{audience}.title", f"At most {LONGEST_TITLE} characters; these are {len(wording.title)}.")
    if any(not character.isprintable() for character in wording.title):
        _say(found, f"variants.{audience}.title", "One line without control characters: it becomes the subject of a message.")
    if len(wording.body) > LONGEST_BODY:
        _say(found, f"variants.{audience}.body", f"At most {LONGEST_BODY} characters; these are {len(wording.body)}.")
    if "\x00" in wording.body:
        _say(found, f"variants.{audience}.body", "Leave out the NUL character.")


def _is_utc(text: str) -> bool:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return False
    return moment.utcoffset() == UTC.utcoffset(None)


def _say(found: Problems, field: str, sentence: str) -> None:
    found.setdefault(field, []).append(sentence)
