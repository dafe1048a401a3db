"""What the editor says about an update: who will be asked, who will read it, what is still to fill in."""

from collections.abc import Sequence

from accounts.models import User
from approvals.models import ReviewRound
from approvals.queries.rounds import open_slots
from approvals.queries.waiting import Asked
from approvals.rules.review import named
from incidents.rules.content import Content
from notifications.queries.reach import Reach
from templates.rules.gaps import gap_words, unfilled


def asked_words(asked: list[Asked]) -> str:
    """For instance `techlead (technical) and comms (communications)`; many of one kind are counted."""
    return " and ".join(_named(named(one.kind), one.asked) for one in asked)


def called_words(review_round: ReviewRound) -> str:
    """Whom the round just opened has asked; what was kept of the last one is not asked for again."""
    slots = open_slots(review_round).prefetch_related("calls__user")
    parts = [_named(named(slot.kind), [call.user for call in slot.calls.all()]) for slot in slots]
    return " and ".join(parts) or "nobody: every verdict still stands"


def ask_words(asked: list[Asked]) -> str:
    """Whom the button names: one person per review by name, more as a count."""
    people = {user.pk: user for one in asked for user in one.asked}
    if not people or not all(one.asked for one in asked):
        return "Ask for review"
    if all(len(one.asked) == 1 for one in asked):
        return f"Ask {' and '.join(user.get_full_name() for user in people.values())} for review"
    return f"Ask {len(people)} people for review"


def _named(kind: str, people: Sequence[User]) -> str:
    if not people:
        return f"no free {kind} reviewer"
    if len(people) > 2:
        return f"{len(people)} {kind} reviewers"
    return f"{' or '.join(user.get_full_name() for user in people)} ({kind})"


def reach_words(found: Reach) -> str:
    """How many read it and where, for instance `12,700 people (12,431 by e-mail, 310 by SMS) and the public page`."""
    return found.in_words() or "nobody: choose an audience and a channel"


def gaps(content: Content) -> list[dict[str, str]]:
    """Every mark that a template could not fill: what belongs there, what stands in the mark, the audience, the field it stands in."""
    return [
        {"name": gap_words(name), "mark": name, "audience": audience, "part": part, "field": f"id_{part}-{audience}"}
        for audience, by_language in sorted(content.wording.items())
        for wording in by_language.values()
        for part, text in (("title", wording.title), ("body", wording.body))
        for name in unfilled(text)
    ]
