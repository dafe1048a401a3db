"""Incidents by filter and by words, one page at a time."""

from dataclasses import dataclass
from urllib.parse import urlencode

from django.db.models import Q

from accounts.actors import Actor
from incidents.models import Incident, Update
from incidents.rules.words import Category, Severity, Stage, Status

PAGE = 50
# Field of the incident, and what it may be filtered by.
FILTERS: dict[str, tuple[str, ...]] = {
    "status": ("open", *Status),
    "severity": tuple(Severity),
    "stage": tuple(Stage),
    "category": tuple(Category),
}


@dataclass(frozen=True)
class Listing:
    """One page of incidents; `older` and `newer` are query strings, empty where there is nothing."""

    incidents: list[Incident]
    older: str
    newer: str


def listing(actor: Actor, *, asked: dict[str, str], words: str = "") -> Listing:
    """Newest first. `asked` holds filters that are known words, and `before` or `after` (an incident's key) as the cursor."""
    found = Incident.objects.visible_to(actor).select_related("commander")
    for name in FILTERS:
        value = asked.get(name, "")
        if value == "open":
            found = found.exclude(status=Status.RESOLVED)
        elif value:
            found = found.filter(**{name: value})
    if words:
        found = found.filter(_says(actor, words))
    keep = {name: value for name, value in asked.items() if name in FILTERS} | ({"q": words} if words else {})
    if asked.get("after"):
        page = list(found.filter(pk__gt=int(asked["after"])).order_by("pk")[: PAGE + 1])
        more_newer, more_older = len(page) > PAGE, True
        page = page[:PAGE][::-1]
    else:
        before = asked.get("before")
        page = list((found.filter(pk__lt=int(before)) if before else found).order_by("-pk")[: PAGE + 1])
        more_newer, more_older = bool(before), len(page) > PAGE
        page = page[:PAGE]
    return Listing(
        page,
        older=urlencode(keep | {"before": page[-1].pk}) if page and more_older else "",
        newer=urlencode(keep | {"after": page[0].pk}) if page and more_newer else "",
    )


def _says(actor: Actor, words: str) -> Q:
    """Every word in the internal title, or in something released about it, or a component's name, or it is the id itself."""
    found = Q()
    for word in words.split()[:8]:
        said = Update.objects.filter(incident__in=Incident.objects.visible_to(actor), current__content__wording__icontains=word)
        found &= (
            Q(title__icontains=word)
            | Q(public_id=word)
            | Q(pk__in=said.values("incident"))
            | Q(component_links__component__name__icontains=word)
        )
    return Q(pk__in=Incident.objects.filter(found).values("pk"))


def filters_of(query: dict[str, str]) -> dict[str, str]:
    """The filters and the cursor of a request, unknown words left out."""
    kept = {name: query[name] for name, words in FILTERS.items() if query.get(name) in words}
    return kept | {name: query[name] for name in ("before", "after") if query.get(name, "").isdecimal() and len(query[name]) < 19}
