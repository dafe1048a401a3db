"""Releasing holding statements for an incident, in two steps: choose them, then read what goes out and confirm."""

from datetime import datetime
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.queries.gate import releaser_to
from approvals.queries.holding import Filled, fill_in, holding_plan
from approvals.rules.release import may_let_out
from approvals.services import release_holding
from console.views.support import page, refuse, to_step_up, who
from core.clock import utc_now
from core.errors import DomainError, NotFound, StepUpRequired
from incidents.models import Incident
from incidents.queries import visible_incident
from incidents.services.drafting import policy_minutes
from notifications.queries.reach import reach_of_content
from notifications.rules.markdown import to_html
from stakeholders.queries import public_audience_key
from templates.models import HoldingStatement
from templates.queries import StatementView, approved_version, statement_views, visible_statements
from templates.rules.holding import SCENARIOS


@page
@require_safe
def choose(request: HttpRequest, public_id: str) -> HttpResponse:
    """The statements there are, as they would read for this incident; expired ones with the way on."""
    actor, now = who(request), utc_now()
    incident = visible_incident(actor, public_id)
    asked = {name: request.GET.get(name, "") for name in ("scenario", "audience", "language")}
    rows = visible_statements(actor)
    for name, column in (("scenario", "scenario"), ("audience", "audience_key"), ("language", "language")):
        if asked[name]:
            rows = rows.filter(**{column: asked[name]})
    chosen = set(request.GET.getlist("statement"))
    minutes = policy_minutes(incident, incident.status, [], now)
    known = HoldingStatement.objects.values_list("audience_key", "language")
    # What can go stands first in its scenario; what nobody has approved yet is of no use in a hurry.
    views = sorted(statement_views(rows, now), key=lambda view: not view.usable)
    context = {
        "incident": incident,
        "groups": [
            {"scenario": scenario, "rows": found}
            for key, scenario in SCENARIOS.items()
            if (found := [_row(view, incident, minutes, chosen) for view in views if view.approved and view.statement.scenario == key])
        ],
        "unapproved": [view for view in views if not view.approved],
        "asked": asked,
        "any_asked": any(asked.values()),
        "scenarios": SCENARIOS,
        "audiences": sorted({audience for audience, _ in known}),
        "languages": sorted({language for _, language in known}),
        "nothing_chosen": "none" in request.GET,
        "may_release": actor.may(Permission.UPDATE_RELEASE),
        "now": now,
    }
    return render(request, "console/holding_choose.html", context)


def _row(view: StatementView, incident: Incident, minutes: int | None, chosen: set[str]) -> dict[str, Any]:
    filled = fill_in(incident, view.approved, now=view.now, minutes=minutes) if view.approved and view.usable else None
    return {
        "view": view,
        "filled": filled,
        "body": _html(filled) if filled else "",
        "ready": filled is not None and not filled.missing,
        "checked": view.statement.public_id in chosen,
    }


@page
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, public_id: str) -> HttpResponse:
    """Exactly what goes out, to how many people, and what stands in the way; then one button."""
    actor, now = who(request), utc_now()
    incident = visible_incident(actor, public_id)
    ids = list(dict.fromkeys(request.GET.getlist("statement")))
    if request.method == "POST":
        return _release(request, actor, incident, ids, now)
    versions = [version for row in visible_statements(actor).filter(public_id__in=ids) if (version := approved_version(row))]
    if not versions:
        return redirect(f"{_choose_page(incident)}?none=1")
    plan = holding_plan(incident, versions, now)
    found = reach_of_content(incident, plan.content, now=now)
    who_may = may_let_out(releaser_to(actor=actor, user=actor.require_person(), incident=incident, audiences=plan.content.audiences))
    context = {
        "incident": incident,
        "plan": plan,
        "pieces": [{"filled": one, "body": _html(one)} for one in plan.filled],
        "reasons": [*who_may, *plan.reasons],
        "reach": found,
        "people": found.readers,
        "to_page": "page" in plan.content.channels and public_audience_key() in plan.content.audiences,
        "ids": ids,
        "now": now,
    }
    return render(request, "console/holding_release.html", context)


def _release(request: HttpRequest, actor: Actor, incident: Incident, ids: list[str], now: datetime) -> HttpResponse:
    try:
        made = release_holding(actor=actor, now=now, incident_id=incident.pk, statements=ids, seen=request.POST.get("seen", ""))
    except StepUpRequired:
        return to_step_up(request)
    except NotFound:
        raise
    except DomainError as error:
        refuse(request, error)
        return redirect(request.get_full_path())
    return redirect("console:release_progress", made.public_id)


def _choose_page(incident: Incident) -> str:
    return f"/console/incidents/{incident.public_id}/holding/"


def _html(filled: Filled) -> str:
    # Markdown without HTML, then nh3: what the renderer let through is safe.
    return mark_safe(to_html(filled.body))  # noqa: S308
