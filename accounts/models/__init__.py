"""People, teams, role assignments, the roster, training, API tokens, idempotency records."""

from accounts.models.idempotency import IdempotencyRecord
from accounts.models.person import SsoSubject
from accounts.models.roster import Absence, Delegation, RotaShift
from accounts.models.team import Team, TeamMembership
from accounts.models.token import ApiToken
from accounts.models.training import TrainingRecord
from accounts.models.user import RoleAssignment, User

__all__ = [
    "Absence",
    "ApiToken",
    "Delegation",
    "IdempotencyRecord",
    "RoleAssignment",
    "RotaShift",
    "SsoSubject",
    "Team",
    "TeamMembership",
    "TrainingRecord",
    "User",
]
