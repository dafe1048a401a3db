"""Disputed passages: where they stand, who may dispute and rule, and what a ruling does to the words."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum

from approvals.rules.reasons import Cause, Reason
from approvals.rules.review import STALE
from incidents.rules.content import Content, Wording

# A deadline noticed later than this is told as late: nothing watched the clock when it passed.
NOTICED_LATE = timedelta(minutes=5)


class DisputeState(StrEnum):
    """What became of a dispute. Overtaken means: an edit took the passage out before anybody ruled."""

    OPEN = "open"
    UPHELD = "upheld"
    STRUCK = "struck"
    REWORDED = "reworded"
    WITHDRAWN = "withdrawn"
    OVERTAKEN = "overtaken"


class RulingKind(StrEnum):
    """Uphold the text as it stands, strike the passage, or reword it."""

    UPHOLD = "uphold"
    STRIKE = "strike"
    REWORD = "reword"


CLOSED_BY: Mapping[RulingKind, DisputeState] = {
    RulingKind.UPHOLD: DisputeState.UPHELD,
    RulingKind.STRIKE: DisputeState.STRUCK,
    RulingKind.REWORD: DisputeState.REWORDED,
}


@dataclass(frozen=True)
class Passage:
    """Part of one text of a content. `start` and `end` are offsets in characters, `quote` is what stands between them."""

    audience: str
    language: str
    field: str
    start: int
    end: int
    quote: str


def text_of(content: Content, passage: Passage) -> str:
    """The text that the passage stands in; empty where the content has no such text."""
    wording = content.wording.get(passage.audience, {}).get(passage.language)
    if wording is None:
        return ""
    return wording.title if passage.field == "title" else wording.body


def marked(content: Content, passage: Passage) -> Passage | None:
    """The passage with offsets that hold in `content`, or `None` where its words do not stand there (any more).

    Words that stand exactly where the offsets say are meant; else the occurrence nearest to them, as when text before it was edited.
    """
    text = text_of(content, passage)
    if not passage.quote or passage.quote not in text:
        return None
    found = [match.start() for match in re.finditer(re.escape(passage.quote), text)]
    start = min(found, key=lambda at: abs(at - passage.start)) if found else 0
    return replace(passage, start=start, end=start + len(passage.quote))


def quoted(content: Content, passage: Passage, *, exact: bool) -> Passage | str:
    """The passage as it stands in `content`, or a sentence that says why these words mark none.

    `exact`: the offset counts. Otherwise the words have to stand there once; blanks and line breaks may differ, as they do
    where somebody copied them off a page.
    """
    text, words = text_of(content, passage), passage.quote.split()
    if not words:
        return "Quote the words that you dispute."
    if exact:
        found = marked(content, passage)
        return found if found and found.start == passage.start else "These words do not stand there. Quote them as they are written."
    matches = list(re.finditer(r"\s+".join(map(re.escape, words)), text))
    if not matches:
        return f"These words do not stand in the {passage.field}. Quote them as they are written."
    if len(matches) > 1:
        return f"These words stand {len(matches)} times in the {passage.field}. Quote some words around them too."
    return replace(passage, start=matches[0].start(), end=matches[0].end(), quote=matches[0].group())


def struck(content: Content, passage: Passage) -> Content:
    """The content without the passage and the white space that it leaves doubled; nothing is added.

    `passage` has offsets that hold in `content` (see `marked`).
    """
    text = text_of(content, passage)
    before, after = text[: passage.start], text[passage.end :]
    if before.endswith((" ", "\n")) or not before:
        after = after.lstrip(" ")
    if before.endswith("\n") or not before:
        after = after.lstrip("\n")
    elif not after.strip() or after.startswith((".", ",", ";", ":", "!", "?", "\n")):
        before = before.rstrip(" ")
    return _with_text(content, passage, (before + after).strip(" \n"))


def reworded(content: Content, passage: Passage, words: str) -> Content:
    """The content with `words` in place of the passage."""
    text = text_of(content, passage)
    return _with_text(content, passage, text[: passage.start] + words.strip() + text[passage.end :])


def only_deletes(before: Content, after: Content, passage: Passage) -> bool:
    """Whether `after` is `before` without the passage and nothing else changed but white space.

    What a ruling must hold before any verdict is carried over it.
    """
    if _with_text(before, passage, "") != _with_text(after, passage, ""):
        return False
    text = text_of(before, passage)
    return _squeezed(text[: passage.start] + text[passage.end :]) == _squeezed(text_of(after, passage))


def _squeezed(text: str) -> str:
    return text.replace(" ", "").replace("\n", "")


def _with_text(content: Content, passage: Passage, text: str) -> Content:
    by_language = content.wording.get(passage.audience, {})
    old = by_language.get(passage.language)
    if old is None:
        return content
    new = Wording(text, old.body) if passage.field == "title" else Wording(old.title, text)
    return replace(content, wording={**content.wording, passage.audience: {**by_language, passage.language: new}})


@dataclass(frozen=True)
class RulingFacts:
    """What `may_rule` reads. People are named by person, so that a second account of the same human is the same name."""

    state: str
    holds_permission: bool
    arbiter: str
    disputed_by: str
    contributors: frozenset[str]
    reviewers: frozenset[str]
    revision_is_current: bool
    update_is_closed: bool
    passage_stands: bool


def may_rule(facts: RulingFacts) -> list[Reason]:
    """Everything in the way of this person's ruling; empty when they may rule. The gravest reason comes first."""
    reason = _about_arbiter(facts) or _about_dispute(facts)
    return [reason] if reason else []


def _about_arbiter(facts: RulingFacts) -> Reason | None:
    if not facts.holds_permission:
        return Reason("no_permission", "Only an arbiter rules on disputes. An administrator gives that role.", Cause.FORBIDDEN)
    if facts.arbiter == facts.disputed_by:
        return Reason("own_dispute", "You disputed the passage yourself, so another arbiter has to rule.", Cause.FORBIDDEN)
    if facts.arbiter in facts.contributors:
        return Reason("contributor", "You wrote at this update or put it forward, so another arbiter has to rule.", Cause.FORBIDDEN)
    if facts.arbiter in facts.reviewers:
        return Reason("reviewer", "You gave a review of this update, so another arbiter has to rule.", Cause.FORBIDDEN)
    return None


def _about_dispute(facts: RulingFacts) -> Reason | None:
    if facts.state != DisputeState.OPEN:
        return Reason("not_open", f"The dispute is {facts.state} already; a ruling is given once.")
    if facts.update_is_closed:
        return Reason("update_closed", "The update is no longer on its way out, so nothing is left to rule on.")
    if not facts.revision_is_current:
        return STALE
    return None if facts.passage_stands else Reason("passage_gone", "The passage no longer stands in the words.")


def noticed_late(*, due_at: datetime, now: datetime) -> bool:
    """Whether the arbiter's deadline was noticed so late that the notice says so."""
    return now - due_at > NOTICED_LATE
