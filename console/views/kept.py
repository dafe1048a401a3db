"""What somebody typed, kept while they prove who they are."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse

from console.views.support import to_step_up
from core.errors import StepUpRequired


def keep(request: HttpRequest, error: StepUpRequired, key: str, *names: str, lists: Sequence[str] = (), back_to: str = "") -> HttpResponse:
    """Keeps these fields in the session and sends the person to prove who they are; they come back to the page, filled in.

    `lists` are fields of which several values may be chosen.
    """
    typed: dict[str, Any] = {name: request.POST.get(name, "") for name in names}
    request.session[f"kept-{key}"] = typed | {name: request.POST.getlist(name) for name in lists}
    return to_step_up(request, where=error.where, back_to=back_to)


def kept(request: HttpRequest, key: str) -> dict[str, Any]:
    """What was kept for this page; empty when nothing was."""
    found: dict[str, Any] = request.session.get(f"kept-{key}", {})
    return found


def forget(request: HttpRequest, key: str) -> None:
    """It is done: nothing needs to be filled in again."""
    request.session.pop(f"kept-{key}", None)


def carry(request: HttpRequest, key: str, **typed: str) -> None:
    """Has what was typed on another page wait for this one; what is empty takes nothing away that waits already."""
    request.session[f"kept-{key}"] = kept(request, key) | {name: text for name, text in typed.items() if text}


def review_comment(update_id: str) -> str:
    """The session's key for the comment that somebody began on the review page of this update."""
    return f"review-comment-{update_id}"
