"""Who holds a role, or may do what. Only active people: whoever left is neither asked nor told."""

from django.db.models import QuerySet

from accounts.models import User
from accounts.rules.roles import Permission, Role, roles_with


def with_role(*roles: Role) -> QuerySet[User]:
    """Those who hold any of these roles, each once, by name."""
    return User.objects.filter(is_active=True, role_assignments__role__in=roles).distinct().order_by("display_name", "username")


def holders(*permissions: Permission) -> QuerySet[User]:
    """Those whose roles allow any of these."""
    return with_role(*roles_with(*permissions))
