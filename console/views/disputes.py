"""Disputing a passage, and the arbiter's page."""

from datetime import datetime
from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.models import Dispute
from approvals.queries import live_round
from approvals.queries.disputes import visible_dispute
from approvals.rules.review import named
from approvals.services import dispute_passage, rule_dispute, withdraw_dispute
from console.forms.governing import DisputeForm, RulingForm
from console.instants import zone_of_reader
from console.queries.governing import context_of, disputes_listed
from console.views.beside import beside_fields
from console.views.kept import carry, forget, keep, kept, review_comment
from console.views.support import page, refuse, revision_from, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound, StepUpRequired
from incidents.models import Update
from incidents.queries import visible_update
from notifications.rules.times import in_words
from stakeholders.queries import audience_names

PLACE = ("audience", "language", "field")


@page
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: HttpRequest, update_id: str) -> HttpResponse:
    """Quote the passage and say what is wrong with it. The review page leads here with what was selected and typed there."""
    actor, now = who(request), utc_now()
    update = visible_update(actor, update_id)
    if update.current is None:
        raise NotFound
    if "from_review" in request.POST:
        return _carried(request, update)
    form = _form(request, actor, update)
    if request.method == "POST" and form.is_valid():
        key = f"dispute-{update.public_id}"
        try:
            made = _open(actor, update, form.cleaned_data, revision_from(request), now)
        except StepUpRequired as error:
            return keep(request, error, key, "kind", "place", "quote", "reason")
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error, field_of=form.field_for)
        else:
            forget(request, key)
            request.session.pop(review_comment(update.public_id), None)
            messages.success(
                request,
                f"Disputed. An arbiter is asked to rule by {in_words(made.due_at, zone_of_reader(request))}; nothing is approved before.",
            )
            return redirect("console:dispute_page", made.public_id)
    content = update.current.parsed()
    context = {"update": update, "incident": update.incident, "revision": update.current, "content": content, "form": form, "now": now}
    return render(request, "console/dispute_new.html", context, status=422 if form.errors else 200)


def _carried(request: HttpRequest, update: Update) -> HttpResponse:
    """The form filled in with what was selected and typed on the review page, which keeps the comment too. Nothing is disputed yet."""
    given = {name: request.POST.get(name, "") for name in ("kind", "place", "quote", "comment")}
    carry(request, f"dispute-{update.public_id}", kind=given["kind"], place=given["place"], quote=given["quote"], reason=given["comment"])
    request.session[review_comment(update.public_id)] = given["comment"]
    return redirect("console:dispute", update.public_id)


def _form(request: HttpRequest, actor: Actor, update: Update) -> DisputeForm:
    live, revision = live_round(update), update.current
    kinds = [slot.kind for slot in live.slots.all()] if live else []
    mine = [kind for kind in kinds if f"review.{kind}" in {held.value for held in actor.permissions}] or kinds
    place = [request.GET.get(part, "") for part in PLACE]
    initial = {
        "kind": request.GET.get("kind", ""),
        "place": "|".join(place) if all(place) else "",
        "quote": request.GET.get("quote", ""),
    } | kept(request, f"dispute-{update.public_id}")
    if revision is None:
        raise NotFound
    return DisputeForm(
        request.POST if request.method == "POST" else None,
        content=revision.parsed(),
        kinds=[(kind, named(kind)) for kind in mine],
        names=audience_names(),
        initial=initial,
    )


def _open(actor: Actor, update: Update, given: dict[str, Any], revision: int, now: datetime) -> Dispute:
    audience, language, field = given["place"].split("|")
    return dispute_passage(
        actor=actor,
        now=now,
        update_id=update.pk,
        kind=given["kind"],
        revision=revision,
        audience=audience,
        language=language,
        field=field,
        quote=given["quote"].replace("\r\n", "\n"),
        reason=given["reason"],
    )


@page
@require_safe
def disputes(request: HttpRequest) -> HttpResponse:
    """What waits for a ruling, and what was settled lately."""
    actor = who(request)
    waiting, settled = disputes_listed(actor)
    context = {"waiting": waiting, "settled": settled, "may_rule": actor.may(Permission.DISPUTE_RULE), "now": utc_now()}
    return render(request, "console/disputes.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def dispute_page(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """The passage in its place, what is said against it, and the ruling."""
    actor, now = who(request), utc_now()
    found = visible_dispute(actor, dispute_id)
    key = f"ruling-{found.public_id}"
    form = RulingForm(request.POST if request.method == "POST" else None, initial=kept(request, key))
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            rule_dispute(
                actor=actor,
                now=now,
                dispute_id=found.pk,
                ruling=given["ruling"],
                revision=revision_from(request),
                reason=given["reason"],
                words=given["words"].replace("\r\n", "\n"),
            )
        except StepUpRequired as error:
            return keep(request, error, key, "ruling", "reason", "words")
        except (Forbidden, NotFound):
            raise
        except DomainError as error:
            beside_fields(form, error)
        else:
            forget(request, key)
            messages.success(request, "Your ruling is recorded; everyone who waits for it is told.")
            return redirect("console:dispute_page", found.public_id)
        found = visible_dispute(actor, dispute_id)
    return render(request, "console/dispute.html", _seen(actor, found, form, now), status=422 if form.errors else 200)


def _seen(actor: Actor, found: Dispute, form: RulingForm, now: datetime) -> dict[str, Any]:
    live = live_round(found.update_of)
    given = live.reviews.filter(verdict="approve").count() + live.carried_reviews.count() if live else 0
    is_open = found.state == "open"
    return {
        "dispute": found,
        "ruling": getattr(found, "ruling", None),
        "incident": found.update_of.incident,
        "update": found.update_of,
        "revision": found.update_of.current,
        "passage": context_of(found),
        "form": form,
        "approvals": given,
        "is_open": is_open,
        "may_rule": is_open and actor.may(Permission.DISPUTE_RULE) and found.by != actor.user,
        "mine": is_open and found.by == actor.user,
        "may_edit": is_open and actor.may(Permission.UPDATE_WRITE),
        "now": now,
    }


@page
@require_POST
def withdraw(request: HttpRequest, dispute_id: str) -> HttpResponse:
    """Who disputed takes it back."""
    actor = who(request)
    found = visible_dispute(actor, dispute_id)
    try:
        withdraw_dispute(actor=actor, now=utc_now(), dispute_id=found.pk)
    except StepUpRequired as error:
        return keep(request, error, "withdraw", back_to=reverse("console:dispute_page", args=[dispute_id]))
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
    else:
        messages.success(request, "You took the dispute back. Your review is still open: give it on the review page.")
        return redirect("console:review", found.update_of.public_id)
    return redirect("console:dispute_page", dispute_id)
