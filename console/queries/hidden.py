"""What the log may not show to somebody: entries about restricted incidents that they were not granted."""

from accounts.actors import Actor
from approvals.models import Release
from incidents.models import Incident, Update
from notifications.models import Message


def hidden_subjects(actor: Actor) -> list[str]:
    """The log's subjects of every restricted incident that the actor cannot see: `incident:ID`, `update:ID` and so on."""
    hidden = Incident.objects.filter(restricted=True).exclude(pk__in=Incident.objects.visible_to(actor).values("pk"))
    named = {
        "incident": hidden,
        "update": Update.objects.filter(incident__in=hidden),
        "release": Release.objects.filter(update_of__incident__in=hidden),
        "message": Message.objects.filter(incident__in=hidden),
    }
    return [f"{kind}:{public_id}" for kind, rows in named.items() for public_id in rows.values_list("public_id", flat=True)]
