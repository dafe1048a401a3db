"""Which reviews an update needs."""

from dataclasses import dataclass

from approvals.queries.outside import legal_facts
from approvals.queries.rounds import asked_kinds, live_round
from approvals.rules.legal import LEGAL_WINDOW_MINUTES, needs_legal, still_asked
from incidents.models import Incident, Update
from incidents.queries import current_decision, decision_value
from incidents.rules.content import Content
from incidents.rules.words import UpdateKind
from policies.rules.decision import ReviewKind
from stakeholders.queries import audience_facts

# Kind and window in minutes, where the policy names no reviewers: nothing ever goes out unread.
DEFAULT_REVIEWS = ((ReviewKind.TECHNICAL, 15), (ReviewKind.COMMUNICATIONS, 30))


@dataclass(frozen=True)
class Wanted:
    """Kinds with their windows in whole minutes, and whether only people with current training count."""

    windows: tuple[tuple[str, int], ...]
    training_required: bool


def wanted_reviews(update: Update, content: Content) -> Wanted:
    """What the decision in force asks for, and legal's approval where the legal gate does, or an earlier decision of the incident did.

    So a fact that is changed, a category for instance, takes legal out of nothing (`approvals.rules.legal.still_asked`).
    """
    decision = decision_value(current_decision(update.incident))
    windows = {review.kind: review.window_minutes for review in decision.reviews} or dict(DEFAULT_REVIEWS)
    if ReviewKind.LEGAL not in windows and (minutes := _legal_asked_before(update.incident, decision.policy_version)):
        windows[ReviewKind.LEGAL] = minutes
    if needs_legal(legal_facts(update.incident, content, audience_facts())):
        windows.setdefault(ReviewKind.LEGAL, LEGAL_WINDOW_MINUTES)
    # Practice is how training is kept, so nobody is kept from it for want of training.
    trained = decision.training_required and update.kind != UpdateKind.DRILL
    return Wanted(windows=tuple((kind.value, minutes) for kind, minutes in windows.items()), training_required=trained)


def lacking_kinds(update: Update, content: Content) -> frozenset[str]:
    """The reviews that are asked for now and that the live round, opened before, lacks; none where no round is live."""
    found = live_round(update)
    if found is None:
        return frozenset()
    return frozenset(kind for kind, _ in wanted_reviews(update, content).windows) - asked_kinds(found)


def _legal_asked_before(incident: Incident, policy_version: int) -> int | None:
    """Legal's window by what this version of the policy has decided so far; `None` where legal need not be asked for that."""
    rows = incident.decisions.filter(policy_version=policy_version).order_by("id").values_list("reviews", "facts")
    windows = [{review["kind"]: int(review["window_minutes"]) for review in reviews}.get(ReviewKind.LEGAL) for reviews, _ in rows]
    return still_asked(zip(windows, (facts for _, facts in rows), strict=True))
