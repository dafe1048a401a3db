"""The page behind the link that confirms an address: looking changes nothing (mail scanners look), posting confirms."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import Conflict, NotFound
from stakeholders.rules.addresses import hinted
from stakeholders.rules.verification import Ending
from stakeholders.services.verification import confirm_by_link, link_target


@csrf_exempt  # the signed token is the permission, and a reader may have cookies switched off
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def confirm_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST confirms; both answer 404 for a token that is not ours, and say so where its time is over."""
    now = utc_now()
    try:
        asked = link_target(token)
        if request.method == "POST":
            confirm_by_link(now=now, token=token)
            state = "done"
        elif asked.ended_as == Ending.CONFIRMED:
            state = "done"
        else:
            state = "over" if asked.ended_at is not None or asked.expires_at <= now else "ask"
    except NotFound as error:
        raise Http404 from error
    except Conflict:
        state = "over"
    context = {
        "address": hinted(asked.contact_point.address),
        "page_name": settings.PUBLIC_PAGE_NAME,
        "state": state,
        "action": request.path,
    }
    return render(request, "stakeholders/confirm.html", context, status=410 if state == "over" else 200)
