"""How much waits for someone, as numbers beside the navigation."""

from datetime import datetime

from accounts.actors import Actor
from approvals.queries import review_queue
from approvals.queries.statement_queue import statement_queue
from console.queries.needs import mine
from incidents.models import Incident, UpdatePromise
from incidents.queries.hearing import keepable
from incidents.rules.words import Status


def nav_counts(actor: Actor, now: datetime) -> dict[str, int]:
    """Reviews the person can give now, and promises of theirs that are overdue and could be kept."""
    incidents = mine(actor, Incident.objects.visible_to(actor).exclude(status=Status.RESOLVED))
    overdue = UpdatePromise.objects.filter(incident__in=incidents, closed_at__isnull=True, due_at__lt=now)
    return {
        "reviews": sum(item.is_for_me for item in review_queue(actor, now)) + sum(item.is_for_me for item in statement_queue(actor, now)),
        "overdue": len(keepable(overdue.select_related("incident"))),
    }
