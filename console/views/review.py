"""The review queue and the page on which a verdict is given."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from approvals.models import ReviewRound
from approvals.queries import last_approved_revision, live_round, review_queue
from approvals.queries.statements import statement_queue
from approvals.services import give_verdict
from catalogue.models import Component
from console.diffs import Part, word_diff
from console.views.support import page, refuse, revision_from, to_step_up, who
from core.clock import utc_now
from core.errors import DomainError, NotFound, StepUpRequired
from incidents.models import Update, UpdateRevision
from incidents.queries import visible_update
from incidents.rules.content import Content, Wording
from notifications.rules.markdown import to_html
from stakeholders.queries import reach_counts


@page
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for the reader's verdict, the nearest deadline first."""
    actor, now = who(request), utc_now()
    return render(
        request, "console/reviews.html", {"waiting": review_queue(actor, now), "statements": statement_queue(actor, now), "now": now}
    )


@page
@require_http_methods(["GET", "HEAD", "POST"])
def review(request: HttpRequest, update_id: str) -> HttpResponse:
    """Facts, wording and what changed; then one of two verdicts, bound to exactly this revision."""
    actor, now = who(request), utc_now()
    update = visible_update(actor, update_id)
    if request.method == "POST":
        return _decide(request, actor, update, now)
    return _show(request, actor, update, now)


def _kept(update: Update) -> str:
    return f"review-comment-{update.public_id}"


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
        )
    except StepUpRequired:
        request.session[_kept(update)] = comment
        return to_step_up(request)
    except NotFound:
        raise
    except DomainError as error:
        refuse(request, error)
        request.session[_kept(update)] = comment
        return redirect("console:review", update.public_id)
    request.session.pop(_kept(update), None)
    said = "approved" if given.verdict == "approve" else "asked for changes"
    messages.success(request, f"You {said}: revision {given.revision.number}.")
    return redirect("console:room", update.incident.public_id)


@dataclass(frozen=True)
class VariantView:
    """One audience's wording, and what changed in it."""

    audience: str
    wording: Wording
    body_html: SafeString
    title_parts: list[Part]
    body_parts: list[Part]
    is_new: bool


def _show(request: HttpRequest, actor: Actor, update: Update, now: datetime) -> HttpResponse:
    revision = update.current
    if revision is None:
        raise NotFound
    content = revision.parsed()
    base, base_words = _base(actor, update, revision)
    live = live_round(update)
    context: dict[str, Any] = {
        "update": update,
        "incident": update.incident,
        "revision": revision,
        "content": content,
        "base_words": base_words,
        # Against one's own approval the difference is what matters; against another update the whole wording is.
        "diff_first": base is not None and base.update_of_id == update.pk,
        "variants": _variants(content, base.parsed() if base else None),
        "round": live,
        "slots": _slots(live, actor) if live else [],
        "kinds": _open_kinds(live, actor) if live else [],
        "reach": reach_counts(content.audiences),
        "components": _components(content),
        "next_words": f"within {content.next_update_minutes} minutes of release" if content.next_update_minutes else "none promised",
        "comment": request.session.get(_kept(update), ""),
        "now": now,
    }
    return render(request, "console/review.html", context)


def _components(content: Content) -> list[dict[str, str]]:
    names = dict(Component.objects.filter(public_id__in=[c.id for c in content.components]).values_list("public_id", "name"))
    return [{"name": names.get(c.id, c.id), "status": c.status} for c in content.components]


def _base(actor: Actor, update: Update, revision: UpdateRevision) -> tuple[UpdateRevision | None, str]:
    """What the reader compares with: what they last approved, else what was last released."""
    approved = last_approved_revision(actor.user, update) if actor.user else None
    if approved is not None and approved.pk != revision.pk:
        return approved, f"Changed since revision {approved.number}, which you approved"
    released = Update.objects.filter(incident=update.incident, state="released").order_by("-released_at").first()
    if released is not None and released.current is not None:
        return released.current, "Changed since the last released update"
    return None, "The first update of this incident"


def _variants(content: Content, base: Content | None) -> list[VariantView]:
    found = []
    for audience, by_language in sorted(content.wording.items()):
        for language, wording in sorted(by_language.items()):
            old = base.wording.get(audience, {}).get(language) if base else None
            found.append(
                VariantView(
                    audience=audience,
                    wording=wording,
                    # What the renderer let through is safe: Markdown without HTML, then nh3.
                    body_html=mark_safe(to_html(wording.body)),  # noqa: S308
                    title_parts=word_diff(old.title, wording.title) if old else [Part("same", wording.title)],
                    body_parts=word_diff(old.body, wording.body) if old else [Part("same", wording.body)],
                    is_new=old is None,
                )
            )
    return found


def _slots(live: ReviewRound, actor: Actor) -> list[dict[str, Any]]:
    """Who else decides. Another's verdict shows only after one's own, so that neither leans on the other."""
    given = {review.slot_id: review for review in live.reviews.select_related("reviewer")}
    mine = any(review.reviewer == actor.user for review in given.values())
    waiting_for_me = bool(_open_kinds(live, actor)) and not mine
    return [
        {"kind": slot.kind, "due_at": slot.due_at, "review": given.get(slot.pk), "hidden": waiting_for_me and slot.pk in given}
        for slot in live.slots.all()
    ]


def _open_kinds(live: ReviewRound, actor: Actor) -> list[str]:
    """The kinds of review still open that the reader's roles allow."""
    if live.state != "open":
        return []
    taken = set(live.reviews.values_list("slot_id", flat=True))
    return [
        slot.kind for slot in live.slots.all() if slot.pk not in taken and f"review.{slot.kind}" in {p.value for p in actor.permissions}
    ]
