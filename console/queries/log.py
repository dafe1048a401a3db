"""The log as people read it: what happened in words, who did it and to what, by name."""

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.db.models import Model
from django.urls import reverse

from accounts.models import Team
from accounts.queries.names import names_of
from approvals.models import Release
from audit.queries import entries_page
from catalogue.models import Component
from console.log_words import BATCH, ROUTINE, said_of
from incidents.models import Incident, Update
from notifications.models import Message
from stakeholders.models import Audience, EscalationTree, Stakeholder
from stakeholders.rules.channel_words import channel_name
from templates.models import HoldingStatement, UpdateTemplate

# Of a subject `kind:key`: the model it stands in, the field that holds the key, the one that holds the name.
_NAMED: dict[str, tuple[type[Model], str, str]] = {
    "incident": (Incident, "public_id", "title"),
    "update": (Update, "public_id", "incident__title"),
    "release": (Release, "public_id", "update_of__incident__title"),
    "message": (Message, "public_id", "incident__title"),
    "audience": (Audience, "public_id", "name"),
    "stakeholder": (Stakeholder, "public_id", "name"),
    "template": (UpdateTemplate, "public_id", "name"),
    "holding": (HoldingStatement, "public_id", "name"),
    "component": (Component, "public_id", "name"),
    "team": (Team, "key", "name"),
    "escalation_tree": (EscalationTree, "public_id", "name"),
}
_PAGES = {
    "incident": ("console:room", "Open the incident"),
    "update": ("console:story", "The whole story of this update"),
    "release": ("console:release_progress", "Open the release"),
    "template": ("console:template", "Open the template"),
    "holding": ("console:holding_statement", "Open the holding statement"),
}


@dataclass(frozen=True)
class Line:
    """One entry. `type`, `subject` and `actor` are as they were recorded; `what`, `on` and `by` are for reading.

    `folded`: the entries that stand behind this one line, itself among them; empty where it stands for itself.
    """

    index: int
    at: datetime
    type: str
    subject: str
    actor: str
    what: str
    on: str
    by: str
    by_machine: bool
    leaf: str
    body: str
    href: str
    href_words: str
    folded: "tuple[Line, ...]" = ()


def folded(found: Iterable[Line], *, most: int) -> tuple[list[Line], int | None]:
    """At most `most` lines out of entries newest first, and the index of the last entry that went into them.

    What tells of one incident that deliveries were planned or have ended, with nothing but other deliveries in between, becomes one line.
    """
    shown: list[list[Line]] = []
    places: dict[str, int] = {}
    last = None
    for line in found:
        if line.type in ROUTINE and line.on in places:
            shown[places[line.on]].append(line)
        elif len(shown) == most:
            break
        else:
            if line.type in ROUTINE:
                places[line.on] = len(shown)
            elif not line.type.startswith("deliveries."):
                places.clear()
            shown.append([line])
        last = line.index
    return [_together(entries) for entries in shown], last


def _together(entries: list[Line]) -> Line:
    if len(entries) == 1:
        return entries[0]
    ended = [line for line in entries if line.type == BATCH]
    counts: Counter[str] = Counter()
    for line in ended:
        counts.update(json.loads(line.body).get("deliveries", {}))
    what = said_of(BATCH, {"deliveries": counts}) if ended else entries[0].what
    return replace(entries[0], what=what, folded=tuple(entries))


def lines(*, subject: str, kind: str, before: int | None, hidden: list[str], limit: int) -> list[Line]:
    """Entries newest first, from below index `before`, without those about `hidden` subjects."""
    found = entries_page(subject=subject, type_=kind, before=before, hidden=hidden, limit=limit)
    people = names_of(entry.actor for entry in found)
    subjects = subject_names(entry.subject for entry in found)
    return [_line(entry, subjects, people) for entry in found]


def _line(entry: Any, subjects: dict[str, str], people: dict[str, str]) -> Line:
    kind, _, key = entry.subject.partition(":")
    page, words = _PAGES.get(kind, ("", ""))
    body = json.loads(bytes(entry.body))
    return Line(
        index=entry.index,
        at=entry.at,
        type=entry.type,
        subject=entry.subject,
        actor=entry.actor,
        what=said_of(entry.type, body),
        on=subjects[entry.subject],
        by=people[entry.actor],
        by_machine=entry.actor.startswith("system:"),
        leaf=bytes(entry.leaf).hex(),
        body=json.dumps(body, indent=2, ensure_ascii=False),
        href=reverse(page, args=[key]) if page else "",
        href_words=words,
    )


def subject_names(subjects: Iterable[str]) -> dict[str, str]:
    """The name of each subject: an incident's title for whatever belongs to it. One query for each kind that occurs."""
    wanted = set(subjects)
    keys: dict[str, set[str]] = defaultdict(set)
    for subject in wanted:
        kind, _, key = subject.partition(":")
        keys[kind].add(key)
    found = names_of(subject for subject in wanted if subject.startswith("user:"))
    for kind, (model, key_field, name_field) in _NAMED.items():
        if keys[kind]:
            rows = model._default_manager.filter(**{f"{key_field}__in": keys[kind]}).values_list(key_field, name_field)
            found |= {f"{kind}:{key}": name for key, name in rows if name}
    if unnamed := keys["message"] - {key.removeprefix("message:") for key in found if key.startswith("message:")}:
        # A notice that belongs to no incident, for instance about a holding statement, is known by its own title.
        notices = Message.objects.filter(public_id__in=unnamed, wording__has_key="").values_list("public_id", "wording")
        found |= {f"message:{key}": wording[""]["title"] for key, wording in notices}
    return {subject: found.get(subject) or _spelt_out(subject) for subject in wanted}


def _spelt_out(subject: str) -> str:
    kind, _, key = subject.partition(":")
    if kind == "page":
        return "The public page"
    if kind == "channel":
        return channel_name(key)
    words = kind.replace("_", " ").replace("-", " ").capitalize()
    return f"{words} {key}".strip().replace("_", " ")
