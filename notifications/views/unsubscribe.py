"""Unsubscribing: looking changes nothing (link scanners look), posting acts."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import NotFound
from notifications.services.unsubscribe import link_target, unsubscribe

ONE_CLICK = "One-Click"


@csrf_exempt  # the signed token is the permission; mail programs post without cookies (RFC 8058 §3.2)
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST does it; both answer 404 for a token that is not ours."""
    try:
        if request.method == "POST":
            source = "one_click" if request.POST.get("List-Unsubscribe") == ONE_CLICK else "page"
            audience, done = unsubscribe(now=utc_now(), token=token, source=source), True
        else:
            audience, done = link_target(token)[1], False
    except NotFound as error:
        raise Http404 from error
    return render(request, "notifications/unsubscribe.html", {"audience": audience, "done": done, "action": request.path})
