"""The editor of an update: one form that works by itself, and the two addresses its script talks to."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST

from accounts.actors import Actor
from accounts.queries.names import names_of
from accounts.rules.roles import Permission
from approvals.queries.owed import owed_by
from approvals.queries.waiting import who_would_be_asked
from approvals.rules.review import named
from approvals.services import request_review
from console.forms.update import UpdateForm
from console.preview import previews
from console.queries.editor import ask_words, asked_words, called_words, gaps, reach_words
from console.queries.findings import findings_by_audience
from console.queries.room import slots_of
from console.views.beside import beside_fields
from console.views.support import page, to_step_up, who
from core.clock import utc_now
from core.errors import Conflict, DomainError, NotFound, StaleRevision, StepUpRequired
from incidents.models import Update, UpdateRevision
from incidents.queries import open_promise, visible_update
from incidents.queries.correcting import as_it_stands
from incidents.rules.content import Content
from incidents.rules.words import UpdateState
from incidents.services import revise_update
from notifications.queries.promised import promise_that_runs_on
from notifications.queries.reach import reach
from notifications.rules.times import zone_named

CLOSED = frozenset({UpdateState.RELEASED, UpdateState.WITHDRAWN})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def editor(request: HttpRequest, public_id: str) -> HttpResponse:
    """The editor. A POST saves; with `act=ask` it saves and asks for review, in one step and with one set of errors."""
    actor = who(request)
    update = visible_update(actor, public_id)
    if request.method != "POST":
        return _show(request, actor, update, _form(request, actor, update, bound=False))
    actor.require(Permission.UPDATE_WRITE)
    form = _form(request, actor, update, bound=True)
    if not form.is_valid():
        return _show(request, actor, update, form, status=422)
    try:
        revision = _save(actor, update, form, over=request.POST.get("act") == "over")
        if request.POST.get("act") == "ask":
            review_round = request_review(actor=actor, now=utc_now(), update_id=update.pk, revision=revision.number)
    except StaleRevision:
        return _show(request, actor, visible_update(actor, public_id), form, stale=True, status=412)
    except NotFound:
        raise
    except StepUpRequired:
        # What was typed is stored by now; only the asking waits for the password.
        messages.info(request, "Saved. This update goes out by itself, which takes your password: confirm it, then ask for review again.")
        return to_step_up(request, back_to=reverse("console:editor", args=[public_id]))
    except DomainError as error:
        beside_fields(form, error, field_of=form.field_for)
        return _show(request, actor, visible_update(actor, public_id), form, status=422)
    if request.POST.get("act") == "ask":
        said, where = f"Review asked of {called_words(review_round)}.", redirect("console:room", update.incident.public_id)
    else:
        said, where = f"Saved as revision {revision.number}.", redirect("console:editor", update.public_id)
    messages.success(request, said)
    return where


@page
@require_POST
def save(request: HttpRequest, public_id: str) -> HttpResponse:
    """Saves while somebody types. Answers JSON: the new revision, or why not (412 newer version, 409 locked, 422 fields)."""
    actor = who(request)
    update = visible_update(actor, public_id)
    actor.require(Permission.UPDATE_WRITE)
    form = _form(request, actor, update, bound=True)
    if not form.is_valid():
        return _refused(form, 422)
    try:
        revision = _save(actor, update, form)
    except StaleRevision:
        return JsonResponse({"code": "stale", **_saved(actor, visible_update(actor, public_id))}, status=412)
    except Conflict as error:
        return JsonResponse({"code": error.code, "message": error.message, **_saved(actor, visible_update(actor, public_id))}, status=409)
    except NotFound:
        raise
    except DomainError as error:
        beside_fields(form, error, field_of=form.field_for)
        return _refused(form, 422)
    return JsonResponse(_saved(actor, Update.objects.select_related("current").get(pk=update.pk)) | {"gaps": gaps(revision.parsed())})


@page
@require_POST
def preview(request: HttpRequest, public_id: str) -> HttpResponse:
    """What is typed right now, as each channel will show it. Stores nothing."""
    actor = who(request)
    update = visible_update(actor, public_id)
    form = _form(request, actor, update, bound=True)
    form.is_valid()
    content = form.content()
    found = findings_by_audience(content)
    # Every tab's list, also those that are empty now: what stood there before goes away.
    by_key = [(audience.key, found.get(audience.key)) for audience in form.audiences]
    return render(request, "console/editor/preview.html", {"live": True, "found_by_key": by_key} | _seen(actor, update, content))


def _form(request: HttpRequest, actor: Actor, update: Update, *, bound: bool) -> UpdateForm:
    revision = _current(update)
    zone = zone_named(actor.user.time_zone if actor.user else "UTC")
    unlocked = update.state == UpdateState.DRAFT or request.GET.get("unlock") == "1"
    editable = unlocked and update.state not in CLOSED and actor.may(Permission.UPDATE_WRITE)
    return UpdateForm(
        request.POST if bound else None,
        content=revision.parsed(),
        zone=zone,
        base_revision=revision.number,
        unlocked=unlocked and update.state != UpdateState.DRAFT,
        locked=not bound and not editable,
    )


def _save(actor: Actor, update: Update, form: UpdateForm, *, over: bool = False) -> UpdateRevision:
    """Stores what was typed. An update that left the draft state is touched only by someone who unlocked it on purpose."""
    if update.state not in {UpdateState.DRAFT, *CLOSED} and not form.cleaned_data["unlocked"]:
        raise Conflict("Review was asked for meanwhile. Editing would void it: unlock the update first.", code="locked")
    base = _current(update).number if over else form.cleaned_data["base_revision"]
    return revise_update(actor=actor, now=utc_now(), update_id=update.pk, base_revision=base, content=form.content())


def _current(update: Update) -> UpdateRevision:
    if update.current is None:
        raise NotFound
    return update.current


def _saved(actor: Actor, update: Update) -> dict[str, Any]:
    """The newest version as a script wants it; `mine` where the asker saved it, then in another tab or window."""
    revision = _current(update)
    by = names_of([revision.author_ref])[revision.author_ref]
    badge = render_to_string("components/badge.html", {"value": update.state})
    mine, at = revision.author_ref == actor.ref, revision.created_at.isoformat()
    return {"revision": revision.number, "state": update.state, "badge": badge, "by": by, "mine": mine, "at": at}


def _refused(form: UpdateForm, status: int) -> JsonResponse:
    errors = {name if name == "__all__" else form[name].auto_id: list(texts) for name, texts in form.errors.items()}
    return JsonResponse({"code": "fields", "errors": errors}, status=status)


def _seen(actor: Actor, update: Update, content: Content) -> dict[str, Any]:
    zone = zone_named(actor.user.time_zone if actor.user else "UTC")
    found = reach(update, content, now=utc_now())
    used = {one.key: [channel for channel, count in one.addresses.items() if count] for one in found.audiences}
    return {
        "previews": previews(
            content if update.state in CLOSED else as_it_stands(update, content, update.incident),
            now=utc_now(),
            zone=zone,
            channels=used,
            kind=update.kind,
            runs_until=promise_that_runs_on(update, audiences=content.audiences, at=utc_now()),
        ),
        "gaps": gaps(content),
        "reach": found,
        "reach_words": reach_words(found),
    }


def _show(request: HttpRequest, actor: Actor, update: Update, form: UpdateForm, *, stale: bool = False, status: int = 200) -> HttpResponse:
    revision = _current(update)
    may_write = actor.may(Permission.UPDATE_WRITE) and update.state not in CLOSED
    locked = not form.is_bound and form.fields["status"].disabled
    content = form.content() if form.is_bound else revision.parsed()
    found = findings_by_audience(content)
    slots = slots_of(update)
    asked = who_would_be_asked(update, revision.parsed(), asking=actor.user, at=utc_now())
    context = {
        "update": update,
        "incident": update.incident,
        "revision": revision,
        "form": form,
        "tabs": [tab | {"found": found.get(tab["audience"].key)} for tab in form.tabs()],
        "component_fields": [form[f"component-{component.public_id}"] for component in form.components],
        "saved": _saved(actor, update),
        "stale": stale,
        "locked": locked,
        "may_unlock": locked and may_write,
        "approvals": sum(slot.verdict == "approve" for slot in slots),
        "slots": slots,
        "ask_words": ask_words(asked),
        "asked_words": asked_words(asked),
        "nobody_free": not all(one.asked for one in asked),
        "asked": [{"name": named(one.kind), "who": one} for one in asked],
        "promise": open_promise(update.incident),
        "owed": owed.in_words() if (owed := owed_by(update)) else "",
        "zone": form.zone.key,
        "now": utc_now(),
        "me": actor.user,
        **_seen(actor, update, content),
    }
    return render(request, "console/editor.html", context, status=status)
