"""Channels: who carries each, how fast, in which order, and whether it was seen working."""

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.channel_words import provider_name
from console.forms.channel import ProviderForm, TestForm
from console.queries.channels import channel_cards, provider_page
from console.views.beside import beside_fields
from console.views.support import page, who
from core.clock import utc_now
from core.errors import DomainError, Forbidden, NotFound
from notifications.services.channels import ask_first, set_up_provider
from notifications.services.prove_channel import prove_channel
from stakeholders.rules.channel_words import channel_words


@page
@require_safe
def channels(request: HttpRequest) -> HttpResponse:
    """Every channel at a glance."""
    return render(request, "console/channels.html", {"cards": channel_cards(_reader(request))})


@page
@require_http_methods(["GET", "HEAD", "POST"])
def provider(request: HttpRequest, channel: str, provider: str) -> HttpResponse:
    """One provider. A POST saves, moves it to the front, or sends a test, as its button says."""
    actor = _reader(request)
    shown = provider_page(actor, channel, provider)
    row = shown["line"].row  # type: ignore[attr-defined]  # a page's context holds many kinds
    act = request.POST.get("act", "") if request.method == "POST" else ""
    start = {
        "enabled": row.enabled,
        "rate_per_second": "" if row.rate_per_second is None else f"{row.rate_per_second:g}",
        "burst": row.burst,
        "version": row.version,
    }
    form = ProviderForm(request.POST if act == "save" else None, initial=start)
    test = TestForm(request.POST if act == "test" else None, channel=channel)
    if act:
        try:
            done = _act(request, actor, act, test if act == "test" else form, channel=channel, provider=provider)
        except (NotFound, Forbidden):
            raise
        except DomainError as error:
            beside_fields(test if act == "test" else form, error)
        else:
            if done:
                return redirect("console:channel", channel, provider)
    context = shown | {"form": form, "test": test, "may_write": actor.may(Permission.CHANNEL_WRITE)}
    return render(request, "console/channel.html", context, status=422 if act else 200)


def _act(request: HttpRequest, actor: Actor, act: str, form: Form, *, channel: str, provider: str) -> bool:
    """Does it, and says so; false where the form's own checks found something."""
    name = provider_name(provider)
    if act == "first":
        ask_first(actor=actor, now=utc_now(), channel=channel, provider=provider)
        messages.success(request, f"{name} comes first for {channel_words(channel)} from now on.")
        return True
    if not form.is_valid():
        return False
    given = form.cleaned_data
    if act == "test":
        proof = prove_channel(actor=actor, now=utc_now(), channel=channel, provider=provider, address=given["address"])
        if proof.outcome == "accepted":
            messages.success(request, f"{name} took the test to {proof.to}. Look whether it arrived.")
        else:
            messages.error(request, f"The test to {proof.to} was not taken: {proof.detail or proof.outcome}.")
        return True
    set_up_provider(
        actor=actor,
        now=utc_now(),
        channel=channel,
        provider=provider,
        enabled=given["enabled"],
        rate_per_second=given["rate_per_second"],
        burst=given["burst"],
        expected_version=given["version"],
    )
    messages.success(request, f"Saved. It holds for everything that {name} sends from now on.")
    return True


def _reader(request: HttpRequest) -> Actor:
    actor = who(request)
    if not actor.may(Permission.CHANNEL_READ):
        raise NotFound
    return actor
