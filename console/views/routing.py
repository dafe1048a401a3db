"""The routing matrix: by which channels each audience is told, by how urgent it is."""

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.http import require_http_methods, require_safe

from accounts.actors import Actor
from accounts.rules.roles import Permission
from console.forms.route import Row, rows_of, rows_typed, written
from console.forms.typed import small_int
from console.views.support import page, who
from core.clock import utc_now
from core.errors import Conflict, InvalidInput, NotFound
from notifications.models import RoutingRule
from notifications.queries.routing import carried_channels
from notifications.rules.routing import PERSONAL, URGENCIES, InvalidRoute, in_words, read_steps
from notifications.services.set_route import set_route
from stakeholders.models import Audience
from stakeholders.rules.channel_words import channel_words


@page
@require_safe
def routing(request: HttpRequest) -> HttpResponse:
    """The whole matrix in words: a row for each audience, a column for each urgency."""
    actor = _reader(request)
    stored = {(rule.urgency, rule.audience_id): in_words(read_steps(rule.channels)) for rule in RoutingRule.objects.all()}
    rows = [(audience, _cells(stored, audience)) for audience in Audience.objects.all()]
    context = {
        "urgencies": URGENCIES,
        "everybody": [(urgency, stored.get((urgency, None), in_words(()))) for urgency in URGENCIES],
        "rows": rows,
        "may_write": actor.may(Permission.ROUTING_WRITE),
        "not_carried": [channel_words(channel) for channel in PERSONAL if channel not in carried_channels()],
    }
    return render(request, "console/routing.html", context)


@page
@require_http_methods(["GET", "HEAD", "POST"])
def route(request: HttpRequest, urgency: str, key: str = "") -> HttpResponse:
    """One cell: the order of its channels and their fallbacks. `act=look` says what is typed and saves nothing."""
    actor = _reader(request)
    actor.require(Permission.ROUTING_WRITE)
    audience = Audience.objects.filter(key=key).first() if key else None
    if urgency not in URGENCIES or (key and audience is None):
        raise NotFound
    rule = RoutingRule.objects.filter(urgency=urgency, audience=audience).first()
    shown = rule or RoutingRule.objects.filter(urgency=urgency, audience=None).first()
    place: dict[str, Any] = {"urgency": urgency, "audience": audience, "version": rule.version if rule else 0}
    if request.method != "POST":
        return _shown(request, rows_of(read_steps(shown.channels) if shown else ()), place)
    rows, act = rows_typed(request.POST), request.POST.get("act", "save")
    if act == "look":
        return _shown(request, rows, place)
    try:
        channels = None if act == "drop" else written(rows)
        version = small_int(request.POST.get("version", "")) or 0
        set_route(actor=actor, now=utc_now(), urgency=urgency, audience=audience, channels=channels, version=version)
    except InvalidInput as refused:
        return _shown(request, rows, place, problems=[text for texts in refused.fields.values() for text in texts], status=422)
    except Conflict as error:
        return _shown(request, rows, place, problems=[error.message], status=409)
    messages.success(request, f"Saved: how {audience.name if audience else 'every audience'} is told of what is {urgency}.")
    return redirect("console:routing")


def _reader(request: HttpRequest) -> Actor:
    actor = who(request)
    if not actor.may(Permission.POLICY_READ):
        raise NotFound
    return actor


def _cells(stored: dict[tuple[str, int | None], str], audience: Audience) -> list[tuple[str, str, bool]]:
    """Per urgency: what happens, and whether the audience has a route of its own."""
    return [
        (urgency, own or stored.get((urgency, None), in_words(())), own is not None)
        for urgency in URGENCIES
        for own in [stored.get((urgency, audience.pk))]
    ]


def _shown(
    request: HttpRequest, rows: list[Row], place: dict[str, Any], *, problems: list[str] | None = None, status: int = 200
) -> HttpResponse:
    try:
        words = in_words(read_steps(written(rows)))
    except InvalidRoute as refused:
        words, problems = "", problems or refused.problems
    context = {
        **place,
        "rows": rows,
        "places": range(1, len(rows) + 1),
        "words": words,
        "problems": problems or [],
        "carried": carried_channels(),
    }
    return render(request, "console/route.html", context, status=status)
