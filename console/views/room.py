"""The incident room: what is true on the left, what to do on the right."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe

from accounts.actors import Actor
from accounts.models import User
from accounts.rules.roles import Permission
from console.forms.incident import IncidentForm
from console.forms.note import NoteForm
from console.forms.typed import small_int
from console.queries.governing import room_facts
from console.queries.room import open_drafts, provenance, said_about, timeline
from console.views.beside import beside_fields
from console.views.kept import kept
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, InvalidInput, NotFound, StaleRevision
from incidents.models import Incident
from incidents.queries import current_decision, open_promise, people_granted, visible_incident
from incidents.rules.words import DEFINITIONS, Status
from incidents.services import add_timeline, change_incident, start_update


@page
@require_safe
def room(request: HttpRequest, public_id: str) -> HttpResponse:
    """The room. `?change=FACT` opens one fact for editing in its place."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    fact = request.GET.get("change", "")
    form = _fact_form(actor, incident, fact) if actor.may(Permission.INCIDENT_WRITE) else None
    return _show(request, actor, incident, form=form)


@page
@require_POST
def change(request: HttpRequest, public_id: str) -> HttpResponse:
    """Changes the one fact that the form holds."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    fact = request.POST.get("fact", "")
    form = _fact_form(actor, incident, fact, request.POST)
    if form is None:
        raise NotFound
    if form.is_valid():
        value: Any = form.cleaned_data[fact]
        if fact == "commander":
            value = User.objects.get(pk=value) if value else None
        try:
            change_incident(
                actor=actor,
                now=utc_now(),
                incident_id=incident.pk,
                expected_version=small_int(request.POST.get("version", "")),
                **{fact: value},
            )
        except StaleRevision:
            form.add_error(None, "Somebody changed the incident meanwhile. Look at the facts as they are now, then save again.")
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error)
        else:
            return redirect(f"{reverse('console:room', args=[public_id])}#facts")
    return _show(request, actor, visible_incident(actor, public_id), form=form, status=422)


@page
@require_POST
def note(request: HttpRequest, public_id: str) -> HttpResponse:
    """Adds a line to the timeline."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    form = NoteForm(request.POST)
    if form.is_valid():
        try:
            add_timeline(actor=actor, now=utc_now(), incident=incident, kind=form.cleaned_data["kind"], text=form.cleaned_data["text"])
        except InvalidInput as error:
            beside_fields(form, error)
        else:
            return redirect(f"{reverse('console:room', args=[public_id])}#timeline")
    return _show(request, actor, incident, note_form=form, status=422)


@page
@require_POST
def start(request: HttpRequest, public_id: str) -> HttpResponse:
    """Starts an update from the templates and leads to its editor."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    try:
        update = start_update(actor=actor, now=utc_now(), incident=incident, status=request.POST.get("status", ""))
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
        return redirect("console:room", public_id)
    messages.success(request, "A draft stands ready, filled from what is known.")
    return redirect("console:editor", update.public_id)


def _fact_form(actor: Actor, incident: Incident, fact: str, typed: Any = None) -> IncidentForm | None:
    """The form of one fact, or none for something that is no fact of this incident or not the person's to change."""
    if fact not in IncidentForm.FACTS or (fact == "restricted" and not actor.may(Permission.INCIDENT_RESTRICT)):
        return None
    initial = IncidentForm.initial_of(incident)
    return IncidentForm(typed, only=fact, may_restrict=actor.may(Permission.INCIDENT_RESTRICT), initial=initial)


def _show(
    request: HttpRequest,
    actor: Actor,
    incident: Incident,
    *,
    form: IncidentForm | None = None,
    note_form: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = utc_now()
    decision, promise = current_decision(incident), open_promise(incident)
    told = provenance(incident, IncidentForm.FACTS)
    may_write = actor.may(Permission.INCIDENT_WRITE)
    context = {
        "incident": incident,
        "now": now,
        "facts": _facts(incident, told, may_write=may_write, may_restrict=actor.may(Permission.INCIDENT_RESTRICT)),
        "form": form,
        "note_form": note_form or NoteForm(),
        "decision": decision,
        "decision_facts": [(name.replace("_", " "), value) for name, value in decision.facts.items()],
        "cadence": [(word.value, decision.cadence[word]) for word in Status if word in decision.cadence],
        "promise": promise,
        "overdue": promise is not None and promise.due_at < now,
        "timeline": timeline(incident),
        "drafts": open_drafts(incident),
        "said": said_about(incident),
        "statuses": [(word.value, DEFINITIONS[word]) for word in Status],
        "over": incident.status == Status.RESOLVED,
        "granted": people_granted(incident) if incident.restricted else [],
        "may_restrict": actor.may(Permission.INCIDENT_RESTRICT),
        "may_write": may_write,
        "may_draft": actor.may(Permission.UPDATE_WRITE),
        "may_release": actor.may(Permission.UPDATE_RELEASE),
        "me": actor.user,
        "kept_hold": kept(request, "hold").get("reason", ""),
        **room_facts(actor, incident),
    }
    return render(request, "console/room.html", context, status=status)


def _facts(incident: Incident, told: dict[str, Any], *, may_write: bool, may_restrict: bool) -> list[dict[str, Any]]:
    """The facts in the order people ask for them. `badge` shows a state, `value` words."""
    components = [component.name for component in incident.components.all()]
    rows: list[dict[str, Any]] = [
        {"name": "title", "term": "Inside title", "value": incident.title},
        {"name": "severity", "term": "Severity", "badge": incident.severity},
        {"name": "impact", "term": "Impact", "badge": incident.impact},
        {"name": "status", "term": "Status", "badge": incident.status},
        {"name": "stage", "term": "Stage", "badge": incident.stage},
        {"name": "category", "term": "Category", "value": incident.category.replace("_", " ").capitalize()},
        {"name": "customer_facing", "term": "Customers notice", "value": "Yes" if incident.customer_facing else "No"},
        {"name": "components", "term": "Components", "value": ", ".join(components), "missing": "none named"},
        {
            "name": "commander",
            "term": "Commander",
            "value": incident.commander.get_full_name() if incident.commander else "",
            "missing": "nobody yet",
        },
        {
            "name": "restricted",
            "term": "Who sees it",
            "value": "Only people granted" if incident.restricted else "Everyone who reads incidents",
        },
    ]
    for row in rows:
        name = row["name"]
        row["told"] = told[name]
        # The status moves by releases alone: what the public reads and what the room says never part.
        row["editable"] = may_write and name != "status" and (name != "restricted" or may_restrict)
    return rows
