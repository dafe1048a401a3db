"""The versions of an update's words."""

from collections.abc import Iterator

from approvals.rules.story import Moment, Told
from incidents.models import Update


def versions_of(update: Update) -> Iterator[Told]:
    """Each revision with its whole content and hash."""
    for revision in update.revisions.order_by("number"):
        yield Told(
            at=revision.created_at,
            kind=Moment.VERSION,
            by=revision.author_ref,
            words="First draft" if revision.number == 1 else f"Version {revision.number}",
            revision=revision.number,
            detail={"content_hash": revision.content_hash, "content": revision.content},
        )
