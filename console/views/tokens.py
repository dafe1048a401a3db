"""One's own API tokens: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries import tokens_of
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token, revoke_token
from console.forms.once import new_mark, read_mark
from console.forms.token import SCOPE_WORDS, TokenForm
from console.views.kept import forget, keep, kept
from console.views.support import page, who
from core.clock import utc_now
from core.errors import Conflict, NotFound, StepUpRequired


@never_cache
@page
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that act for the reader; a POST makes one, whose text stands on that one answer and nowhere else.

    The answer cannot be a redirect, for then the text would have to be kept somewhere. So each form carries a mark and makes one
    token: loading the answer again sends the same mark, and shows no text.
    """
    actor, now = who(request), utc_now()
    user = actor.require_person()
    form = TokenForm(request.POST) if request.method == "POST" else TokenForm(initial=kept(request, "token"))
    text, failed, again = "", False, False
    if request.method == "POST":
        mark = read_mark(request.POST.get("mark", ""), user, now)
        if mark is None:
            form.add_error(
                None, "This page is from long ago, or not yours. Nothing was made: look at the choices and press the button again."
            )
        if mark is not None and form.is_valid():
            wanted = form.cleaned_data
            scopes = [Scope(word) for word in wanted["scopes"]]
            try:
                _, text = create_token(
                    actor=actor, now=now, user=user, name=wanted["name"], scopes=scopes, lifetime=form.lifetime(), form=mark
                )
            except StepUpRequired as error:
                return keep(request, error, "token", "name", "days", lists=["scopes"])
            except Conflict:
                again = True
            forget(request, "token")
            form = TokenForm()
        else:
            failed = True
    rows = [
        {
            "token": token,
            "words": [SCOPE_WORDS[Scope(word)] for word in token.scopes],
            "over": token.expiry is not None and token.expiry <= now,
        }
        for token in tokens_of(user).order_by("-created")
    ]
    context = {"rows": rows, "form": form, "text": text, "again": again, "mark": new_mark(user, now)}
    return render(request, "console/tokens.html", context, status=422 if failed else 409 if again else 200)


@page
@require_POST
def revoke(request: HttpRequest, token_id: str) -> HttpResponse:
    """The token opens nothing from now on. Somebody else's is as one that is not there."""
    actor = who(request)
    token = tokens_of(actor.require_person()).filter(token_key=token_id).first()
    if token is None:
        raise NotFound
    revoke_token(actor=actor, now=utc_now(), token=token)
    messages.success(request, f"Revoked: “{token.name}” opens nothing from now on.")
    return redirect("console:tokens")
