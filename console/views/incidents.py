"""The list of incidents, and the form that opens one."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from console.forms.incident import IncidentForm
from console.queries.board import rows_of
from console.queries.lists import FILTERS, filters_of, listing
from console.views.beside import beside_fields
from console.views.support import page, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound
from incidents.models import Incident
from incidents.services import open_incident


@page
def incidents(request: HttpRequest) -> HttpResponse:
    """Every incident the person may see, narrowed by the filters in the address."""
    actor, now = who(request), utc_now()
    query = request.GET.dict()
    asked, words = filters_of(query), query.get("q", "").strip()[:200]
    found = listing(actor, asked=asked, words=words)
    address = reverse("console:incidents")
    context = {
        "rows": rows_of(found.incidents, now),
        "now": now,
        "words": words,
        "choices": choices(asked),
        "chips": chips(request),
        "narrowed": [_label(asked[name]) for name in FILTERS if name in asked],
        "older_href": f"{address}?{found.older}" if found.older else "",
        "newer_href": f"{address}?{found.newer}" if found.newer else "",
        "may_read": actor.may(Permission.INCIDENT_READ),
        "may_open": actor.may(Permission.INCIDENT_WRITE),
    }
    return render(request, "console/incidents.html", context)


def choices(asked: dict[str, str]) -> list[dict[str, Any]]:
    """Each filter with its words and the one chosen."""
    return [
        {
            "name": name,
            "label": name.capitalize(),
            "options": [{"value": str(word), "label": _label(word), "chosen": asked.get(name) == word} for word in words],
        }
        for name, words in FILTERS.items()
    ]


def _label(word: str) -> str:
    return word if word.startswith("SEV") else word.replace("_", " ").capitalize()


def chips(request: HttpRequest) -> list[dict[str, str]]:
    """The filters in force, each with the address of the list without it."""
    kept = {name: value for name, value in request.GET.dict().items() if name == "q" or name in FILTERS if value.strip()}
    found = []
    for name, value in kept.items():
        rest = request.GET.copy()
        for other in list(rest):
            if other not in kept or other == name:
                del rest[other]
        label = f"“{value}”" if name == "q" else f"{name.capitalize()}: {_label(value)}"
        found.append({"label": label, "href": f"{request.path}?{rest.urlencode()}" if rest else request.path})
    return found


@page
def incident_new(request: HttpRequest) -> HttpResponse:
    """Opens an incident by hand and leads to its room."""
    actor = who(request)
    if not actor.may(Permission.INCIDENT_READ):
        raise NotFound
    actor.require(Permission.INCIDENT_WRITE)
    may_restrict = actor.may(Permission.INCIDENT_RESTRICT)
    form = IncidentForm(request.POST or None, may_restrict=may_restrict, initial=_suggested(actor))
    if request.method == "POST" and form.is_valid():
        try:
            incident = _open(actor, form.cleaned_data)
        except Forbidden:
            raise
        except DomainError as error:
            beside_fields(form, error)
        else:
            messages.success(request, "The incident is open.")
            return redirect("console:room", incident.public_id)
    return render(request, "console/incident_new.html", {"form": form}, status=422 if form.errors else 200)


def _suggested(actor: Actor) -> dict[str, str]:
    return {"commander": str(actor.user.pk)} if actor.user and actor.may(Permission.UPDATE_RELEASE) else {}


def _open(actor: Actor, facts: dict[str, Any]) -> Incident:
    commander = facts.pop("commander", "")
    return open_incident(
        actor=actor,
        now=utc_now(),
        commander=User.objects.get(pk=commander) if commander else None,
        **{**facts, "components": list(facts["components"])},
    )
