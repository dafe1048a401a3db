"""One address of the register: whether it is written to, and changing that."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.address import OtherAddressForm, ReasonForm, UseAgainForm
from console.queries.contact_points import standing
from console.views.support import page, who
from core.clock import utc_now
from core.errors import Conflict, InvalidInput, NotFound
from stakeholders.models import Audience, ContactPoint
from stakeholders.rules.kinds import BY_READER, ContactKind, SuppressionKind
from stakeholders.services import change_contact_point, lift_suppression, suppress_contact_point

ACTS = ("stop", "use_again")


@page
@require_http_methods(["GET", "HEAD", "POST"])
def address(request: HttpRequest, row: int) -> HttpResponse:
    """Whether the address is used, why not, what reaches it; a POST does the one act that its button names."""
    actor = who(request)
    point = ContactPoint.objects.select_related("stakeholder").filter(pk=row, removed_at__isnull=True).first()
    if point is None or not actor.may(Permission.STAKEHOLDER_READ):
        raise NotFound
    act, one = request.POST.get("act"), standing(point)
    by_reader = point.suppression_kind in BY_READER
    form = (UseAgainForm if by_reader else ReasonForm)(request.POST if request.method == "POST" and act != "change" else None)
    other = OtherAddressForm(request.POST if act == "change" else None)
    if act == "change" and (changed := _change(request, actor, point, other)) is not None:
        return changed
    if request.method == "POST" and act in ACTS and _done(request, actor, point, act, form):
        return redirect("console:address", point.pk)
    context = {
        "point": point,
        "form": form,
        "one": one,
        "other": other,
        "by_reader": by_reader,
        "only_start": by_reader and point.kind == ContactKind.SMS and point.suppression_kind == SuppressionKind.STOP,
        "bounced": point.suppression_kind == SuppressionKind.BOUNCE,
        "audiences": Audience.objects.filter(members__stakeholder=point.stakeholder),
        "opted_out": set(point.opt_outs.values_list("audience_id", flat=True)),
        "secret_href": reverse("console:webhook_secret", args=[point.pk])
        if point.kind == ContactKind.WEBHOOK and actor.may(Permission.CHANNEL_WRITE)
        else "",
        "may_write": actor.may(Permission.STAKEHOLDER_WRITE),
    }
    return render(request, "console/address.html", context, status=422 if request.method == "POST" else 200)


def _done(request: HttpRequest, actor: Actor, point: ContactPoint, act: str, form: ReasonForm) -> bool:
    """Does what the button says: a page that has gone stale does not turn the act into its opposite."""
    if not form.is_valid():
        return False
    reason, shown = form.cleaned_data["reason"], standing(point).address
    if act == "stop":
        suppress_contact_point(actor=actor, now=utc_now(), contact_point=point, reason=reason)
        messages.success(request, f"Nothing is sent to {shown} any more.")
        return True
    asked = form.cleaned_data.get("reader_asked", False)
    try:
        lift_suppression(actor=actor, now=utc_now(), contact_point=point, reason=reason, reader_asked=asked)
    except Conflict as error:
        form.add_error("reader_asked" if "reader_asked" in form.fields else "reason", error.message)
        return False
    messages.success(request, f"{shown} is written to again, from the next release on.")
    return True


def _change(request: HttpRequest, actor: Actor, point: ContactPoint, form: OtherAddressForm) -> HttpResponse | None:
    """Puts another address in this one's place; `None` where what was typed has to be typed anew."""
    if not form.is_valid():
        return None
    try:
        new = change_contact_point(actor=actor, now=utc_now(), contact_point=point, address=form.cleaned_data["address"])
    except InvalidInput as error:
        form.add_error("address", error.fields.get("address", [error.message]))
        return None
    except Conflict as error:
        form.add_error("address", error.message)
        return None
    said = standing(new)
    messages.success(
        request, f"{said.address} takes its place.{' Nothing goes there before it is confirmed.' if said.state == 'waiting' else ''}"
    )
    return redirect("console:address", new.pk)
