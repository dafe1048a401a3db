"""Who may do what."""

from accounts.models import User
from accounts.rules.roles import Permission


def who_may(permission: Permission) -> list[User]:
    """Active people with the permission, by name."""
    people = User.objects.filter(is_active=True).prefetch_related("role_assignments").order_by("display_name", "username")
    return [user for user in people if permission in user.granted]
