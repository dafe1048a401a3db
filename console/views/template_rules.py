"""Which template an event gets: the rules, what nothing was written for, and a tester."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.template_rules import labels_from, rows_of, rules_from, tags_from
from console.forms.typed import small_int
from console.views.support import page, who
from core.clock import utc_now
from core.errors import DomainError, NotFound
from incidents.rules.words import Category, Status
from integrations.queries import mapping_for
from integrations.rules.sources import Source
from stakeholders.queries import audience_keys
from templates.models import UpdateTemplate
from templates.queries import TemplateMap, template_map, unmapped_categories
from templates.rules.mapping import Because, never_reached
from templates.services import save_rules
from templates.services.save_rules import RuleInput

WHY = {
    Because.CATEGORY: "written for this category",
    Because.ANY: "serves any category",
    Because.NOTHING: "no template: the draft marks title and text to be written",
}


@page
@require_http_methods(["GET", "HEAD", "POST"])
def rules(request: HttpRequest) -> HttpResponse:
    """The rules in order, edited in place; the first that matches decides."""
    actor = _reader(request)
    found = template_map()
    given = [RuleInput(row.category, tuple(row.tags), row.template.key) for row in found.rows]
    version, error = str(found.version), None
    if request.method == "POST":
        given, version = rules_from(request.POST), request.POST.get("version", "")
        try:
            base = small_int(version)
            saved = save_rules(actor=actor, now=utc_now(), rules=given, base=-1 if base is None else base)
        except DomainError as refused:
            error = refused
        else:
            messages.success(request, f"Saved as version {saved.version}. New drafts are made by it." if saved else "There are no rules.")
            return redirect("console:template_rules")
    hidden = never_reached(found.rules) if error is None else {}
    rows = rows_of(given)
    for row in rows:
        row["hidden_by"] = hidden.get(row["position"])
        row["errors"] = _errors_of(error, row["position"] - 1)
    context = {
        "rows": rows,
        "version": version,
        "error": error,
        "categories": list(Category),
        "templates": UpdateTemplate.objects.filter(retired_at__isnull=True),
        "may_write": actor.may(Permission.TEMPLATE_WRITE),
    }
    return render(request, "console/template_rules.html", context, status=error.status if error else 200)


@page
@require_safe
def unmapped(request: HttpRequest) -> HttpResponse:
    """Categories that nothing was written for, and what serves instead."""
    actor = _reader(request)
    found = template_map()
    names = {key: template.name for key, template in found.templates.items()}
    rows = [
        {
            "category": category,
            "nothing": [gap for gap in gaps if not gap.falls_back],
            "falls_back": sorted({names[gap.falls_back] for gap in gaps if gap.falls_back}),
            "places": len(gaps),
        }
        for category, gaps in unmapped_categories(found).items()
    ]
    mapped = [word for word in Category if word not in {row["category"] for row in rows}]
    context = {"rows": rows, "mapped": mapped, "may_write": actor.may(Permission.TEMPLATE_WRITE)}
    return render(request, "console/template_unmapped.html", context)


@page
@require_safe
def tester(request: HttpRequest) -> HttpResponse:
    """What an event would get, per audience and status, and why. Alert labels go through the mapping first."""
    _reader(request)
    typed = {name: request.GET.get(name, "") for name in ("labels", "category", "tags")}
    category, tags, asked = typed["category"], tags_from(typed["tags"]), bool(request.GET)
    facts = None
    if typed["labels"].strip():
        facts = mapping_for(Source.ALERTMANAGER).apply(labels_from(typed["labels"]))
        category, tags = facts.category, tuple(facts.tags)
    known = category in set(Category)
    context = {
        "typed": typed,
        "asked": asked,
        "facts": facts,
        "category": category,
        "tags": tags,
        "unknown": asked and not known,
        "categories": list(Category),
        "audiences": _answers(template_map(), category, tags) if asked and known else [],
    }
    return render(request, "console/template_tester.html", context)


def _answers(found: TemplateMap, category: str, tags: tuple[str, ...]) -> list[dict[str, Any]]:
    return [
        {"audience": audience, "answers": [_answer(found, category, tags, status, audience) for status in Status]}
        for audience in audience_keys()
    ]


def _answer(found: TemplateMap, category: str, tags: tuple[str, ...], status: Status, audience: str) -> dict[str, Any]:
    chosen = found.find(category=category, status=status, audience=audience, tags=tags)
    template = found.templates.get(chosen.key)
    newest = template.versions.first() if template else None
    why = f"rule {found.rows[chosen.position - 1].position}" if chosen.position else WHY[chosen.because]
    return {"status": status, "template": template, "title": newest.title if newest else "", "why": why}


def _reader(request: HttpRequest) -> Actor:
    actor = who(request)
    if not actor.may(Permission.TEMPLATE_READ):
        raise NotFound
    return actor


def _errors_of(error: DomainError | None, number: int) -> dict[str, str]:
    """The sentences for one rule, by field."""
    prefix = f"rules.{number}."
    fields = error.fields if error else {}
    return {name.removeprefix(prefix): " ".join(texts) for name, texts in fields.items() if name.startswith(prefix)}
