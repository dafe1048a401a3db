"""Everyone who answers for an update: whom an override tells. The list is frozen with the override."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.queries.availability import manager_on_duty
from accounts.queries.holders import holders
from accounts.rules.roles import Permission
from approvals.models import ReviewRound
from approvals.queries.rounds import contributors_of
from approvals.rules.review import named
from incidents.models import Update
from incidents.queries.seeing import who_sees
from stakeholders.models import Audience


@dataclass(frozen=True)
class Told:
    """One person, and what makes them responsible, in words."""

    user: User
    because: tuple[str, ...]

    def as_json(self) -> dict[str, str]:
        """As it is kept with the override."""
        return {"user": str(self.user.pk), "name": self.user.get_full_name(), "as": ", ".join(self.because)}


def responsible_for(update: Update, review_round: ReviewRound, *, now: datetime, without: User | None = None) -> list[Told]:
    """Authors, commander, reviewers asked, owners of the audiences, manager on duty, arbiters of its disputes, and who ratifies.

    Each once, with every reason; only active people who may see the incident, since the others cannot be told. `without` is
    the person who acts and knows.
    """
    found: dict[User, list[str]] = {}
    for because, people in _people(update, review_round, now):
        for user in people:
            if because not in found.setdefault(user, []):
                found[user].append(because)
    seeing = who_sees(found, update.incident)
    return [
        Told(user, tuple(because))
        for user, because in sorted(found.items(), key=lambda pair: pair[0].get_full_name().casefold())
        if user != without and user.pk in seeing
    ]


def _people(update: Update, review_round: ReviewRound, now: datetime) -> Iterable[tuple[str, Iterable[User]]]:
    yield "author", User.objects.filter(pk__in=update.contributors.values("user"))
    yield "incident commander", [update.incident.commander] if update.incident.commander else []
    for slot in review_round.slots.all():
        name = named(slot.kind)
        yield f"asked for the {name} review", User.objects.filter(pk__in=slot.calls.values("user"))
        yield f"gave the {name} review", User.objects.filter(reviews__slot=slot)
    yield "legal", holders(Permission.REVIEW_LEGAL) if review_round.slots.filter(kind="legal").exists() else []
    audiences = Audience.objects.filter(key__in=review_round.revision.parsed().audiences)
    for audience in audiences.select_related("owner", "deputy"):
        teams = [team for team in (audience.owner, audience.deputy) if team]
        yield f"owns the audience {audience.name}", User.objects.filter(team_memberships__team__in=teams)
    manager = manager_on_duty(now)
    yield "manager on duty", [manager] if manager else holders(Permission.ESCALATION_TAKE)
    yield "arbiter", User.objects.filter(rulings__dispute__update_of=update)
    wrote = contributors_of(update)
    yield "may ratify", [user for user in holders(Permission.RELEASE_RATIFY) if str(user.person) not in wrote]
