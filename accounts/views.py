"""Pages of the second factor, where allauth's own need something around them."""

from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import urlencode

from allauth.account.authentication import get_authentication_records
from allauth.mfa.base.views import ReauthenticateView
from allauth.mfa.models import Authenticator
from allauth.mfa.webauthn.internal import auth as passkeys
from allauth.mfa.webauthn.views import ReauthenticateWebAuthnView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.forms import Form
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse

from accounts.actors import STEP_UP_LASTS
from accounts.second_factor import PROOFS, has_second_factor
from core.clock import utc_now

View = Callable[..., HttpResponse]


def factor_first(view: View) -> View:
    """Who has a second factor uses it before changing it: a stolen session and a password must not add another device."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        now = utc_now().timestamp()
        used = [one["at"] for one in get_authentication_records(request, request.user) if one.get("method") == "mfa"]
        if has_second_factor(request.user) and not any(now - at <= STEP_UP_LASTS.total_seconds() for at in used):  # type: ignore[arg-type]
            return HttpResponseRedirect(f"{reverse('mfa_reauthenticate')}?{urlencode({'next': request.get_full_path()})}")
        return view(request, *args, **kwargs)

    return login_required(guarded)


class ConfirmView(ReauthenticateView):
    """Confirms by a code or a passkey, whichever the person has; both on one page."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**kwargs)
        types = set(Authenticator.objects.filter(user=self.request.user).values_list("type", flat=True))
        found |= {"has_app": Authenticator.Type.TOTP in types, "has_passkey": Authenticator.Type.WEBAUTHN in types}
        if found["has_passkey"]:
            found["request_options"] = passkeys.begin_authentication(self.request.user)
        return found

    def form_valid(self, form: Form) -> HttpResponse:
        answer: HttpResponse = super().form_valid(form)
        if form.authenticator.type in PROOFS:  # type: ignore[attr-defined]  # allauth's form
            return answer
        messages.warning(
            self.request,
            "A recovery code lets you in and lets you set up an app or a passkey. What needs a second factor takes one of those.",
        )
        return HttpResponseRedirect(reverse("mfa_index"))


class ConfirmPasskeyView(ReauthenticateWebAuthnView):
    """Takes the passkey's answer from that page, and leads back there when it does not fit."""

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return HttpResponseRedirect(self.passthrough_next_url(reverse("mfa_reauthenticate")))

    def form_invalid(self, form: Form) -> HttpResponse:
        messages.error(self.request, "The passkey was not accepted. Try again, or use a code.")
        return HttpResponseRedirect(self.passthrough_next_url(reverse("mfa_reauthenticate")))


confirm = login_required(ConfirmView.as_view())
confirm_passkey = login_required(ConfirmPasskeyView.as_view())
