"""The register of stakeholders, and the audiences."""

from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules.roles import Permission
from console.forms.audience import ScopeForm
from console.queries.contact_points import standing
from console.register_words import KIND_WORDS
from console.views.support import page, who
from core.clock import utc_now
from core.errors import NotFound
from stakeholders.models import Audience, ContactPoint, Stakeholder
from stakeholders.queries import scope_of
from stakeholders.queries.circles import Circle
from stakeholders.queries.previews import people_reached
from stakeholders.queries.search import Place, register_page, search_register, suppressed_page
from stakeholders.rules.kinds import StakeholderKind, Tier
from stakeholders.services import set_scope

PER_PAGE = 50


@page
@require_safe
def stakeholders(request: HttpRequest) -> HttpResponse:
    """Who is told, with their addresses and whether those work; found by name, external id or address as one types."""
    actor = who(request)
    if not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    asked = {name: request.GET.get(name, "").strip()[:200] for name in ("q", "kind", "tier", "state", "after")}
    asked["kind"] = asked["kind"] if asked["kind"] in set(StakeholderKind) else ""
    asked["tier"] = asked["tier"] if asked["tier"] in set(Tier) else ""
    if asked["q"]:
        found = search_register(actor, asked["q"], size=PER_PAGE)
    elif asked["state"] == "suppressed":
        found = suppressed_page(actor, after=_place(asked["after"]), size=PER_PAGE)
    else:
        found = register_page(actor, after=_place(asked["after"]), kind=asked["kind"], tier=asked["tier"], size=PER_PAGE)
    shown, more = found[:PER_PAGE], len(found) > PER_PAGE
    kept = {name: asked[name] for name in ("kind", "tier", "state") if asked[name]}
    context = {
        "rows": [(row, [standing(point) for point in _points(row)]) for row in shown],
        "asked": asked,
        "more": more,
        "next": urlencode(kept | {"after": shown[-1].public_id}) if more and not asked["q"] else "",
    }
    if request.headers.get("HX-Target") == "found":
        return render(request, "console/register/found.html", context)
    context |= {
        "unused": ContactPoint.objects.filter(suppressed_at__isnull=False, removed_at__isnull=True).count(),
        "kinds": KIND_WORDS.items(),
        "tiers": list(Tier),
        "may_write": actor.may(Permission.STAKEHOLDER_WRITE),
    }
    return render(request, "console/stakeholders.html", context)


def _place(public_id: str) -> Place | None:
    """Where a page begins; an entry that is gone begins at the beginning."""
    found = Stakeholder.objects.filter(public_id=public_id).values_list("name", "pk").first() if public_id else None
    return Place(*found) if found else None


def _points(row: Stakeholder) -> list[ContactPoint]:
    """Its addresses, which know whose they are without another query."""
    points = list(row.contact_points.all())
    for point in points:
        point.stakeholder = row
    return points


@page
@require_safe
def audiences(request: HttpRequest) -> HttpResponse:
    """Who reads the same wording, who owns it, and how many it reaches now."""
    if not who(request).may(Permission.STAKEHOLDER_READ):
        raise NotFound
    rows = Audience.objects.select_related("owner", "deputy").prefetch_related("scope_components")
    circles = [(row, Circle.of(row)) for row in rows]
    shown = [(row, circle.members().count(), people_reached(circle)) for row, circle in circles]
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
