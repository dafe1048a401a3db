"""What the editor says about an update: who will be asked, who will read it, what is still to fill in."""

from accounts.actors import person
from accounts.models import User
from accounts.rules.roles import Permission
from console.queries.people import who_may
from incidents.models import Incident, PolicyDecision, Update
from incidents.rules.content import Content
from stakeholders.queries import public_audience_key, reachable_contact_points
from templates.rules.render import unfilled


def asked_people(update: Update, asking: User | None, decision: PolicyDecision) -> dict[str, list[User]]:
    """For each review the policy wants, who may give it: they see the incident, wrote no part of the update, and do not ask."""
    wrote = set(update.contributors.values_list("user_id", flat=True)) | ({asking.pk} if asking else set())
    kinds = [str(review["kind"]) for review in decision.reviews]
    seeing = Incident.objects.filter(pk=update.incident_id)
    return {
        kind: [user for user in who_may(Permission(f"review.{kind}")) if user.pk not in wrote and seeing.visible_to(person(user)).exists()]
        for kind in kinds
    }


def asked_words(asked: dict[str, list[User]]) -> str:
    """For instance `techlead (technical) and comms (communications)`; many of one kind are counted."""
    parts = [_named(kind, people) for kind, people in asked.items()]
    return " and ".join(parts)


def ask_words(asked: dict[str, list[User]]) -> str:
    """Whom the button names: one person per review by name, more as a count."""
    people = {user.pk: user for free in asked.values() for user in free}
    if not people or not all(asked.values()):
        return "Ask for review"
    if all(len(free) == 1 for free in asked.values()):
        return f"Ask {' and '.join(user.get_full_name() for user in people.values())} for review"
    return f"Ask {len(people)} people for review"


def _named(kind: str, people: list[User]) -> str:
    if not people:
        return f"no free {kind} reviewer"
    if len(people) > 2:
        return f"{len(people)} {kind} reviewers"
    return f"{' or '.join(user.get_full_name() for user in people)} ({kind})"


def reach_words(content: Content) -> str:
    """How many read it and where, for instance `12,431 by e-mail, page`."""
    parts = []
    if "email" in content.channels:
        parts.append(f"{reachable_contact_points(content.audiences).count():,} by e-mail")
    if "page" in content.channels and public_audience_key() in content.audiences:
        parts.append("page")
    return ", ".join(parts) or "nobody: choose an audience and a channel"


def gaps(content: Content) -> list[dict[str, str]]:
    """Every mark that a template could not fill: its name, the audience, the field it stands in."""
    return [
        {"name": name, "audience": audience, "part": part, "field": f"id_{part}-{audience}"}
        for audience, by_language in sorted(content.wording.items())
        for wording in by_language.values()
        for part, text in (("title", wording.title), ("body", wording.body))
        for name in unfilled(text)
    ]
