"""The story of an update: everything that was written, said, decided and sent, on one page that also prints."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.queries.names import names_of
from approvals.models import Release
from approvals.queries.story import story_of
from approvals.rules.story import Moment, Told
from catalogue.models import Component
from console.diffs import Part, word_diff
from console.views.support import page, who
from core.clock import utc_now
from incidents.queries import visible_update
from incidents.rules.content import Content, Wording
from notifications.queries import delivery_counts
from stakeholders.queries import audience_names
from stakeholders.rules.channel_words import CHANNEL_NAMES

LOOKS = {
    Moment.VERSION: "update",
    Moment.VERDICT: "verdict",
    Moment.CARRIED: "verdict",
    Moment.DISPUTE: "dispute",
    Moment.RULING: "dispute",
    Moment.OVERRIDE: "overdue",
    Moment.RATIFICATION: "verdict",
    Moment.RELEASE: "update",
    Moment.HOLD: "overdue",
    Moment.REQUEST: "milestone",
}


@dataclass(frozen=True)
class WordingChange:
    """One audience's words in one version, against those before."""

    where: str
    title: list[Part]
    body: list[Part]


@dataclass(frozen=True)
class MomentView:
    """One line of the story; a version carries what changed in it."""

    told: Told
    by: str
    look: str
    hash: str = ""
    changes: list[WordingChange] = field(default_factory=list)
    facts: list[str] = field(default_factory=list)


@page
@require_safe
def story(request: HttpRequest, public_id: str) -> HttpResponse:
    """Oldest first, so that it reads as it happened."""
    actor = who(request)
    update = visible_update(actor, public_id)
    told = story_of(update, actor=actor)
    release = Release.objects.filter(update_of=update).first()
    context = {
        "update": update,
        "incident": update.incident,
        "moments": list(_seen(told)),
        "release": release,
        "deliveries": sorted(delivery_counts(release).items()),
        "now": utc_now(),
    }
    return render(request, "console/story.html", context)


def _seen(told: Sequence[Told]) -> Iterator[MomentView]:
    names, audiences = names_of(moment.by for moment in told), audience_names()
    shown = audiences | dict(Component.objects.values_list("public_id", "name"))
    before: Content | None = None
    for moment in told:
        view = MomentView(moment, names[moment.by], LOOKS.get(moment.kind, "note"), str(moment.detail.get("content_hash", "")))
        if moment.kind is Moment.VERSION:
            content = Content.from_json(moment.detail["content"])
            changes, facts = list(_changes(before, content, audiences)), list(_facts(before, content, shown))
            view = MomentView(moment, view.by, view.look, view.hash, changes, facts)
            before = content
        yield view


def _changes(before: Content | None, content: Content, audiences: dict[str, str]) -> Iterator[WordingChange]:
    for audience, by_language in sorted(content.wording.items()):
        for language, wording in sorted(by_language.items()):
            old = before.wording.get(audience, {}).get(language, Wording("", "")) if before else Wording("", "")
            where = audiences.get(audience, audience) + ("" if len(by_language) == 1 else f" ({language})")
            if before is None:
                # The first words are all new; marking every one of them would only be hard to read.
                yield WordingChange(where, [Part("same", wording.title)], [Part("same", wording.body)])
            elif old != wording:
                yield WordingChange(where, word_diff(old.title, wording.title), word_diff(old.body, wording.body))
    for audience in sorted((before.wording.keys() if before else set()) - content.wording.keys()):
        yield WordingChange(f"{audiences.get(audience, audience)}: taken out", [], [])


def _facts(before: Content | None, content: Content, names: dict[str, str]) -> Iterator[str]:
    """What changed beside the wording, in words. `names` are those of audiences by key and of components by public id."""
    old = before.as_json() if before else {"facts": {}, "reach": {}, "promise": {}}
    new = content.as_json()
    for part in ("facts", "reach", "promise"):
        for name, value in new[part].items():
            if old[part].get(name) != value and value not in (None, [], {}):
                yield _fact(name, value, names)


def _fact(name: str, value: object, names: dict[str, str]) -> str:
    said = _in_words(value, CHANNEL_NAMES if name == "channels" else names)
    return f"next update within {said} min" if name == "next_update_minutes" else f"{name.replace('_', ' ')}: {said}"


def _in_words(value: object, names: dict[str, str]) -> str:
    if isinstance(value, dict):
        return " ".join(_in_words(item, names) for item in value.values() if item)
    if isinstance(value, list):
        return ", ".join(_in_words(item, names) for item in value)
    return names.get(str(value), str(value).replace("_", " "))
