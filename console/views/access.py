"""Letting somebody into a restricted incident."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import User
from console.views.support import page, who
from core.clock import utc_now
from incidents.queries import visible_incident
from incidents.services import grant_access


@page
@require_POST
def access(request: HttpRequest, public_id: str) -> HttpResponse:
    """Grants the incident to the person named; a name that nobody has is said and kept."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    name = request.POST.get("user", "").strip()
    user = User.objects.filter(username=name, is_active=True).first()
    if user is None:
        messages.error(request, f"Nobody signs in as “{name}”. Give the user name of a colleague.")
    else:
        grant_access(actor=actor, now=utc_now(), incident=incident, to=user)
        messages.success(request, f"{user.get_full_name()} sees this incident now.")
    return redirect(f"{reverse('console:room', args=[public_id])}#access")
