"""The secret that one endpoint checks our signatures with."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from accounts.rules.roles import Permission
from console.views.support import page, who
from core.clock import utc_now
from core.errors import NotFound
from notifications.models import WebhookKey
from notifications.services.webhook_keys import OVERLAP, rotate_secret, show_secret
from stakeholders.models import ContactPoint


@never_cache
@page
@require_http_methods(["GET", "HEAD", "POST"])
def webhook_secret(request: HttpRequest, row: int) -> HttpResponse:
    """How old it is; a POST shows it on this one answer, or makes a new one. Both are on record."""
    actor = who(request)
    point = ContactPoint.objects.select_related("stakeholder").filter(pk=row, kind="webhook").first()
    if point is None or not actor.may(Permission.CHANNEL_WRITE):
        raise NotFound
    act, secret = request.POST.get("act", ""), ""
    if request.method == "POST" and act == "rotate":
        rotate_secret(actor=actor, now=utc_now(), contact_point=point.pk)
        messages.success(request, "A new secret is in use. For a day everything is signed with the old one, too.")
        return redirect("console:webhook_secret", point.pk)
    if request.method == "POST" and act == "show":
        secret = show_secret(actor=actor, now=utc_now(), contact_point=point.pk)
    key = WebhookKey.objects.filter(address=point.address).first()
    now = utc_now()
    context = {
        "point": point,
        "key": key,
        "secret": secret,
        "hours": int(OVERLAP.total_seconds() // 3600),
        "both": key is not None and key.previous_until is not None and now < key.previous_until,
    }
    return render(request, "console/webhook_secret.html", context)
