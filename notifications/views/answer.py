"""Answering a call or a drill by the link in a letter: looking changes nothing (link scanners look), posting answers."""

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from core.clock import utc_now
from core.errors import NotFound
from notifications.rules.times import zone_named
from notifications.services.answer import answer, answered_thing
from stakeholders.models import EscalationRun
from stakeholders.queries.escalation import first_answer


@csrf_exempt  # the signed token is the permission, whether or not somebody is signed in
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def answer_page(request: HttpRequest, token: str) -> HttpResponse:
    """GET asks, POST answers; both answer 404 for a token that is not ours."""
    try:
        mine = answer(now=utc_now(), token=token) if request.method == "POST" else None
        delivery, thing = answered_thing(token)
    except NotFound as error:
        raise Http404 from error
    in_earnest = isinstance(thing, EscalationRun) and thing.drill_id is None
    reader = delivery.contact_point.stakeholder if delivery.contact_point is not None else delivery.user
    # Who reads a letter need not be signed in: its times are said by the clock that the letter went by.
    request.zone_of_reader = zone_named(reader.time_zone if reader is not None else "")  # type: ignore[attr-defined]  # read by console.instants
    context = {
        "thing": thing,
        "run": thing if isinstance(thing, EscalationRun) else None,
        "incident": delivery.message.incident,
        "mine": mine,
        "is_drill": not in_earnest,
        # Of a restricted incident the link's page says no more than the letter's reader could be shown in public.
        "hidden": delivery.message.incident is not None and delivery.message.incident.restricted,
        "holder": first_answer(thing) if isinstance(thing, EscalationRun) and in_earnest else None,
        "action": request.path,
    }
    return render(request, "notifications/answer.html", context)
