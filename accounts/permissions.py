"""Permissions as Django REST framework asks for them, for views that have no service to ask."""

from rest_framework.permissions import BasePermission
from rest_framework.request import Request
from rest_framework.views import APIView

from accounts.requests import actor_of
from accounts.rules.roles import Permission


def requires(permission: Permission) -> type[BasePermission]:
    """A permission class that lets in whoever holds `permission`; tokens only within their scopes."""

    class Requires(BasePermission):
        def has_permission(self, request: Request, view: APIView) -> bool:
            if not request.user.is_authenticated:
                return False
            actor_of(request).require(permission)
            return True

    return Requires
