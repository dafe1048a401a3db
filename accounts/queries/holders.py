"""Who holds a role, or may do what. Only active people: whoever left is neither asked nor told."""

import json
from datetime import datetime

from django.db.models import QuerySet

from accounts.models import User
from accounts.rules.roles import Permission, Role, roles_with
from audit.queries import entries_about


def with_role(*roles: Role) -> QuerySet[User]:
    """Those who hold any of these roles, each once, by name."""
    return User.objects.filter(is_active=True, role_assignments__role__in=roles).distinct().order_by("display_name", "username")


def held_since(user: User, moment: datetime, *permissions: Permission) -> bool:
    """Whether any account of the person's holds a role that allows any of these, or held one after that moment, by the log.

    An account that was switched off meanwhile counts too.
    """
    roles = {role.value for role in roles_with(*permissions)}
    accounts = User.objects.filter(person=user.person)
    if accounts.filter(role_assignments__role__in=roles).exists():
        return True
    taken = entries_about(*(f"user:{pk}" for pk in accounts.values_list("pk", flat=True))).filter(type="user.roles_changed", at__gt=moment)
    return any(roles.intersection(json.loads(bytes(body))["before"]) for body in taken.values_list("body", flat=True))


def holders(*permissions: Permission) -> QuerySet[User]:
    """Those whose roles allow any of these."""
    return with_role(*roles_with(*permissions))
