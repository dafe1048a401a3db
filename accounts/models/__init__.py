"""People, teams, role assignments, API tokens, idempotency records."""

from accounts.models.idempotency import IdempotencyRecord
from accounts.models.team import Team, TeamMembership
from accounts.models.token import ApiToken
from accounts.models.user import RoleAssignment, User

__all__ = ["ApiToken", "IdempotencyRecord", "RoleAssignment", "Team", "TeamMembership", "User"]
