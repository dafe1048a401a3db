"""The screening's settings: the organisation's own terms, what it allows, and a box to try words in."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.screening import document_from, lines_of, rows_of
from console.forms.typed import small_int
from console.views.support import page, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound, StepUpRequired
from incidents.rules.content_check import LONGEST_BODY
from screening.models import RuleSetVersion
from screening.queries import active_rule_set, check_words, draft_rule_set, visible_rule_sets
from screening.rules.catalogue import SHIPPED
from screening.rules.findings import Severity
from screening.rules.passages import pieces
from screening.rules.rule_set import TermKind
from screening.services import activate_rule_set, discard_draft, save_rule_set
from stakeholders.models import Audience


@page
@require_http_methods(["GET", "HEAD", "POST"])
def screening(request: HttpRequest) -> HttpResponse:
    """The draft if there is one, else the version in force. A POST saves, activates or discards, as its button says."""
    actor = who(request)
    if not actor.may(Permission.POLICY_READ):
        raise NotFound
    if request.method != "POST":
        return _show(request, actor)
    act, number = request.POST.get("act", ""), small_int(request.POST.get("version", "")) or 0
    try:
        if act == "activate":
            activate_rule_set(actor=actor, now=utc_now(), number=number)
            messages.success(request, f"Version {number} is in force: every wording is checked by it from now on.")
        elif act == "discard":
            discard_draft(actor=actor, now=utc_now(), number=number)
            messages.success(request, f"Draft {number} is thrown away. The version in force stays.")
        else:
            note = request.POST.get("note", "").strip()
            saved = save_rule_set(actor=actor, now=utc_now(), document=document_from(request.POST), base=number, note=note)
            said = (
                f"Saved as draft {saved.number}. It checks nothing until it is activated."
                if saved.state == "draft"
                else "Nothing was changed."
            )
            messages.success(request, said)
    except (NotFound, StepUpRequired, Forbidden):
        raise
    except DomainError as error:
        typed = document_from(request.POST) if act == "save" else None
        return _show(request, actor, error=error, typed=typed)
    return redirect("console:screening")


@page
@require_http_methods(["GET", "HEAD", "POST"])
def test(request: HttpRequest) -> HttpResponse:
    """Words typed into the box, checked by the draft if there is one, else by the version in force. Stores nothing."""
    actor = who(request)
    if not actor.may(Permission.POLICY_READ):
        raise NotFound
    return _show(request, actor, tried=request.POST if request.method == "POST" else None)


def _show(
    request: HttpRequest, actor: Actor, *, error: DomainError | None = None, typed: dict[str, Any] | None = None, tried: Any = None
) -> HttpResponse:
    active, draft = active_rule_set(), draft_rule_set()
    shown = draft or active
    document = typed or shown.document
    fields = error.fields if error else {}
    context = {
        "active": active,
        "draft": draft,
        "shown": shown,
        "rows": [row | {"errors": _errors(fields, row["place"])} for row in rows_of(document)],
        "allow": lines_of(document),
        "allow_errors": {name: " ".join(fields.get(f"allow.{name}", [])) for name in ("suffixes", "ranges", "terms")},
        "note": request.POST.get("note", "") if typed else shown.note,
        "error": error,
        "may_write": actor.may(Permission.SCREENING_WRITE),
        "kinds": list(TermKind),
        "severities": list(Severity),
        "shipped": SHIPPED,
        "versions": visible_rule_sets(actor)[:20],
        "audiences": Audience.objects.order_by("position", "name"),
        **(_tried(shown, tried) if tried is not None else {}),
    }
    return render(request, "console/screening.html", context, status=error.status if error else 200)


def _errors(fields: dict[str, list[str]], place: str) -> list[str]:
    """Every sentence about one term."""
    return [sentence for name, sentences in fields.items() if name == place or name.startswith(f"{place}.") for sentence in sentences]


def _tried(version: RuleSetVersion, data: Any) -> dict[str, Any]:
    words, audience = data.get("words", "").replace("\r\n", "\n"), data.get("audience", "")[:64]
    if len(words) > LONGEST_BODY:
        return {
            "words": words[:LONGEST_BODY],
            "words_error": f"At most {LONGEST_BODY:,} characters, as in an update. These are {len(words):,}.",
        }
    confirmed = "confirmed" if data.get("confirmed") else None
    found = check_words(version=version, title="", body=words, audience=audience, cause_confidence=confirmed)
    return {
        "words": words,
        "audience": audience,
        "confirmed": bool(confirmed),
        "tried": True,
        "found": found,
        "pieces": pieces(words, found),
    }
