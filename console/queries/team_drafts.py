"""The queue of a team: drafts that an audience of theirs is to read."""

from dataclasses import dataclass

from accounts.actors import Actor
from accounts.rules.roles import Permission
from incidents.models import Incident, Update
from incidents.rules.words import UpdateKind, UpdateState
from stakeholders.models import Audience
from stakeholders.queries import owned_audiences

SHOWN = 30
_STANDS = {UpdateState.DRAFT: "being written", UpdateState.IN_REVIEW: "in review", UpdateState.APPROVED: "approved, not released"}


@dataclass(frozen=True)
class TeamDraft:
    """One update under way. `read_by` are the person's teams' audiences among those it goes to, with the team that answers.

    `may_release`: every audience it goes to is theirs, so that they may let it out when it is approved (decision 0011).
    """

    update: Update
    stands: str
    read_by: tuple[str, ...]
    may_release: bool

    @property
    def act(self) -> tuple[str, str]:
        """The page and what its link says."""
        if self.update.state == UpdateState.APPROVED and self.may_release:
            return "console:release", "Release"
        return "console:editor", "Open draft"


def team_drafts(actor: Actor) -> list[TeamDraft]:
    """What is under way, of incidents that the person sees, for audiences that their teams own or deputise for; approved first."""
    if actor.user is None:
        return []
    owned = owned_audiences(actor.user)
    if not owned:
        return []
    names = dict(Audience.objects.filter(key__in=owned).values_list("key", "name"))
    under_way = (
        Update.objects.filter(incident__in=Incident.objects.visible_to(actor), state__in=list(_STANDS))
        .filter(current__content__reach__audiences__has_any_keys=sorted(owned))
        .exclude(kind=UpdateKind.DRILL)
        .select_related("incident", "current")
        .order_by("-created_at")[:SHOWN]
    )
    found = [_draft(update, owned, names, releases=actor.may(Permission.UPDATE_RELEASE)) for update in under_way]
    return sorted(found, key=lambda one: one.update.state != UpdateState.APPROVED)


def _draft(update: Update, owned: frozenset[str], names: dict[str, str], *, releases: bool) -> TeamDraft:
    audiences = update.current.parsed().audiences if update.current else ()
    read_by = tuple(names[key] for key in audiences if key in owned)
    return TeamDraft(update, _STANDS[UpdateState(update.state)], read_by, releases and set(audiences) <= owned)
