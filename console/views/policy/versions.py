"""The policy in force, its other versions, and a version with what can be done to it."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.policy_order import moved, without
from console.forms.typed import small_int
from console.views.policy.shared import cards, people, reader, refused, version_and_document
from console.views.support import page, revision_from
from core.clock import utc_now
from core.errors import DomainError, Forbidden, InvalidInput
from policies.models import PolicyVersion
from policies.queries import active_policy, document_of, export_document, visible_version, visible_versions, why_not_activate
from policies.services import (
    import_document,
    propose_version,
    save_draft,
    start_draft,
    throw_away_draft,
    withdraw_proposal,
)

MOST_SHOWN = 50


@page
@require_http_methods(["GET", "HEAD", "POST"])
def overview(request: HttpRequest) -> HttpResponse:
    """The rules in force in words, and every version with its state; a draft begins here."""
    actor = reader(request)
    version = active_policy()
    if request.method == "POST":
        number = small_int(request.POST.get("based_on", ""))
        draft = start_draft(actor=actor, now=utc_now(), based_on=visible_version(actor, number or version.number))
        return redirect("console:policy_version", draft.number)
    versions = list(visible_versions(actor).prefetch_related("authors__user")[:MOST_SHOWN])
    context = {
        "policy": version,
        "cards": cards(document_of(version)),
        "versions": [{"row": row, "people": people(row)} for row in versions],
        "waiting": [row for row in versions if row.state in {"proposed", "draft"}],
        "may_write": actor.may(Permission.POLICY_WRITE),
    }
    return render(request, "console/policy/overview.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def version(request: HttpRequest, number: int) -> HttpResponse:
    """One version's rules as cards; a draft's are moved, removed and opened here."""
    actor = reader(request)
    row, document = version_and_document(actor, number)
    if request.method == "POST":
        return _act(request, actor, row)
    may_write = actor.may(Permission.POLICY_WRITE)
    found = cards(document)
    context: dict[str, Any] = {
        "version": row,
        "cards": found,
        "mistakes": [card for card in found if card["flaw"] and card["flaw"].is_mistake],
        "people": people(row),
        "in_force": active_policy(),
        "may_write": may_write,
        "may_edit": may_write and row.state == "draft",
        "may_activate": actor.may(Permission.POLICY_ACTIVATE),
        "why_not": why_not_activate(row, actor.require_person()) if row.state == "proposed" else None,
    }
    return render(request, "console/policy/version.html", context)


def _act(request: HttpRequest, actor: Actor, row: PolicyVersion) -> HttpResponse:
    """One named button: `up:KEY`, `down:KEY`, `remove:KEY`, `note`, `propose`, `withdraw`, `throw-away`."""
    act, _, key = request.POST.get("act", "").partition(":")
    acts: dict[str, Callable[[], HttpResponse]] = {
        "propose": lambda: _propose(request, actor, row),
        "withdraw": lambda: _withdraw(request, actor, row),
        "throw-away": lambda: _throw_away(request, actor, row),
        "note": lambda: _save(request, actor, row, row.rules, f"#{'note'}"),
        "up": lambda: _save(request, actor, row, moved(row.rules, key, -1), f"#rule-{key}"),
        "down": lambda: _save(request, actor, row, moved(row.rules, key, 1), f"#rule-{key}"),
        "remove": lambda: _save(request, actor, row, without(row.rules, key), "#rules"),
    }
    try:
        if act not in acts:
            raise InvalidInput("Choose one of the buttons.")
        return acts[act]()
    except Forbidden:
        raise
    except DomainError as error:
        return refused(request, error, row.number)


def _save(request: HttpRequest, actor: Actor, row: PolicyVersion, rules: Any, anchor: str) -> HttpResponse:
    note = request.POST.get("note") if anchor == "#note" else None
    save_draft(actor=actor, now=utc_now(), version=row, rules=rules, revision=revision_from(request), note=note)
    if anchor == "#note":
        messages.success(request, "The note is saved.")
    return redirect(f"{request.path}{anchor}")


def _propose(request: HttpRequest, actor: Actor, row: PolicyVersion) -> HttpResponse:
    propose_version(actor=actor, now=utc_now(), version=row)
    messages.success(request, f"Version {row.number} is proposed. An administrator or commander who did not change it last confirms it.")
    return redirect("console:policy_version", row.number)


def _withdraw(request: HttpRequest, actor: Actor, row: PolicyVersion) -> HttpResponse:
    withdraw_proposal(actor=actor, now=utc_now(), version=row)
    messages.success(request, f"Version {row.number} is a draft again.")
    return redirect("console:policy_version", row.number)


def _throw_away(request: HttpRequest, actor: Actor, row: PolicyVersion) -> HttpResponse:
    throw_away_draft(actor=actor, now=utc_now(), version=row)
    messages.success(request, f"The draft {row.number} is thrown away. The log keeps what it said.")
    return redirect("console:policy")


@page
@require_safe
def export(request: HttpRequest, number: int) -> HttpResponse:
    """The rules as a JSON file."""
    row = visible_version(reader(request), number)
    answer = HttpResponse(export_document(row), content_type="application/json")
    answer["Content-Disposition"] = f'attachment; filename="policy-{row.number}.json"'
    return answer


@page
@require_http_methods(["GET", "HEAD", "POST"])
def bring_in(request: HttpRequest) -> HttpResponse:
    """Rules from a JSON file become a new draft; what is wrong with them is named rule by rule."""
    actor = reader(request)
    if not actor.may(Permission.POLICY_WRITE):
        actor.require(Permission.POLICY_WRITE)
    typed = {"text": request.POST.get("text", ""), "note": request.POST.get("note", "")}
    error: DomainError | None = None
    if request.method == "POST":
        file = request.FILES.get("file")
        if file is not None:
            typed["text"] = file.read(2_000_001).decode(errors="replace").replace("\x00", "")
        try:
            draft = import_document(actor=actor, now=utc_now(), text=typed["text"], note=typed["note"])
        except InvalidInput as refusal:
            error = refusal
        else:
            messages.success(request, f"Brought in as draft {draft.number}. Nothing is in force before it is proposed and confirmed.")
            return redirect("console:policy_version", draft.number)
    return render(request, "console/policy/import.html", {"typed": typed, "error": error}, status=422 if error else 200)
