"""What every view of the console shares: who asks, what time it is, and how refusals are answered."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import SuspiciousOperation
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse

from accounts.actors import Actor
from accounts.requests import actor_of
from console.forms.typed import small_int
from core.errors import DomainError, Forbidden, InvalidInput, NotFound, StepUpRequired

View = Callable[..., HttpResponseBase]


def page(view: View) -> View:
    """A page for signed-in people. What may not be seen does not exist; what may not be done says why."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        try:
            refuse_nul(request)
            return view(request, *args, **kwargs)
        except NotFound as error:
            raise Http404 from error
        except StepUpRequired as error:
            return to_step_up(request, where=error.where)
        except Forbidden as error:
            return render(request, "errors/403.html", {"reason": error.message}, status=403)

    return login_required(guarded)


def refuse_nul(request: HttpRequest) -> None:
    """PostgreSQL stores no NUL, and nobody types one. Raises `SuspiciousOperation`, which answers 400."""
    if any("\x00" in value for _, values in request.POST.lists() for value in values):
        raise SuspiciousOperation("NUL in a form.")


def to_step_up(request: HttpRequest, *, back_to: str = "", where: str = "") -> HttpResponse:
    """Sends the person to prove who they are (`where`, as the refusal says; else their password), then back.

    What they had typed is the caller's to keep.
    """
    back = back_to or request.get_full_path()
    return redirect(f"{where or reverse('account_reauthenticate')}?{urlencode({'next': back})}")


def refuse(request: HttpRequest, error: DomainError) -> None:
    """Shows a refusal at the top of the next page, with each field's sentence."""
    details = [field_sentence(name, text) for name, texts in error.fields.items() for text in texts]
    messages.error(request, " ".join([error.message, *details]))


def field_sentence(field: str, sentence: str) -> str:
    """A field's sentence where the field is not beside it: with the field's name, unless the sentence says it or it is no word."""
    name = field.replace("_", " ")
    return sentence if "." in field or name in sentence.lower() else f"{name.capitalize()}: {sentence}"


def who(request: HttpRequest) -> Actor:
    """The actor of this request."""
    return actor_of(request)


def revision_from(request: HttpRequest) -> int:
    """The revision number that the form was made for; raises `InvalidInput` where it is missing."""
    number = small_int(request.POST.get("revision", ""))
    if number is None:
        raise InvalidInput("Load the page again: it no longer says which revision it shows.", fields={"revision": ["Give its number."]})
    return number
