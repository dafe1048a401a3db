"""Letting somebody into a restricted incident."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.views.decorators.http import require_POST

from accounts.models import Team
from accounts.rules.roles import Permission
from console.forms.access import AccessForm
from console.views.support import page, who
from core.clock import utc_now
from incidents.queries import visible_incident
from incidents.services import grant_access


@page
@require_POST
def access(request: HttpRequest, public_id: str) -> HttpResponse:
    """Grants the incident to the person or team chosen; a choice that is not in the list is said."""
    actor = who(request)
    incident = visible_incident(actor, public_id)
    actor.require(Permission.INCIDENT_RESTRICT)
    form = AccessForm(request.POST, incident=incident)
    if form.is_valid():
        chosen = form.chosen()
        grant_access(actor=actor, now=utc_now(), incident=incident, to=chosen.group if isinstance(chosen, Team) else chosen)
        named = f"Everyone in {chosen.name}" if isinstance(chosen, Team) else chosen.get_full_name()
        messages.success(request, f"{named} sees this incident now.")
    else:
        messages.error(request, " ".join(str(error) for error in form.errors["to"]))
    return redirect(f"{reverse('console:room', args=[public_id])}#access")
