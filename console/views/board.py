"""The board."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from accounts.rules.roles import Permission
from console.queries.board import board as read_board
from console.queries.escalation import on_the_board
from console.queries.team_drafts import team_drafts
from console.views.support import page, who
from core.clock import utc_now


@page
def board(request: HttpRequest) -> HttpResponse:
    """What needs the person now, what is active, what is quiet. Someone without a role sees why it is empty."""
    actor, now = who(request), utc_now()
    context = {
        "board": read_board(actor, now),
        "escalation": on_the_board(actor, now),
        "team_drafts": team_drafts(actor) if actor.may(Permission.INCIDENT_READ) else [],
        "now": now,
        "may_read": actor.may(Permission.INCIDENT_READ),
        "may_open": actor.may(Permission.INCIDENT_WRITE),
    }
    return render(request, "console/board.html", context)
