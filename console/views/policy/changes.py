"""What a version says otherwise than another, and putting it in force."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.rules.roles import Permission
from console.forms.typed import small_int
from console.queries.policy_effects import MOST_LISTED, effects_of
from console.queries.policy_words import document_by_names
from console.views.policy.shared import people, reader, refused, version_and_document
from console.views.support import page
from core.clock import utc_now
from core.errors import Conflict
from policies.queries import active_policy, visible_versions, why_not_activate
from policies.rules.compare import ChangeKind, compare
from policies.services import activate_version


@page
@require_safe
def differences(request: HttpRequest, number: int) -> HttpResponse:
    """Rule by rule, in words: this version beside another, the one in force unless said otherwise."""
    actor = reader(request)
    version, document = version_and_document(actor, number)
    other_number = small_int(request.GET.get("with", "")) or active_policy().number
    other, other_document = version_and_document(actor, other_number)
    changes = compare(document_by_names(other_document), document_by_names(document))
    context = {
        "version": version,
        "other": other,
        "changes": [change for change in changes if change.kind is not ChangeKind.SAME],
        "same": [change.key for change in changes if change.kind is ChangeKind.SAME],
        "versions": visible_versions(actor).exclude(pk=version.pk)[:50],
    }
    return render(request, "console/policy/compare.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest, number: int) -> HttpResponse:
    """What will change, for which open incidents; then one button, for somebody who did not change the version last."""
    actor = reader(request)
    version, document = version_and_document(actor, number)
    if request.method == "POST":
        try:
            activate_version(actor=actor, now=utc_now(), version=version)
        except Conflict as error:
            return refused(request, error, number)
        messages.success(request, f"Version {number} is in force. Every open incident has been decided again.")
        return redirect("console:policy")
    in_force = active_policy()
    changes = compare(document_by_names(version_and_document(actor, in_force.number)[1]), document_by_names(document))
    total, effects = effects_of(actor, version, utc_now())
    context = {
        "version": version,
        "in_force": in_force,
        "people": people(version),
        "changes": [change for change in changes if change.kind is not ChangeKind.SAME],
        "total": total,
        "effects": effects[:MOST_LISTED],
        "affected": len(effects),
        "why_not": why_not_activate(version, actor.require_person()),
        "may_activate": actor.may(Permission.POLICY_ACTIVATE),
    }
    return render(request, "console/policy/confirm.html", context)
