"""A release under way: its page, and pausing, cancelling and sending again."""

import csv
import hashlib
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseNotModified, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from approvals.models import Release
from console.progress import summed_up
from console.queries.governing import release_page_facts
from console.views.kept import forget, keep, kept
from console.views.support import page, refuse, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound, StepUpRequired
from notifications.models import Message
from notifications.queries import visible_release
from notifications.queries.deliveries import as_table, failed_for, recipient_of, unreached_of
from notifications.queries.governing import may_govern
from notifications.queries.live import live
from notifications.services import cancel_message, pause_message, resume_message, send_again, try_now
from stakeholders.rules.channel_words import channel_name

SHOWN = 200


def _message_of(release: Release) -> Message | None:
    return Message.objects.select_related("paused_by", "ended_by").filter(release=release).first()


def _live_context(actor: Actor, release: Release) -> dict[str, Any]:
    message = _message_of(release)
    return {
        "release": release,
        "incident": release.update_of.incident,
        "content": release.revision.parsed(),
        "sending": message,
        "progress": summed_up(live(message)),
        "may_govern": message is not None and may_govern(actor, message),
        "may_list": actor.may(Permission.STAKEHOLDER_READ),
        "public_url": f"{settings.PUBLIC_PAGE_URL.rstrip('/')}/incidents/{release.update_of.incident.public_id}",
    }


def _tag(context: dict[str, Any]) -> str:
    """Changes exactly when what the fragment shows does."""
    sending = context["sending"]
    state = (sending.paused_at, sending.stopped_reason, sending.ended_as) if sending else ()
    shown = (context["progress"], state, context["may_govern"], context["may_list"])
    return f'"{hashlib.sha256(repr(shown).encode()).hexdigest()[:32]}"'


@page
@require_safe
def progress(request: HttpRequest, release_id: str) -> HttpResponse:
    """What has been accepted, what waits, how fast, what failed and why."""
    actor = who(request)
    release = visible_release(actor, release_id)
    live_part = _live_context(actor, release)
    facts = {"update": release.update_of, "tag": _tag(live_part), **release_page_facts(actor, release.update_of)}
    return render(request, "console/release_progress.html", live_part | facts)


@page
@require_safe
def progress_fragment(request: HttpRequest, release_id: str) -> HttpResponse:
    """The part of the page that is asked for again until everything is settled; 304 while nothing has changed."""
    actor = who(request)
    context = _live_context(actor, visible_release(actor, release_id))
    tag = _tag(context)
    if request.headers.get("If-None-Match") == tag:
        answer: HttpResponse = HttpResponseNotModified()
    else:
        answer = render(request, "console/release_progress_live.html", context)
    answer["ETag"], answer["Cache-Control"] = tag, "private, no-cache"
    return answer


def _acted(request: HttpRequest, release: Release, act: Callable[[Message], str]) -> HttpResponse:
    message, back = _message_of(release), reverse("console:release_progress", args=[release.public_id])
    if message is None:
        raise NotFound
    try:
        messages.success(request, act(message))
    except StepUpRequired as error:
        return keep(request, error, "running", back_to=back)
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        refuse(request, error)
    return redirect(back)


@page
@require_POST
def pause(request: HttpRequest, release_id: str) -> HttpResponse:
    """Nothing more is begun."""
    actor = who(request)

    def act(message: Message) -> str:
        pause_message(actor=actor, now=utc_now(), message_id=message.public_id)
        return "Paused: nothing more is begun until somebody resumes it."

    return _acted(request, visible_release(actor, release_id), act)


@page
@require_POST
def resume(request: HttpRequest, release_id: str) -> HttpResponse:
    """It goes on."""
    actor = who(request)

    def act(message: Message) -> str:
        resume_message(actor=actor, now=utc_now(), message_id=message.public_id)
        return "Sending goes on."

    return _acted(request, visible_release(actor, release_id), act)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def cancel(request: HttpRequest, release_id: str) -> HttpResponse:
    """Asks why, says for how many, and then it is for good."""
    actor = who(request)
    release = visible_release(actor, release_id)
    message = _message_of(release)
    if message is None:
        raise NotFound
    context = _live_context(actor, release) | {"reason": kept(request, "cancel-release").get("reason", "")}
    if request.method != "POST":
        return render(request, "console/release_cancel.html", context)
    reason = request.POST.get("reason", "")
    try:
        told = cancel_message(actor=actor, now=utc_now(), message_id=message.public_id, reason=reason)
    except StepUpRequired as error:
        return keep(request, error, "cancel-release", "reason")
    except (Forbidden, NotFound):
        raise
    except DomainError as error:
        shown = {"reason": reason, "problem": " ".join(error.fields.get("reason", [error.message]))}
        return render(request, "console/release_cancel.html", context | shown, status=error.status if error.status != 400 else 422)
    forget(request, "cancel-release")
    messages.success(request, f"Cancelled: {told.words}")
    return redirect("console:release_progress", release.public_id)


@page
@require_POST
def again(request: HttpRequest, release_id: str) -> HttpResponse:
    """Everybody whom one cause kept from receiving it is sent it again, or is tried at once."""
    actor = who(request)
    channel, state, cause = (request.POST.get(name, "") for name in ("channel", "state", "cause"))

    def act(message: Message) -> str:
        if state == "retry_wait":
            tried = try_now(actor=actor, now=utc_now(), message_id=message.public_id, channel=channel, cause=cause)
            return f"{tried:,} are tried now."
        moved = send_again(actor=actor, now=utc_now(), message_id=message.public_id, state=state, channel=channel, cause=cause)
        return f"{moved:,} are sent again, under the same key."

    return _acted(request, visible_release(actor, release_id), act)


@page
@require_safe
def recipients(request: HttpRequest, release_id: str) -> HttpResponse:
    """Who they are whom one cause kept from receiving it, or whom no channel was left for; the addresses shortened."""
    actor = who(request)
    release = visible_release(actor, release_id)
    message = _message_of(release)
    if message is None or not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    channel, state, cause = (request.GET.get(name, "") for name in ("channel", "state", "cause"))
    nowhere = request.GET.get("unreached") == "yes"
    found = unreached_of(message) if nowhere else failed_for(message, state=state, channel=channel, cause=cause)
    rows = list(found[: SHOWN + 1])
    people = [(*recipient_of(row.delivery), row.reason) for row in rows[:SHOWN]]
    context = {
        "release": release,
        "incident": release.update_of.incident,
        "cause": "No further channel was left for them. This is the last address that was tried." if nowhere else cause,
        "channel": "Address" if nowhere else channel_name(channel),
        "people": people,
        "more": len(rows) > SHOWN,
        "shown": SHOWN,
        "asked": urlencode({"channel": channel, "state": state, "cause": cause}),
    }
    return render(request, "console/release_recipients.html", context)


@page
@require_safe
def export(request: HttpRequest, release_id: str) -> HttpResponseBase:
    """Every delivery as CSV, written while it is read."""
    actor = who(request)
    release = visible_release(actor, release_id)
    message = _message_of(release)
    if message is None or not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    writer = csv.writer(_Echo())
    answer = StreamingHttpResponse((writer.writerow(cells) for cells in as_table(message)), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="deliveries-{release.public_id}.csv"'
    return answer


class _Echo:
    """What `csv` writes to, which hands the line back."""

    def write(self, line: str) -> str:
        return line
