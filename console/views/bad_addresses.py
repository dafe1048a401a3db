"""Addresses that somebody should look at."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.rules.roles import Permission
from console.queries.contact_points import standing
from console.views.support import page, who
from core.errors import NotFound
from stakeholders.queries.search import BAD, bad_contact_points

PER_PAGE = 50


@page
@require_safe
def bad_addresses(request: HttpRequest) -> HttpResponse:
    """What bounces, complained, waits for its confirmation or went stale, with the way to put it right."""
    actor = who(request)
    if not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    why = request.GET.get("why", "")
    rows = bad_contact_points(actor, why if why in BAD else "")
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    context = {"shown": shown, "rows": [standing(point) for point in shown], "why": why, "reasons": BAD.items()}
    return render(request, "console/register/bad.html", context)
