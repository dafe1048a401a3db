"""What the buttons beside the addresses of an entry do."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.actors import Actor
from console.forms.stakeholder import CodeForm, NewAddressForm
from console.forms.typed import small_int
from console.views.support import refuse
from core.clock import utc_now
from core.errors import DomainError, Forbidden, InvalidInput, NotFound
from stakeholders.models import ContactPoint, Stakeholder
from stakeholders.rules.addresses import shown
from stakeholders.rules.kinds import ConsentSource, ContactKind
from stakeholders.services import (
    add_contact_point,
    confirm_by_code,
    order_contact_points,
    remove_contact_point,
    request_verification,
)
from stakeholders.services.entry_apply import Origin

ACTS = ("add", "remove", "first", "ask", "code")


def act_on(
    request: HttpRequest, actor: Actor, entry: Stakeholder, act: str, *, address: NewAddressForm, code: CodeForm
) -> HttpResponse | None:
    """Does the act that a button names (`remove:ID` and the like); `None` where what was typed has to be typed anew."""
    name, _, row = act.partition(":")
    try:
        if name == "add":
            said = _add(actor, entry, address)
        else:
            said = _of_one(actor, _point(entry, row), name, code)
    except InvalidInput as error:
        form = address if name == "add" else code
        if not form.is_bound:
            refuse(request, error)
            return redirect("console:stakeholder", entry.public_id)
        for field, texts in error.fields.items():
            form.add_error(field if field in form.fields else None, texts)
        return None
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
        return redirect("console:stakeholder", entry.public_id)
    if said is None:
        return None
    messages.success(request, said)
    return redirect("console:stakeholder", entry.public_id)


def _add(actor: Actor, entry: Stakeholder, form: NewAddressForm) -> str | None:
    if not form.is_valid():
        return None
    data = form.cleaned_data
    origin = Origin(ConsentSource.OPERATOR, consent=data["consent"], confirm=data["confirm"])
    made = add_contact_point(
        actor=actor, now=utc_now(), stakeholder=entry, kind=data["contact_kind"], address=data["address"], origin=origin
    )
    if made.verification == "pending":
        return f"{_named(made)} is added. Nothing goes there before it is confirmed."
    return f"{_named(made)} is added: updates go there from the next release on."


def _of_one(actor: Actor, point: ContactPoint, name: str, code: CodeForm) -> str | None:
    acts: dict[str, Callable[[], str | None]] = {
        "remove": lambda: _remove(actor, point),
        "first": lambda: _first(actor, point),
        "ask": lambda: _ask(actor, point),
        "code": lambda: _confirm(actor, point, code),
    }
    return acts[name]()


def _remove(actor: Actor, point: ContactPoint) -> str:
    remove_contact_point(actor=actor, now=utc_now(), contact_point=point)
    return f"{_named(point)} is removed: nothing more is sent there."


def _first(actor: Actor, point: ContactPoint) -> str:
    order_contact_points(actor=actor, now=utc_now(), stakeholder=point.stakeholder, ids=[point.pk])
    return f"{_named(point)} is tried first now."


def _ask(actor: Actor, point: ContactPoint) -> str:
    request_verification(actor=actor, now=utc_now(), contact_point=point)
    if point.kind == ContactKind.SMS:
        return f"A code is on its way to {_named(point)}. It is good for ten minutes."
    return f"A letter with a link is on its way to {_named(point)}. It is good for seven days."


def _confirm(actor: Actor, point: ContactPoint, form: CodeForm) -> str | None:
    if not form.is_valid():
        return None
    confirm_by_code(actor=actor, now=utc_now(), contact_point=point, code=form.cleaned_data["code"])
    return f"{_named(point)} is confirmed: it is written to from now on."


def _point(entry: Stakeholder, row: str) -> ContactPoint:
    number = small_int(row)
    found = next((point for point in entry.contact_points.all() if point.pk == number), None)
    if found is None:
        raise NotFound
    return found


def _named(point: ContactPoint) -> str:
    return shown(point.kind, point.address)
