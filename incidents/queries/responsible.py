"""Who answers for the next update of an incident: its commander, the deputies, the manager on duty."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from accounts.models import User
from accounts.queries.availability import deputies_of, manager_on_duty, on_duty
from accounts.queries.holders import with_role
from accounts.rules.duties import Duty
from accounts.rules.roles import Role
from incidents.models import Incident
from incidents.queries import current_decision
from incidents.queries.seeing import who_sees
from stakeholders.models import Audience


@dataclass(frozen=True)
class Responsible:
    """`leads` are told first: the commander, or every commander while nobody commands. Nobody stands here who may not see the incident."""

    leads: tuple[User, ...]
    deputies: tuple[User, ...]
    managers: tuple[User, ...]


def responsible_for(incident: Incident, at: datetime) -> Responsible:
    """The three rings, each without those of the ring before.

    Deputies are the members of the teams that deputise for the audiences the policy means; without such a team whoever
    stands in for the manager on duty, then whoever is on duty for communications, then the other commanders. The managers
    are the one on duty, or all who hold the role while the rota names none.
    """
    commanders = _seeing(incident, with_role(Role.COMMANDER))
    leads = _seeing(incident, [incident.commander] if incident.commander and incident.commander.is_active else []) or commanders
    deputies: list[User] = []
    for ring in (
        _deputy_teams(incident),
        deputies_of(duty=Duty.MANAGER_ON_DUTY, at=at),
        on_duty(duty=Duty.COMMUNICATIONS, at=at),
        commanders,
    ):
        deputies = _without(_seeing(incident, ring), leads)
        if deputies:
            break
    manager = manager_on_duty(at)
    managers = _seeing(incident, [manager] if manager else []) or _seeing(incident, with_role(Role.MANAGER))
    return Responsible(tuple(leads), tuple(deputies), tuple(_without(managers, [*leads, *deputies])))


def _deputy_teams(incident: Incident) -> list[User]:
    audiences = Audience.objects.filter(key__in=current_decision(incident).audiences, deputy__isnull=False)
    return list(
        User.objects.filter(is_active=True, team_memberships__team__deputised_audiences__in=audiences).distinct().order_by("username")
    )


def _seeing(incident: Incident, people: Iterable[User]) -> list[User]:
    found = list(people)
    seeing = who_sees(found, incident)
    return [user for user in found if user.pk in seeing]


def _without(people: list[User], told: Iterable[User]) -> list[User]:
    known = {user.pk for user in told}
    return [user for user in people if user.pk not in known]
