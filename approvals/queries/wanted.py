"""Which reviews an update needs."""

from dataclasses import dataclass

from approvals.queries.outside import legal_facts
from approvals.rules.legal import LEGAL_WINDOW_MINUTES, needs_legal
from incidents.models import Update
from incidents.queries import current_decision, decision_value
from incidents.rules.content import Content
from incidents.rules.words import UpdateKind
from policies.rules.decision import ReviewKind

# Kind and window in minutes, where the policy names no reviewers: nothing ever goes out unread.
DEFAULT_REVIEWS = ((ReviewKind.TECHNICAL, 15), (ReviewKind.COMMUNICATIONS, 30))


@dataclass(frozen=True)
class Wanted:
    """Kinds with their windows in whole minutes, and whether only people with current training count."""

    windows: tuple[tuple[str, int], ...]
    training_required: bool


def wanted_reviews(update: Update, content: Content) -> Wanted:
    """What the decision in force asks for, and legal's approval where the legal gate does."""
    decision = decision_value(current_decision(update.incident))
    windows = {review.kind: review.window_minutes for review in decision.reviews} or dict(DEFAULT_REVIEWS)
    if needs_legal(legal_facts(update.incident, content)):
        windows.setdefault(ReviewKind.LEGAL, LEGAL_WINDOW_MINUTES)
    # Practice is how training is kept, so nobody is kept from it for want of training.
    trained = decision.training_required and update.kind != UpdateKind.DRILL
    return Wanted(windows=tuple((kind.value, minutes) for kind, minutes in windows.items()), training_required=trained)
