"""API tokens: knox keeps only their digest."""

from typing import ClassVar

from django.contrib.postgres.fields import ArrayField
from django.db import models
from knox.models import AbstractAuthToken

from accounts.models.user import User
from accounts.rules.scopes import Scope


class ApiToken(AbstractAuthToken):
    """A program's key, acting for one user within `scopes` until `expiry`."""

    objects: ClassVar[models.Manager["ApiToken"]] = models.Manager()

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=120)
    scopes = ArrayField(models.CharField(max_length=32, choices=[(scope.value, scope.value) for scope in Scope]))
    last_used = models.DateTimeField(null=True)
