"""The whole story of an update: every version, verdict, comment, dispute, override and release, each with its time."""

from accounts.actors import Actor
from approvals.queries.story.outcome import outcome_of
from approvals.queries.story.review import review_of, rounds_kept_back
from approvals.queries.story.versions import versions_of
from approvals.rules.story import Told, in_order
from incidents.models import Update

__all__ = ["story_of"]


def story_of(update: Update, *, actor: Actor) -> list[Told]:
    """Oldest first. Whoever still has to decide in an open round is told that others decided, not what: neither leans on the other."""
    kept_back = rounds_kept_back(update, actor)
    return in_order([*versions_of(update), *review_of(update, kept_back=kept_back), *outcome_of(update)])
