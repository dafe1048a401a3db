"""Trying a version of the policy on past incidents: how far it is, and what would have been otherwise."""

from typing import Any

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.queries.dry_run import difference_lines, total_lines
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound
from incidents.models import PolicyDryRun
from incidents.queries.dry_runs import visible_differences, visible_run, visible_runs
from incidents.services import start_dry_run
from policies.queries import active_policy, visible_version

PER_PAGE = 50


@page
@require_http_methods(["GET", "HEAD", "POST"])
def dry_run(request: HttpRequest, number: int) -> HttpResponse:
    """The newest trial of the version, or the one that `?run=` names; a POST begins another."""
    actor = who(request)
    version = visible_version(actor, number)
    if request.method == "POST":
        try:
            start_dry_run(actor=actor, now=utc_now(), version=version)
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            refuse(request, error)
        return redirect("console:dry_run", number)
    run = visible_runs(actor, number).first()
    context: dict[str, Any] = {
        "version": version,
        "active": active_policy().number,
        "may_write": actor.may(Permission.POLICY_WRITE),
        "changed_since": run is not None and run.rules != version.rules,
    }
    return render(request, "console/dry_run.html", context | _seen(actor, run, request))


@page
@require_safe
def progress(request: HttpRequest, run: int) -> HttpResponse:
    """The part of the page that fetches itself while the trial runs."""
    actor = who(request)
    return render(request, "console/dry_run_live.html", _seen(actor, visible_run(actor, run), request))


def _seen(actor: Actor, run: PolicyDryRun | None, request: HttpRequest) -> dict[str, Any]:
    if run is None:
        return {"run": None}
    shown = Paginator(visible_differences(actor, run), PER_PAGE).get_page(request.GET.get("page"))
    return {
        "run": run,
        "waiting": run.total - run.done,
        "totals": total_lines(run),
        "page_obj": shown,
        "differences": [(row.incident, difference_lines(row)) for row in shown],
    }
