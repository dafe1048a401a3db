"""What an API token may be trusted with. No scope reaches a verdict or a release: those need a person's session."""

from enum import StrEnum

from accounts.rules.roles import Permission


class Scope(StrEnum):
    """A token's scope, as written in `api_token --scope`."""

    READ = "read"
    INCIDENTS_WRITE = "incidents:write"
    UPDATES_WRITE = "updates:write"
    STAKEHOLDERS_WRITE = "stakeholders:write"


_READS = frozenset(permission for permission in Permission if permission.value.endswith(".read"))

PERMISSIONS: dict[Scope, frozenset[Permission]] = {
    Scope.READ: _READS,
    Scope.INCIDENTS_WRITE: _READS | {Permission.INCIDENT_WRITE},
    Scope.UPDATES_WRITE: _READS | {Permission.UPDATE_WRITE},
    Scope.STAKEHOLDERS_WRITE: _READS | {Permission.STAKEHOLDER_WRITE},
}


def permissions_of(scopes: frozenset[Scope]) -> frozenset[Permission]:
    """Everything that any of the scopes allows; a person's own permissions bound it further."""
    return frozenset().union(*(PERMISSIONS[scope] for scope in scopes))
