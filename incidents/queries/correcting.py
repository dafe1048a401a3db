"""What an update says of its incident and components at the moment it goes out."""

from incidents.models import Incident, Update
from incidents.rules.content import Content
from incidents.rules.correcting import standing
from incidents.rules.words import CORRECTING


def first_draft(update: Update) -> Content:
    """The content the update was begun with."""
    first = update.revisions.order_by("number").first()
    if first is None:
        raise RuntimeError(f"Update {update.pk} has no revision.")
    return first.parsed()


def as_it_stands(update: Update, content: Content, incident: Incident) -> Content:
    """The content, its facts as a release now would leave them: those of a correction are today's where nobody wrote others."""
    if update.kind not in CORRECTING:
        return content
    return standing(
        content,
        first=first_draft(update),
        status=incident.status,
        impact=incident.impact,
        components=dict(incident.components.values_list("public_id", "status")),
    )
