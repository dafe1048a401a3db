"""The override, and what follows from it: ratification."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.models import Override, Release
from approvals.queries.overrides import ratification_facts, ratify_within, visible_override
from approvals.rules.override import kinds_in_words, may_decide
from approvals.rules.review import named
from approvals.services import decide_ratification, override_release
from approvals.services.override_release import who_will_be_told
from console.forms.governing import ReasonForm
from console.queries.governing import override_view, overrides_listed
from console.queries.wordings import wordings_of
from console.views.beside import beside_fields
from console.views.kept import forget, keep, kept
from console.views.support import page, revision_from, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound, StepUpRequired
from incidents.models import Update
from incidents.queries import visible_update
from notifications.queries.reach import reach

NEEDED = "Say why this cannot wait for the reviews: everyone told reads it."
WHY = "Everyone told reads it, and it stays on the record: what happens if this waits?"


@page
@require_http_methods(["GET", "HEAD", "POST"])
def override(request: HttpRequest, update_id: str) -> HttpResponse:
    """Says why it is open, what it stands in for and what not, and who will be told; then asks for a reason and a second factor."""
    actor, now = who(request), utc_now()
    update = visible_update(actor, update_id)
    actor.require(Permission.RELEASE_OVERRIDE)
    released = Release.objects.filter(update_of=update).first()
    if released is not None:
        return redirect("console:release_progress", released.public_id)
    key = f"override-{update.public_id}"
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        label="Why this cannot wait",
        help_text=WHY,
        needed=NEEDED,
        initial=kept(request, key),
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = override_release(
                actor=actor, now=now, update_id=update.pk, revision=revision_from(request), reason=form.cleaned_data["reason"]
            )
        except StepUpRequired as error:
            return keep(request, error, key, "reason")
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error)
        else:
            forget(request, key)
            messages.success(request, "Released by override. Everyone named was told; somebody else has to ratify it.")
            return redirect("console:release_progress", done.public_id)
    return render(request, "console/override.html", _offer(actor, update, form, now), status=422 if form.errors else 200)


def _offer(actor: Actor, update: Update, form: ReasonForm, now: datetime) -> dict[str, Any]:
    if update.current is None:
        raise NotFound
    content = update.current.parsed()
    view = override_view(actor, update, update.current, now)
    told = who_will_be_told(update, now=now, without=actor.require_person())
    return {
        "update": update,
        "incident": update.incident,
        "revision": update.current,
        "content": content,
        "wordings": wordings_of(content),
        "view": view,
        "fills": kinds_in_words(view.fills),
        "given": [named(slot.kind) for slot in view.facts.slots if slot.approved],
        "told": told,
        "ratify_hours": int(ratify_within(update.incident).total_seconds() // 3600),
        "people": reach(update, content, now=now).readers,
        "form": form,
        "confirmed": actor.second_factor_at,
        "now": now,
    }


@page
@require_safe
def ratifications(request: HttpRequest) -> HttpResponse:
    """Overrides that wait for somebody to stand behind them, and those decided lately."""
    waiting, decided = overrides_listed(who(request))
    return render(request, "console/ratifications.html", {"waiting": waiting, "decided": decided, "now": utc_now()})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def override_page(request: HttpRequest, override_id: str) -> HttpResponse:
    """What was released, by whom, why, without which review; and the decision."""
    actor, now = who(request), utc_now()
    found = visible_override(actor, override_id)
    key = f"ratify-{found.public_id}"
    form = ReasonForm(
        request.POST if request.method == "POST" else None,
        label="What you say to it",
        help_text="Needed when you refuse: the correction starts from it.",
        initial=kept(request, key),
    )
    if request.method == "POST" and form.is_valid():
        try:
            done = decide_ratification(
                actor=actor,
                now=now,
                override_id=found.pk,
                ratify=request.POST.get("decision") == "ratify",
                reason=form.cleaned_data["reason"],
            )
        except StepUpRequired as error:
            return keep(request, error, key, "reason")
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error)
        else:
            forget(request, key)
            return _decided(request, done)
        found = visible_override(actor, override_id)
    return render(request, "console/override_page.html", _record(actor, found, form, now), status=422 if form.errors else 200)


def _decided(request: HttpRequest, done: Override) -> HttpResponse:
    if done.correction is None:
        messages.success(request, "Ratified. It stays on the record as released by override.")
        return redirect("console:override_page", done.public_id)
    messages.success(request, "Refused. The draft of a correction stands ready.")
    return redirect("console:editor", done.correction.public_id)


def _record(actor: Actor, found: Override, form: ReasonForm, now: datetime) -> dict[str, Any]:
    content = found.revision.parsed()
    reasons = may_decide(ratification_facts(actor=actor, user=actor.require_person(), override=found))
    return {
        "override": found,
        "incident": found.update_of.incident,
        "update": found.update_of,
        "release": found.release,
        "wordings": wordings_of(content),
        "fills": kinds_in_words([one["kind"] for one in found.fills]),
        "may_decide": not reasons,
        "reasons": reasons,
        "waits": found.state == "awaiting",
        "form": form,
        "now": now,
    }
