"""The policy in force, in words."""

from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.rules.roles import Permission
from console.views.support import page, who
from core.errors import NotFound
from incidents.rules.words import Status
from policies.models import PolicyVersion
from policies.queries import active_policy


@page
@require_safe
def policy(request: HttpRequest) -> HttpResponse:
    """Each rule in order: the first that matches an incident decides."""
    if not who(request).may(Permission.POLICY_READ):
        raise NotFound
    version = active_policy()
    rules = [{**rule, "when_words": _when_words(rule.get("when") or {}), "cadence": _cadence(rule)} for rule in version.rules]
    return render(request, "console/policy.html", {"policy": version, "rules": rules, "versions": PolicyVersion.objects.all()[:20]})


def _cadence(rule: dict[str, Any]) -> list[tuple[str, int]]:
    """Status and minutes, in the order in which an incident passes through them."""
    promised = rule["then"].get("cadence", {})
    return [(status.value, promised[status]) for status in Status if status in promised]


def _when_words(when: dict[str, Any]) -> str:
    """The condition as a phrase: every fact named must hold, any of the words listed will do."""
    phrases = []
    for fact, wanted in when.items():
        name = fact.replace("_", " ")
        if isinstance(wanted, bool):
            phrases.append(f"{name}: {'yes' if wanted else 'no'}")
        else:
            phrases.append(f"{name} is {' or '.join(str(word) for word in wanted)}")
    return " and ".join(phrases)
