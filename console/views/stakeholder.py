"""One entry of the register: its fields, its addresses, the audiences it reads as."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.stakeholder import CodeForm, NewAddressForm, NewStakeholderForm, StakeholderForm
from console.queries.contact_points import standing
from console.views.contact_points import ACTS, act_on
from console.views.support import page, who
from core.clock import utc_now
from core.errors import Conflict, InvalidInput, NotFound
from stakeholders.models import OptOut, Stakeholder
from stakeholders.queries import visible_stakeholder
from stakeholders.services import change_stakeholder, register_stakeholder

MOST_PEOPLE = 20


@page
@require_http_methods(["GET", "HEAD", "POST"])
def stakeholder_new(request: HttpRequest) -> HttpResponse:
    """Takes somebody into the register."""
    actor = who(request)
    if not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    actor.require(Permission.STAKEHOLDER_WRITE)
    form = NewStakeholderForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = register_stakeholder(actor=actor, now=utc_now(), **form.given())
        except InvalidInput as error:
            form.refuse(error)
        except Conflict as error:
            form.add_error(None, error.message)
        else:
            messages.success(request, f"{made.name} is in the register.")
            return redirect("console:stakeholder", made.public_id)
    return render(request, "console/register/new.html", {"form": form}, status=422 if form.errors else 200)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def stakeholder(request: HttpRequest, public_id: str) -> HttpResponse:
    """Everything known of an entry; a POST saves its fields, or does what one of the buttons of an address names."""
    actor = who(request)
    if not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    entry = visible_stakeholder(actor, public_id)
    act = request.POST.get("act", "")
    posted = request.POST if request.method == "POST" else None
    form = StakeholderForm(posted if act == "save" else None, initial=StakeholderForm.initial_of(entry))
    address = NewAddressForm(posted if act == "add" else None)
    code = CodeForm(posted if act.startswith("code:") else None)
    done: HttpResponse | None = None
    if act == "save":
        done = _save(request, actor, entry, form)
    elif act.partition(":")[0] in ACTS:
        done = act_on(request, actor, entry, act, address=address, code=code)
    if done is not None:
        return done
    context = _shown(actor, entry, form) | {
        "address_form": address,
        "code_form": code,
        "code_for": act.partition(":")[2] if code.is_bound else "",
    }
    return render(request, "console/register/entry.html", context, status=422 if request.method == "POST" else 200)


def _save(request: HttpRequest, actor: Actor, entry: Stakeholder, form: StakeholderForm) -> HttpResponse | None:
    if not form.is_valid():
        return None
    try:
        change_stakeholder(actor=actor, now=utc_now(), stakeholder=entry, **form.given())
    except InvalidInput as error:
        form.refuse(error)
        return None
    except Conflict as error:
        form.add_error(None, error.message)
        return None
    messages.success(request, f"Saved: {form.cleaned_data['name']}.")
    return redirect("console:stakeholder", entry.public_id)


def _shown(actor: Actor, entry: Stakeholder, form: StakeholderForm) -> dict[str, Any]:
    may_write = actor.may(Permission.STAKEHOLDER_WRITE)
    if not may_write:
        for field in form.fields.values():
            field.disabled = True
    points = list(entry.contact_points.all())
    for point in points:
        point.stakeholder = entry
    opted_out = OptOut.objects.filter(contact_point__in=points).select_related("audience")
    return {
        "entry": entry,
        "form": form,
        "points": [standing(point) for point in points],
        "audiences": [membership.audience for membership in entry.audience_memberships.all()],
        "opted_out": {(out.contact_point_id, out.audience.name) for out in opted_out},
        "people": list(entry.people.order_by("name", "pk")[:MOST_PEOPLE]),
        "may_write": may_write,
        "own": entry.user_id is not None and entry.user == actor.user,
    }
