"""Whom a correction has to reach: everyone whom the wrong words reached."""

from approvals.models import Release
from approvals.rules.correction import Owed
from incidents.models import Update
from incidents.queries import current_decision, decision_value
from stakeholders.queries import audience_names


def owed_by(update: Update) -> Owed | None:
    """The audiences and channels of what the update puts right; `None` for an update that puts nothing right.

    An audience that is gone cannot be told, and a channel that the policy forbids now must not be used.
    """
    release = Release.objects.select_related("revision").filter(update_of=update.corrects_id).first() if update.corrects_id else None
    if release is None:
        return None
    wrong, names = release.revision.parsed(), audience_names()
    forbidden = decision_value(current_decision(update.incident)).forbidden_channels
    return Owed(
        audiences={key: names[key] for key in wrong.audiences if key in names}, channels=frozenset(wrong.channels) - frozenset(forbidden)
    )
