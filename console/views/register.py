"""The register of stakeholders, and the audiences."""

from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.rules.roles import Permission
from console.views.support import page, who
from core.errors import NotFound
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.queries import reach_counts

PER_PAGE = 50


@page
@require_safe
def stakeholders(request: HttpRequest) -> HttpResponse:
    """Who is told, with their addresses and whether those work; found by name or address."""
    if not who(request).may(Permission.STAKEHOLDER_READ):
        raise NotFound
    query = request.GET.get("q", "").strip()
    rows = Stakeholder.objects.prefetch_related(Prefetch("contact_points", ContactPoint.objects.order_by("id"))).order_by("name", "id")
    if query:
        rows = rows.filter(Q(name__icontains=query) | Q(contact_points__address__icontains=query)).distinct()
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "console/stakeholders.html", {"shown": shown, "q": query})


@page
@require_safe
def audiences(request: HttpRequest) -> HttpResponse:
    """Who reads the same wording, who owns it, and how many it reaches now."""
    if not who(request).may(Permission.STAKEHOLDER_READ):
        raise NotFound
    rows = Audience.objects.select_related("owner", "deputy").annotate(people=Count("members"))
    reach = reach_counts([row.key for row in rows])
    return render(request, "console/audiences.html", {"audiences": [(row, reach.get(row.key, 0)) for row in rows]})
