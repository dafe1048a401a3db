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
from console.forms.access import AccessForm
from console.forms.note import NoteForm
from console.forms.room_facts import EtrForm, RoomFactForm
from console.forms.snooze import SnoozeForm
from console.forms.typed import small_int
from console.queries.clock import clock_of, consequences_of, earlier_decisions, facts_read, milestones_of, opening_line, promises_of
from console.queries.fact_rows import FLAG_FACTS, fact_rows, flag_rows
from console.queries.governing import room_facts
from console.queries.room import open_drafts, provenance, said_about, timeline
from console.views.beside import beside_fields
from console.views.kept import kept
from console.views.support import page, refuse, to_step_up, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, InvalidInput, NotFound, StaleRevision, StepUpRequired
from incidents.models import Incident
from incidents.queries import current_decision, current_etr, open_promises, people_granted, teams_granted, visible_incident
from incidents.rules.fields import FLAGS
from incidents.rules.words import DEFINITIONS, Status, UpdateKind
from incidents.services import add_timeline, change_incident, start_update
from notifications.rules.times import zone_named
from stakeholders.queries import audience_names


@page
@require_safe
def room(request: HttpRequest, public_id: str) -> HttpResponse:
    """The room. `?change=FACT` opens one fact for editing in its place."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    fact = request.GET.get("change", "")
    form: RoomFactForm | EtrForm | None = None
    if fact == "etr" and actor.may(Permission.INCIDENT_WRITE):
        form = etr_form(actor, incident)
    elif may_change(actor, fact):
        form = _fact_form(actor, incident, fact)
    return show_room(request, actor, incident, form=form)


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
        wanted = form.change()
        if fact == "commander":
            wanted[fact] = User.objects.get(pk=wanted[fact]) if wanted[fact] else None
        try:
            change_incident(
                actor=actor,
                now=utc_now(),
                incident_id=incident.pk,
                expected_version=small_int(request.POST.get("version", "")),
                **wanted,
            )
        except StaleRevision:
            form.add_error(None, "Somebody changed the incident meanwhile. Look at the facts as they are now, then save again.")
        except StepUpRequired as error:
            return to_step_up(request, where=error.where, back_to=f"{reverse('console:room', args=[public_id])}?change={fact}")
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error)
        else:
            return redirect(f"{reverse('console:room', args=[public_id])}#facts")
    return show_room(request, actor, visible_incident(actor, public_id), form=form, status=422)


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
    return show_room(request, actor, incident, note_form=form, status=422)


@page
@require_POST
def start(request: HttpRequest, public_id: str) -> HttpResponse:
    """Starts an update from the templates and leads to its editor."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    try:
        kind = UpdateKind.DRILL if request.POST.get("kind") == UpdateKind.DRILL else UpdateKind.UPDATE
        update = start_update(actor=actor, now=utc_now(), incident=incident, status=request.POST.get("status", ""), kind=kind)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
        return redirect("console:room", public_id)
    messages.success(request, "A draft stands ready, filled from what is known.")
    return redirect("console:editor", update.public_id)


def may_change(actor: Actor, fact: str) -> bool:
    """Flags can be changed by lawyers too; the service asks again."""
    return actor.may(Permission.INCIDENT_WRITE) or (fact in FLAGS and actor.may(Permission.INCIDENT_UNFLAG))


def _fact_form(actor: Actor, incident: Incident, fact: str, typed: Any = None) -> RoomFactForm | None:
    """The form of one fact, or none for something that is no fact of this incident or not the person's to change."""
    if fact not in RoomFactForm.FACTS or (fact == "restricted" and not actor.may(Permission.INCIDENT_RESTRICT)):
        return None
    initial = RoomFactForm.room_initial_of(incident)
    return RoomFactForm(typed, only=fact, may_restrict=actor.may(Permission.INCIDENT_RESTRICT), initial=initial)


def etr_form(actor: Actor, incident: Incident, typed: Any = None) -> EtrForm:
    """When somebody expects it to be over, in the person's own zone."""
    zone = zone_named(actor.user.time_zone if actor.user else "UTC")
    return EtrForm(typed, zone=zone, etr=current_etr(incident, utc_now()))


def show_room(
    request: HttpRequest,
    actor: Actor,
    incident: Incident,
    *,
    form: RoomFactForm | EtrForm | None = None,
    snooze_form: SnoozeForm | None = None,
    note_form: NoteForm | None = None,
    status: int = 200,
) -> HttpResponse:
    now = utc_now()
    decision, names = current_decision(incident), audience_names()
    running = promises_of(list(open_promises(incident)), names)
    first = running[0] if running else None
    promise = first.promise if first else None
    told = provenance(incident, (*RoomFactForm.FACTS, "etr"))
    may_write = actor.may(Permission.INCIDENT_WRITE)
    said = said_about(incident)
    context = {
        "incident": incident,
        "now": now,
        "facts": fact_rows(incident, told, actor),
        "flags": flag_rows(incident, told, actor),
        "flags_open": any([incident.data_breach, incident.regulated_system, incident.regulatory_flags, incident.jurisdictions])
        or (form is not None and form.fact in FLAG_FACTS),
        "form": form,
        "note_form": note_form or NoteForm(),
        "decision": decision,
        "decision_facts": facts_read(decision),
        "consequences": consequences_of(decision),
        "earlier": earlier_decisions(incident),
        "clock": clock_of(promise, incident, now),
        "opening": opening_line(incident) if promise is None else None,
        "snooze_form": snooze_form or SnoozeForm(),
        "milestones": milestones_of(incident, told, said),
        "cadence": [(word.value, decision.cadence[word]) for word in Status if word in decision.cadence],
        "promise": promise,
        "promised": first,
        "promised_beside": running[1:],
        "overdue": first is not None and not first.stands_by and first.promise.due_at < now,
        "timeline": timeline(incident),
        "drafts": open_drafts(incident),
        "said": said,
        "statuses": [(word.value, DEFINITIONS[word]) for word in Status],
        "over": incident.status == Status.RESOLVED,
        "granted": people_granted(incident) if incident.restricted else [],
        "granted_teams": teams_granted(incident) if incident.restricted else [],
        "access_form": AccessForm(incident=incident) if incident.restricted and actor.may(Permission.INCIDENT_RESTRICT) else None,
        "may_restrict": actor.may(Permission.INCIDENT_RESTRICT),
        "may_write": may_write,
        "may_draft": actor.may(Permission.UPDATE_WRITE),
        "may_release": actor.may(Permission.UPDATE_RELEASE),
        "me": actor.user,
        "kept_hold": kept(request, "hold").get("reason", ""),
        **room_facts(actor, incident),
    }
    return render(request, "console/room.html", context, status=status)
