"""Who of many people may see one incident, asked at once."""

from collections import defaultdict
from collections.abc import Iterable
from uuid import UUID

from accounts.models import RoleAssignment, User
from accounts.rules.roles import Permission, Role, permissions_of
from incidents.models import Incident
from incidents.models.incident import IncidentGroupObjectPermission, IncidentUserObjectPermission


def who_sees(users: Iterable[User], incident: Incident) -> frozenset[UUID]:
    """The ids of those for whom `Incident.objects.visible_to` holds the incident, in three queries at most."""
    people = list(users)
    roles: dict[UUID, set[Role]] = defaultdict(set)
    for user_id, role in RoleAssignment.objects.filter(user__in=people).values_list("user", "role"):
        roles[user_id].add(Role(role))
    able = {user.pk for user in people if user.is_active and Permission.INCIDENT_READ in permissions_of(frozenset(roles[user.pk]))}
    if not incident.restricted:
        return frozenset(able)
    by_name = IncidentUserObjectPermission.objects.filter(content_object=incident, user__in=able).values_list("user", flat=True)
    by_team = IncidentGroupObjectPermission.objects.filter(content_object=incident, group__user__in=able)
    return frozenset(able & {*by_name, *by_team.values_list("group__user", flat=True)})
