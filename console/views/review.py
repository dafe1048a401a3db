"""The review queue and the page on which a verdict is given."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from approvals.models import Release
from approvals.queries import live_round, review_queue
from approvals.queries.disputes import open_disputes
from approvals.queries.gate import screened
from approvals.queries.statement_queue import statement_queue
from approvals.queries.waiting import SlotState, slot_states
from approvals.rules.review import named
from approvals.services import give_verdict
from console.queries.governing import waiting_decisions
from console.queries.review import base_of, changes, comments_of, components_of, noted, open_kinds, variants_of
from console.views.kept import review_comment
from console.views.support import page, refuse, revision_from, to_step_up, who
from core.clock import utc_now
from core.errors import DomainError, NotFound, StepUpRequired
from incidents.models import Update
from incidents.queries import visible_update
from notifications.queries.reach import reach


@page
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for a verdict: the reader's own first, each part by what runs out first."""
    actor, now = who(request), utc_now()
    items = review_queue(actor, now)
    mine, others = [item for item in items if item.is_for_me], [item for item in items if not item.is_for_me]
    context = {"mine": mine, "others": others, "statements": statement_queue(actor, now), "now": now, **waiting_decisions(actor)}
    return render(request, "console/reviews.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, update_id: str) -> HttpResponse:
    """What changed, who reads it, findings; then a verdict bound to exactly this revision. `?link=` is a review link's token."""
    actor, now = who(request), utc_now()
    update = visible_update(actor, update_id)
    if request.method == "POST":
        return _decide(request, actor, update, now)
    return _show(request, actor, update, now)


def _decide(request: HttpRequest, actor: Actor, update: Update, now: datetime) -> HttpResponse:
    comment = request.POST.get("comment", "")
    try:
        given = give_verdict(
            actor=actor,
            now=now,
            update_id=update.pk,
            kind=request.POST.get("kind", ""),
            verdict=request.POST.get("verdict", ""),
            revision=revision_from(request),
            comment=comment,
            link=request.GET.get("link", ""),
        )
    except StepUpRequired:
        request.session[review_comment(update.public_id)] = comment
        return to_step_up(request)
    except NotFound:
        raise
    except DomainError as error:
        refuse(request, error)
        request.session[review_comment(update.public_id)] = comment
        return redirect("console:review", update.public_id)
    request.session.pop(review_comment(update.public_id), None)
    said = "approved" if given.verdict == "approve" else "asked for changes"
    messages.success(request, f"You {said}: revision {given.revision.number}.")
    return redirect("console:room", update.incident.public_id)


def _show(request: HttpRequest, actor: Actor, update: Update, now: datetime) -> HttpResponse:
    revision = update.current
    if revision is None:
        raise NotFound
    content = revision.parsed()
    base = base_of(actor.user, update, revision)
    found = screened(content)
    live = live_round(update)
    kinds = open_kinds(live, frozenset(permission.value for permission in actor.permissions)) if live else []
    states = slot_states(live, at=now) if live else []
    context: dict[str, Any] = {
        "update": update,
        "incident": update.incident,
        "revision": revision,
        "content": content,
        "base": base,
        "changes": changes(base.content, content) if base.content else [],
        # Against one's own verdict the difference is what matters; against another update the whole wording is.
        "diff_first": base.own,
        "variants": variants_of(content, base.content, comments_of(update), found),
        "round": live,
        "release": Release.objects.filter(update_of=update).select_related("released_by", "revision").first(),
        "correction": update.corrected_by.filter(state="released").order_by("-released_at").first(),
        "disputes": open_disputes(update).select_related("by"),
        "slots": [_slot(state, actor, kinds, states) for state in states],
        "kinds": [{"value": kind, "name": named(kind)} for kind in kinds],
        "mine": [state for state in states if state.slot.kind in kinds],
        "claimed_by_me": [state.slot.kind for state in states if state.claim and state.claim.user == actor.user],
        "findings": noted(found),
        "reach": reach(update, content, now=now),
        "components": components_of(content),
        "next_words": f"within {content.next_update_minutes} minutes of release" if content.next_update_minutes else "none promised",
        "comment": request.session.get(review_comment(update.public_id), ""),
        "passage": request.session.pop(f"passage-{update.public_id}", {}),
        "verdict_href": request.get_full_path() if request.GET.get("link") else reverse("console:review", args=[update.public_id]),
        "may_comment": live is not None and live.state == "open" and actor.user is not None,
        "now": now,
    }
    return render(request, "console/review.html", context)


def _slot(state: SlotState, actor: Actor, kinds: list[str], states: list[SlotState]) -> dict[str, Any]:
    """Who else decides. Another's verdict shows only after one's own, so that neither leans on the other."""
    mine = any(one.review and one.review.reviewer == actor.user for one in states)
    return {
        "state": state,
        "name": named(state.slot.kind),
        "is_mine": state.slot.kind in kinds and state.is_open,
        "hidden": bool(kinds) and not mine and state.review is not None,
    }
