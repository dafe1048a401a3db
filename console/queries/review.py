"""What the review page shows: what changed since the reader last decided, word by word, and the remarks on it."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.utils.safestring import SafeString

from accounts.models import User
from approvals.models import PassageComment, ReviewRound
from approvals.queries import last_verdict_of
from approvals.rules.words import Verdict
from catalogue.models import Component
from console.diffs import Part, with_findings, word_diff
from console.queries.findings import marked_html
from incidents.models import Update, UpdateRevision
from incidents.rules.content import Content, Wording
from screening.rules.findings import Finding, Found
from stakeholders.queries import audience_names

SAID = {Verdict.APPROVE: "which you approved", Verdict.REQUEST_CHANGES: "on which you asked for changes"}


@dataclass(frozen=True)
class Base:
    """What the reader compares with, in words; `own` when it is what they last decided on."""

    content: Content | None
    words: str
    own: bool


@dataclass(frozen=True)
class VariantView:
    """One audience's wording, what changed in it, and what was said about it."""

    audience: str
    language: str
    wording: Wording
    body_html: SafeString
    title_parts: list[Part]
    body_parts: list[Part]
    is_new: bool
    changed: bool
    comments: list[PassageComment]


def base_of(user: User | None, update: Update, revision: UpdateRevision) -> Base:
    """The words the reader last gave a verdict on, else those last released; neither for the first update of an incident."""
    given = last_verdict_of(user, update) if user else None
    if given is not None and given.revision_id != revision.pk:
        said = SAID.get(Verdict(given.verdict), "which you disputed")
        return Base(given.revision.parsed(), f"Changed since revision {given.revision.number}, {said}", own=True)
    released = Update.objects.filter(incident=update.incident, state="released").order_by("-released_at").first()
    if released is not None and released.current is not None:
        return Base(released.current.parsed(), "Changed since the last released update", own=False)
    return Base(None, "The first update of this incident", own=False)


def variants_of(content: Content, base: Content | None, comments: list[PassageComment], found: list[Found]) -> list[VariantView]:
    """Every wording in the order of audiences, the passages that were found marked in it."""
    return [
        _variant(audience, language, wording, base, comments=comments, found=_within(found, audience, language))
        for audience, by_language in sorted(content.wording.items())
        for language, wording in sorted(by_language.items())
    ]


def _within(found: list[Found], audience: str, language: str) -> list[Finding]:
    return [one.finding for one in found if (one.audience, one.language) == (audience, language)]


def _variant(
    audience: str, language: str, wording: Wording, base: Content | None, *, comments: list[PassageComment], found: list[Finding]
) -> VariantView:
    old = base.wording.get(audience, {}).get(language) if base else None
    in_title = [one for one in found if one.field == "title"]
    in_body = [one for one in found if one.field == "body"]
    return VariantView(
        audience=audience,
        language=language,
        wording=wording,
        body_html=marked_html(wording.body, in_body),
        title_parts=with_findings(word_diff(old.title, wording.title) if old else [Part("same", wording.title)], in_title),
        body_parts=with_findings(word_diff(old.body, wording.body) if old else [Part("same", wording.body)], in_body),
        is_new=old is None,
        changed=old is not None and old != wording,
        comments=[one for one in comments if (one.audience, one.language) == (audience, language)],
    )


@dataclass(frozen=True)
class Noted:
    """A finding as the review lists it: in whose wording, and how often these very words are found there."""

    audience: str
    language: str
    finding: Finding
    times: int


def noted(found: Iterable[Found]) -> list[Noted]:
    """What was found, in its order; the same words found again in the same wording are told once."""
    alike: dict[tuple[str, ...], list[Found]] = {}
    for one in found:
        alike.setdefault((one.audience, one.language, one.finding.rule, one.finding.excerpt), []).append(one)
    return [Noted(same[0].audience, same[0].language, same[0].finding, len(same)) for same in alike.values()]


def comments_of(update: Update) -> list[PassageComment]:
    """Every remark on the update, oldest first, also those of earlier rounds."""
    return list(PassageComment.objects.filter(round__update_of=update).select_related("author", "round__revision").order_by("id"))


@dataclass(frozen=True)
class Change:
    """One fact, promise or part of the reach that differs. Words, ready to show."""

    term: str
    old: str
    new: str


def changes(old: Content, new: Content) -> list[Change]:
    """What differs besides the wording."""
    return [Change(term, before or "none", after or "none") for term, before, after in _pairs(old, new) if before != after]


def _pairs(old: Content, new: Content) -> Iterator[tuple[str, str, str]]:
    yield "Status", old.status, new.status
    yield "Impact", old.impact, new.impact
    yield "Expected end", old.etr or "", new.etr or ""
    yield "Cause", old.cause_confidence or "", new.cause_confidence or ""
    yield "Components", _states(old), _states(new)
    yield "Next update", _promise(old), _promise(new)
    names = audience_names()
    yield "Audiences", _named(old.audiences, names), _named(new.audiences, names)
    yield "Channels", ", ".join(sorted(old.channels)), ", ".join(sorted(new.channels))
    yield "Goes out", _schedule(old), _schedule(new)


def _named(keys: Iterable[str], names: dict[str, str]) -> str:
    return ", ".join(names.get(key, key) for key in sorted(keys))


def _states(content: Content) -> str:
    return ", ".join(f"{part['name']}: {part['status'].replace('_', ' ')}" for part in components_of(content))


def _promise(content: Content) -> str:
    return f"within {content.next_update_minutes} min" if content.next_update_minutes else ""


def _schedule(content: Content) -> str:
    mode = str(content.schedule_mode).replace("_", " ")
    return f"{mode} ({content.schedule_at})" if content.schedule_at else mode


def components_of(content: Content) -> list[dict[str, str]]:
    """The components that the update names, each with the state it is shown in."""
    names = dict(Component.objects.filter(public_id__in=[c.id for c in content.components]).values_list("public_id", "name"))
    return [{"name": names.get(c.id, c.id), "status": c.status} for c in content.components]


def open_kinds(live: ReviewRound, permissions: frozenset[str]) -> list[str]:
    """The kinds of review still open that the reader's roles allow."""
    if live.state != "open":
        return []
    waiting = live.slots.filter(review__isnull=True, carried__isnull=True)
    return [slot.kind for slot in waiting if f"review.{slot.kind}" in permissions]
