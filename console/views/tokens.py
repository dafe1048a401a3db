"""One's own API tokens: made, shown once, revoked."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.queries import tokens_of
from accounts.rules.scopes import Scope
from accounts.services.tokens import create_token, revoke_token
from console.forms.token import SCOPE_WORDS, TokenForm
from console.views.support import page, to_step_up, who
from core.clock import utc_now
from core.errors import NotFound, StepUpRequired


@never_cache
@page
@require_http_methods(["GET", "HEAD", "POST"])
def tokens(request: HttpRequest) -> HttpResponse:
    """The tokens that act for the reader; a POST makes one, whose text stands on that one answer and nowhere else."""
    actor, now = who(request), utc_now()
    user = actor.require_person()
    form = TokenForm(request.POST if request.method == "POST" else None)
    text, failed = "", False
    if request.method == "POST":
        if form.is_valid():
            wanted = form.cleaned_data
            scopes = [Scope(word) for word in wanted["scopes"]]
            try:
                _, text = create_token(actor=actor, now=now, user=user, name=wanted["name"], scopes=scopes, lifetime=form.lifetime())
            except StepUpRequired as error:
                return to_step_up(request, where=error.where)
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
    return render(request, "console/tokens.html", {"rows": rows, "form": form, "text": text}, status=422 if failed else 200)


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
