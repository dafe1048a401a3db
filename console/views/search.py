"""Search over everything the person may see."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from console.queries.board import rows_of
from console.queries.lists import listing
from console.views.support import page, who
from core.clock import utc_now


@page
def search(request: HttpRequest) -> HttpResponse:
    """Incidents that hold every word asked for, newest first."""
    words = request.GET.get("q", "").strip()[:200]
    found = listing(who(request), asked={}, words=words) if words else None
    context = {
        "words": words,
        "rows": rows_of(found.incidents, utc_now()) if found else [],
        "more": bool(found and found.older),
        "now": utc_now(),
    }
    return render(request, "console/search.html", context)
