"""Whether an update's words are complete enough to be shown to reviewers."""

from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime

from approvals.rules.correction import Owed, left_out
from approvals.rules.resolving import without_the_end
from incidents.rules.content import Content, ScheduleMode, Wording
from templates.rules.gaps import gap_words, unfilled


def what_is_missing(
    content: Content,
    *,
    audiences: Mapping[str, str],
    now: datetime,
    outside_scope: Mapping[str, str] | None = None,
    owed: Owed | None = None,
    not_told_of_the_end: Collection[str] = (),
    late_word: Mapping[str, str] | None = None,
) -> dict[str, list[str]]:
    """Sentences per field, each with its cure; empty when reviewers may be asked.

    `audiences` are the names of those that exist, by their keys; `outside_scope` holds those that must not be told of this
    incident, with the reason.
    `owed` is whom a correction has to reach, `not_told_of_the_end` whom a resolving update leaves waiting, `late_word`
    sentences by field about an end that is told late. A placeholder that nobody filled must never reach a reader, nor may an empty
    title or body, nor a release planned for a time already past.
    """
    found: dict[str, list[str]] = defaultdict(list)
    for field, sentence in (
        *_in_wording(content, audiences),
        *_in_reach(content, audiences, outside_scope or {}),
        *left_out(content, owed).items(),
        *([("audiences", without_the_end(not_told_of_the_end, audiences))] if not_told_of_the_end else []),
        *(late_word or {}).items(),
        *_in_schedule(content, now),
    ):
        found[field].append(sentence)
    return dict(found)


def _in_wording(content: Content, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    for audience in sorted(set(content.audiences) | set(content.wording)):
        by_language, name = content.wording.get(audience, {}), names.get(audience, audience)
        if not by_language:
            yield "variants", f"There is no wording for the audience {name}. Write one, or take the audience out."
        for language, wording in sorted(by_language.items()):
            where = f"variant for {name}" + ("" if len(by_language) == 1 else f" ({language})")
            yield from _in_variant(f"variants.{audience}", where, wording)


def _in_variant(field: str, where: str, wording: Wording) -> Iterator[tuple[str, str]]:
    for part, text in (("title", wording.title), ("body", wording.body)):
        if not text.strip():
            yield f"{field}.{part}", f"The {where} has no {part}. Write it before asking for review."
        for name in unfilled(text):
            yield f"{field}.{part}", f"The {part} of the {where} still has a gap: “{gap_words(name)}”. Fill it in or take it out."


def _in_reach(content: Content, audiences: Mapping[str, str], outside_scope: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if not content.audiences:
        yield "audiences", "The update reaches nobody. Choose at least one audience."
    for key in sorted(set(content.audiences) - audiences.keys()):
        yield "audiences", f"There is no audience with the key {key}. Take it out or create it."
    for key in sorted(set(content.audiences) & outside_scope.keys()):
        yield "audiences", f"The audience {audiences.get(key, key)} {outside_scope[key]}. Take it out, or correct the incident."


def _in_schedule(content: Content, now: datetime) -> Iterator[tuple[str, str]]:
    if content.schedule_mode != ScheduleMode.AT_TIME:
        return
    at = scheduled_for(content)
    if at is None:
        yield "schedule", "The update goes at a time, but no time with its zone is given. Choose one."
    elif at <= now:
        yield "schedule", f"The time chosen, {at:%d %b %Y %H:%M} UTC, has passed. Choose a later one, or release by hand."


def scheduled_for(content: Content) -> datetime | None:
    """The moment that the content names, or `None` when it names none that can be read."""
    try:
        at = datetime.fromisoformat(content.schedule_at or "")
    except ValueError:
        return None
    return at if at.tzinfo is not None else None
