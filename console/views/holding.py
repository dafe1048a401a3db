"""Holding statements: the list, writing one, having it reviewed."""

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.queries.statements import statement_reviews, statement_round
from approvals.rules.review import named
from approvals.rules.statements import statement_kinds
from approvals.services import give_statement_verdict, request_statement_review
from console.diffs import word_diff
from console.forms.template import StatementForm
from console.forms.typed import local_instant, small_int
from console.views.beside import beside_fields
from console.views.support import page, refuse, to_step_up, who
from core.clock import utc_now
from core.errors import DomainError, InvalidInput, NotFound, StepUpRequired
from notifications.rules.markdown import to_html
from stakeholders.queries import audience_keys, reach_counts
from templates.models import HoldingStatement
from templates.queries import approved_version, statement_views, visible_statement, visible_statements, working_version
from templates.rules.holding import HOLDING_VARIABLES, LONGEST_VALIDITY_DAYS, SCENARIOS
from templates.services import create_statement, retire_statement, save_statement

SUGGESTED = timedelta(days=90)


@page
@require_safe
def overview(request: HttpRequest) -> HttpResponse:
    """Every statement by scenario, with what its approval is worth today."""
    actor, now = _reader(request), utc_now()
    asked = {name: request.GET.get(name, "") for name in ("scenario", "audience", "language", "standing")}
    rows = visible_statements(actor)
    for name, column in (("scenario", "scenario"), ("audience", "audience_key"), ("language", "language")):
        if asked[name]:
            rows = rows.filter(**{column: asked[name]})
    views = [view for view in statement_views(rows, now) if asked["standing"] in {"", view.standing}]
    groups = [
        {"scenario": scenario, "views": [view for view in views if view.statement.scenario == key]} for key, scenario in SCENARIOS.items()
    ]
    context = {
        "groups": [group for group in groups if group["views"]],
        "asked": asked,
        "any_asked": any(asked.values()),
        "scenarios": SCENARIOS,
        "audiences": audience_keys(),
        "languages": sorted(set(HoldingStatement.objects.values_list("language", flat=True))),
        "standings": ("approved", "expiring", "expired", "in_review", "draft", "retired"),
        "may_write": actor.may(Permission.HOLDING_WRITE),
        "now": now,
    }
    return render(request, "console/holding.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new statement, as a draft."""
    actor = _reader(request)
    actor.require(Permission.HOLDING_WRITE)
    form = StatementForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        wanted = dict(form.cleaned_data)
        try:
            saved = create_statement(actor=actor, now=utc_now(), audience_key=wanted.pop("audience"), **wanted)
        except DomainError as error:
            beside_fields(form, error)
        else:
            messages.success(request, "Saved as a draft. Ask for its review when the words are right.")
            return redirect("console:holding_statement", saved.statement.public_id)
    context = {"form": form, "scenarios": SCENARIOS, "variables": HOLDING_VARIABLES}
    return render(request, "console/holding_new.html", context, status=422 if form.is_bound else 200)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, statement_id: str) -> HttpResponse:
    """The words, where their approval stands, and the next act: save, ask for review, renew, take out of force."""
    actor, now = _reader(request), utc_now()
    found = visible_statement(actor, statement_id)
    if request.method == "POST":
        return _act(request, actor, found, now)
    return _show(request, actor, found, now)


def _act(request: HttpRequest, actor: Actor, found: HoldingStatement, now: datetime) -> HttpResponse:
    typed = {name: request.POST.get(name, "") for name in ("title", "body", "expires_at")}
    number = small_int(request.POST.get("number", ""))
    act = request.POST.get("act", "")
    try:
        said = _do(actor, found, now, act=act, number=-1 if number is None else number, typed=typed)
    except DomainError as error:
        return _show(request, actor, found, now, typed=typed, error=error)
    messages.success(request, said)
    return redirect("console:holding_statement", found.public_id)


def _do(actor: Actor, found: HoldingStatement, now: datetime, *, act: str, number: int, typed: dict[str, str]) -> str:
    """Does what the button says; returns what was done in words."""
    match act:
        case "save":
            saved = save_statement(actor=actor, now=now, statement=found, title=typed["title"], body=typed["body"], base=number)
            return f"Version {saved.number} is saved as {saved.state.replace('_', ' ')}."
        case "renew":
            words = found.versions.all()[0]
            saved = save_statement(actor=actor, now=now, statement=found, title=words.title, body=words.body, base=number, renew=True)
            return f"Version {saved.number} has the same words and is a draft. Ask for its review."
        case "ask":
            zone = ZoneInfo(actor.require_person().time_zone)
            try:
                expires_at = local_instant(f"{typed['expires_at']}T23:59", zone)
            except InvalidInput as error:
                raise InvalidInput("Say until when it is to stand.", fields={"expires_at": ["Give the day."]}) from error
            request_statement_review(actor=actor, now=now, statement_id=found.pk, number=number, expires_at=expires_at)
            return f"Review is asked for: {', '.join(named(kind) for kind in statement_kinds(found.scenario))}."
        case "retire":
            retired = retire_statement(actor=actor, now=now, statement=found, number=number)
            return f"Version {retired.number} is out of force: it cannot be released any more."
        case _:
            raise InvalidInput("Choose one of the buttons.")


def _show(
    request: HttpRequest,
    actor: Actor,
    found: HoldingStatement,
    now: datetime,
    *,
    typed: dict[str, str] | None = None,
    error: DomainError | None = None,
) -> HttpResponse:
    newest = found.versions.all()[0]
    live = statement_round(working) if (working := working_version(found)) else None
    context = {
        "statement": found,
        "view": statement_views([found], now)[0],
        "newest": newest,
        "typed": typed or {"title": newest.title, "body": newest.body},
        "expires_at": (typed or {}).get("expires_at") or f"{now + SUGGESTED:%Y-%m-%d}",
        "longest_days": LONGEST_VALIDITY_DAYS,
        "latest_day": f"{now + timedelta(days=LONGEST_VALIDITY_DAYS):%Y-%m-%d}",
        "error": error,
        "errors": {name: " ".join(texts) for name, texts in error.fields.items()} if error else {},
        "slots": _slots(live) if live else [],
        "kinds": [named(kind) for kind in statement_kinds(found.scenario)],
        "reviews": statement_reviews(found)[:20],
        "variables": HOLDING_VARIABLES,
        "may_write": actor.may(Permission.HOLDING_WRITE),
        "now": now,
    }
    return render(request, "console/holding_statement.html", context, status=error.status if error else 200)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, statement_id: str) -> HttpResponse:
    """The words as they will be released, until when they would stand; then one of two verdicts on exactly this version."""
    actor, now = _reader(request), utc_now()
    found = visible_statement(actor, statement_id)
    kept = f"statement-comment-{found.public_id}"
    if request.method == "POST":
        return _decide(request, actor, found, now, kept)
    version = working_version(found) or approved_version(found) or found.versions.all()[0]
    live = statement_round(version)
    before = approved_version(found)
    context: dict[str, Any] = {
        "statement": found,
        "scenario": SCENARIOS[found.scenario],
        "version": version,
        # Markdown without HTML, then nh3: what the renderer let through is safe.
        "body_html": mark_safe(to_html(version.body)),  # noqa: S308
        "before": before if before != version else None,
        "title_parts": word_diff(before.title, version.title) if before else [],
        "body_parts": word_diff(before.body, version.body) if before else [],
        "round": live,
        "slots": _slots(live) if live else [],
        "kinds": [slot["kind"] for slot in _slots(live) if not slot["review"] and _holds(actor, slot["kind"])]
        if live and live.state == "open"
        else [],
        "reach": reach_counts([found.audience_key]),
        "variables": HOLDING_VARIABLES,
        "comment": request.session.get(kept, ""),
        "now": now,
    }
    return render(request, "console/holding_review.html", context)


def _decide(request: HttpRequest, actor: Actor, found: HoldingStatement, now: datetime, kept: str) -> HttpResponse:
    comment = request.POST.get("comment", "")
    number = small_int(request.POST.get("number", ""))
    try:
        given = give_statement_verdict(
            actor=actor,
            now=now,
            statement_id=found.pk,
            kind=request.POST.get("kind", ""),
            verdict=request.POST.get("verdict", ""),
            number=-1 if number is None else number,
            comment=comment,
        )
    except StepUpRequired:
        request.session[kept] = comment
        return to_step_up(request)
    except NotFound:
        raise
    except DomainError as error:
        refuse(request, error)
        request.session[kept] = comment
        return redirect("console:holding_review", found.public_id)
    request.session.pop(kept, None)
    said = "approved" if given.verdict == "approve" else "asked for changes"
    messages.success(request, f"You {said}: version {number} of “{found.name}”.")
    return redirect("console:holding_statement", found.public_id)


def _holds(actor: Actor, kind: str) -> bool:
    return f"review.{kind}" in {permission.value for permission in actor.permissions}


def _slots(live: Any) -> list[dict[str, Any]]:
    given = {row.slot_id: row for row in live.reviews.select_related("reviewer")}
    return [{"kind": slot.kind, "due_at": slot.due_at, "review": given.get(slot.pk)} for slot in live.slots.all()]


def _reader(request: HttpRequest) -> Actor:
    actor = who(request)
    if not actor.may(Permission.TEMPLATE_READ):
        raise NotFound
    return actor
