"""Asking a version what it would decide over facts typed in."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from console.forms.policy_facts import FactsForm
from console.queries.policy_words import by_names
from console.views.policy.shared import reader, version_and_document
from console.views.support import page
from policies.queries import active_policy, visible_versions
from policies.rules.decide import decide
from policies.rules.explain import sentences, span
from policies.rules.urgency import why_so_urgent
from policies.rules.why import steps
from stakeholders.queries import audience_names


@page
@require_safe
def trial(request: HttpRequest, number: int) -> HttpResponse:
    """Which rule decides and why those above it do not. The facts stand in the address, so that a question can be passed on."""
    actor = reader(request)
    version, document = version_and_document(actor, number)
    form = FactsForm(request.GET)
    facts = form.facts()
    walked = steps(document, facts)
    decision = decide(document, facts, version.number)
    again = decision.reconsider_after_minutes
    context = {
        "version": version,
        "in_force": active_policy(),
        "versions": visible_versions(actor)[:50],
        "form": form,
        "rows": form.rows(),
        "walked": walked[:-1],
        "decision": decision,
        "said": sentences(by_names(walked[-1].rule, audience_names())),
        "urgency_why": "because the rule says so" if walked[-1].rule.then.urgency else f"because of {why_so_urgent(facts)}",
        "again": span(again) if again is not None else "",
    }
    return render(request, "console/policy/try.html", context)
