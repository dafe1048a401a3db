"""What each release in the database has to stand on, read from its rows."""

from datetime import timedelta

from accounts.models import User
from approvals.models import HoldingUse, Override, Release, Review, ReviewRound
from incidents.models import UpdateContributor


def check_release(release: Release) -> None:
    """Its words are those of the revision; on them stand a review of every kind asked for, an override, or statements."""
    assert release.content_hash == release.revision.content_hash == release.revision.parsed().hash()
    assert release.update_of.kind != "drill"
    assert release.update_of.current_id == release.revision_id
    if release.round is None:
        uses = HoldingUse.objects.filter(revision=release.revision).select_related("version")
        assert uses
        for use in uses:
            assert use.version.state == "approved"
            assert use.version.expires_at is not None
            assert use.version.expires_at > release.released_at
        return
    wrote = {row.user.person for row in UpdateContributor.objects.filter(update_of=release.update_of).select_related("user")}
    approvals = _approvals(release.round, release.content_hash)
    people = [reviewer.person for reviewer in approvals.values()]
    assert len(set(people)) == len(people)
    assert not set(people) & wrote
    missing = set(release.round.slots.values_list("kind", flat=True)) - set(approvals)
    if release.overridden:
        override = Override.objects.get(update_of=release.update_of)
        assert override.content_hash == release.content_hash
        assert release.released_at - override.second_factor_at <= timedelta(minutes=5)
        assert override.by.person not in wrote | set(people)
        assert {one["kind"] for one in override.fills} == missing
        assert override.steps.exists()
        return
    assert not missing


def _approvals(round_: ReviewRound, words: str) -> dict[str, User]:
    own = Review.objects.filter(round=round_, verdict="approve", content_hash=words).select_related("slot", "reviewer")
    carried = round_.carried_reviews.filter(to_hash=words).select_related("slot", "review__reviewer")
    return {review.slot.kind: review.reviewer for review in own} | {row.slot.kind: row.review.reviewer for row in carried}
