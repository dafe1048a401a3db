"""One audience: who belongs to it, who answers for it, and how it is told. The filter is made of fields, and tried before it is saved."""

from typing import Any

from django.contrib import messages
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Actor
from accounts.models import Team
from accounts.rules.roles import Permission
from catalogue.models import Component
from console.forms.audience import NewAudienceForm, OwnersForm
from console.forms.audience_filter import FACT_GROUPS, REGISTER, filter_written, tree_of_filter
from console.forms.policy_condition import Node, acted, tree_from, with_errors
from console.forms.typed import small_int
from console.views.support import page, who
from core.clock import utc_now
from core.errors import Conflict, InvalidInput, NotFound
from stakeholders.models import Audience, Stakeholder
from stakeholders.queries.circles import Circle
from stakeholders.queries.previews import WORDS, preview, why_belong
from stakeholders.rules.channel_words import channel_words
from stakeholders.rules.explaining_filters import in_words
from stakeholders.rules.filters import Filter, tests
from stakeholders.services import create_audience, set_filter, set_owners
from stakeholders.services.audience_filter import condition_for

ASKED = 5


@page
@require_http_methods(["GET", "HEAD", "POST"])
def audience(request: HttpRequest, key: str) -> HttpResponse:
    """The audience. Buttons that add or remove a condition answer with the same fields and save nothing."""
    actor, found = _found(request, key)
    if request.method != "POST":
        return _shown(request, actor, found, tree_of_filter(found.filter))
    tree = tree_from(request.POST, REGISTER)
    act = request.POST.get("act", "save")
    if act != "save":
        tree = acted(tree, act, request.POST.get(f"{act.partition(':')[2]}-add", ""))
        return _shown(request, actor, found, tree)
    version = small_int(request.POST.get("version", "")) or 0
    try:
        set_filter(actor=actor, now=utc_now(), audience=found, written=filter_written(tree), version=version)
    except InvalidInput as refused:
        return _shown(request, actor, found, tree, errors=refused.fields, status=422)
    except Conflict as error:
        return _shown(request, actor, found, tree, errors={"": [error.message]}, status=409)
    messages.success(request, f"Saved: who belongs to {found.name}. It holds for every release from now on.")
    return redirect("console:audience", found.key)


@page
@require_POST
def look(request: HttpRequest, key: str) -> HttpResponse:
    """Who would belong by what is typed now. Stores nothing."""
    _, found = _found(request, key)
    return render(request, "console/audience/belonging.html", _belonging(found, tree_from(request.POST, REGISTER)))


@page
@require_POST
def owners(request: HttpRequest, key: str) -> HttpResponse:
    """Who answers for it, and who stands in."""
    actor, found = _found(request, key)
    form = OwnersForm(request.POST)
    if form.is_valid():
        try:
            set_owners(actor=actor, now=utc_now(), audience=found, **form.cleaned_data)
            messages.success(request, f"Saved: who answers for {found.name}. Drafts for it wait in their queues.")
            return redirect("console:audience", found.key)
        except InvalidInput as refused:
            form.add_error("deputy", refused.message)
    return _shown(request, actor, found, tree_of_filter(found.filter), owners_form=form, status=422)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """A new audience, empty until people are put into it or a filter says who belongs."""
    actor = who(request)
    actor.require(Permission.STAKEHOLDER_WRITE)
    form = NewAudienceForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            made = create_audience(actor=actor, now=utc_now(), **form.cleaned_data)
        except (InvalidInput, Conflict) as refused:
            named = {name: texts for name, texts in refused.fields.items() if name in form.fields}
            for name, texts in (named or {"key": [refused.message]}).items():
                form.add_error(name, texts)
        else:
            messages.success(request, f"{made.name} is made. Say below who belongs to it.")
            return redirect("console:audience", made.key)
    return render(request, "console/audience/new.html", {"form": form}, status=422 if form.errors else 200)


def _found(request: HttpRequest, key: str) -> tuple[Actor, Audience]:
    actor = who(request)
    found = Audience.objects.select_related("owner", "deputy").filter(key=key).first()
    if found is None or not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    return actor, found


def _belonging(audience: Audience, tree: Node) -> dict[str, Any]:
    """Who belongs by these fields: the list of the audience beside them."""
    names = dict(Component.objects.values_list("key", "name"))
    try:
        condition = _condition(audience, tree)
    except InvalidInput as refused:
        return {"problems": [text for texts in refused.fields.values() for text in texts]}
    circle = Circle(audience, condition)
    seen = preview(circle)
    return {
        "words": in_words(condition, names) if condition is not None else "",
        "seen": seen,
        "addresses": [(channel_words(kind), count) for kind, count in sorted(seen.addresses.items(), key=lambda pair: -pair[1])],
        "missed": [(count, WORDS[reason]) for reason, count in seen.unreached.items()],
        "sample": [(one, why.reasons) for one, why in zip(seen.sample, why_belong(circle, seen.sample), strict=True)],
        "unknown": sorted(_components_named(condition) - names.keys()) if condition is not None else [],
    }


def _condition(audience: Audience, tree: Node) -> Filter | None:
    return condition_for(filter_written(tree), is_internal=audience.is_internal)


def _components_named(condition: Filter) -> set[str]:
    named = [test.value for test in tests(condition) if test.fact == "component" and isinstance(test.value, tuple)]
    return {key for keys in named for key in keys}


def _asked(request: HttpRequest, audience: Audience) -> list[tuple[Stakeholder, Any]]:
    """People found by name, with whether and why they belong to the audience as it is stored."""
    query = request.GET.get("who", "").strip()
    if not query:
        return []
    circle = Circle.of(audience)
    people = Stakeholder.objects.filter(Q(name__icontains=query) | Q(public_id=query)).prefetch_related("depends_on").order_by("name", "id")
    asked = list(people[:ASKED])
    return list(zip(asked, why_belong(circle, asked), strict=True))


def _shown(
    request: HttpRequest,
    actor: Actor,
    audience: Audience,
    tree: Node,
    *,
    errors: dict[str, list[str]] | None = None,
    owners_form: OwnersForm | None = None,
    status: int = 200,
) -> HttpResponse:
    may_write = actor.may(Permission.STAKEHOLDER_WRITE)
    initial = {"owner": audience.owner, "deputy": audience.deputy}
    context = {
        "audience": audience,
        "node": tree,
        "fact_groups": FACT_GROUPS,
        "top": with_errors(tree, errors or {}),
        "has_errors": bool(errors),
        "owners_form": owners_form or OwnersForm(initial=initial),
        "has_teams": Team.objects.exists(),
        "listed": audience.members.count(),
        "may_write": may_write,
        "who": request.GET.get("who", ""),
        "asked": _asked(request, audience),
        **_belonging(audience, tree),
    }
    return render(request, "console/audience.html", context, status=status)
