"""Why a review is asked for that was asked for before."""

from approvals.models import Review, ReviewRound
from approvals.rules.words import Verdict


def asked_again(review_round: ReviewRound) -> str:
    """One sentence with a space before it; empty the first time an update, or a holding statement, is put to review."""
    if review_round.opened_by_ruling_id is not None:
        return " An arbiter's ruling changed the words."
    earlier = ReviewRound.objects.filter(pk__lt=review_round.pk)
    if review_round.holding_version is None:
        earlier = earlier.filter(update_of=review_round.update_of)
    else:
        earlier = earlier.filter(holding_version__statement=review_round.holding_version.statement)
    last = earlier.order_by("-pk").first()
    if last is None:
        return ""
    if last.state == "changes_requested":
        return " Changes were requested before."
    edited = (last.revision_id, last.holding_version_id) != (review_round.revision_id, review_round.holding_version_id)
    if Review.objects.filter(round=last, verdict=Verdict.APPROVE).exists():
        return f" An earlier approval {'was voided by an edit' if edited else 'no longer counts'}."
    return " It was asked for before" + (", and edited since." if edited else ".")
