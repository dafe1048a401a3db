"""The register of stakeholders, and the audiences."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Count, Prefetch, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules.roles import Permission
from console.forms.audience import ScopeForm
from console.views.support import page, who
from core.clock import utc_now
from core.errors import NotFound
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.queries import reach_counts, scope_of
from stakeholders.services import set_scope

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
    state = "suppressed" if request.GET.get("state") == "suppressed" else ""
    if state:
        rows = rows.filter(contact_points__suppressed_at__isnull=False).distinct()
    shown = Paginator(rows, PER_PAGE).get_page(request.GET.get("page"))
    unused = ContactPoint.objects.filter(suppressed_at__isnull=False).count()
    return render(request, "console/stakeholders.html", {"shown": shown, "q": query, "state": state, "unused": unused})


@page
@require_safe
def audiences(request: HttpRequest) -> HttpResponse:
    """Who reads the same wording, who owns it, and how many it reaches now."""
    if not who(request).may(Permission.STAKEHOLDER_READ):
        raise NotFound
    rows = Audience.objects.select_related("owner", "deputy").prefetch_related("scope_components").annotate(people=Count("members"))
    reach = reach_counts([row.key for row in rows])
    shown = [(row, reach.get(row.key, 0)) for row in rows]
    may_write = who(request).may(Permission.STAKEHOLDER_WRITE)
    return render(request, "console/audiences.html", {"audiences": shown, "may_write": may_write})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def scope(request: HttpRequest, key: str) -> HttpResponse:
    """What an audience is told about at all, and the form that changes it."""
    actor = who(request)
    audience = Audience.objects.prefetch_related("scope_components").filter(key=key).first()
    if audience is None or not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    bound = scope_of(audience)
    form = ScopeForm(
        request.POST if request.method == "POST" else None,
        initial={"customer_facing_only": bound.customer_facing_only, "components": sorted(bound.components)},
    )
    if request.method == "POST" and form.is_valid():
        set_scope(actor=actor, now=utc_now(), audience=audience, **form.cleaned_data)
        messages.success(request, f"Saved: what {audience.name} are told about. It holds for every release from now on.")
        return redirect("console:audiences")
    may_write = actor.may(Permission.STAKEHOLDER_WRITE)
    if not may_write:
        for field in form.fields.values():
            field.disabled = True
    context = {"audience": audience, "form": form, "may_write": may_write}
    return render(request, "console/audience_scope.html", context, status=422 if form.errors else 200)
