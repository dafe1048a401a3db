"""API tokens: knox keeps only their digest."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from knox.models import AbstractAuthToken

from accounts.rules.scopes import Scope


class ApiToken(AbstractAuthToken):
    """A program's key, acting for one user within `scopes` until `expiry`."""

    name = models.CharField(max_length=120)
    scopes = ArrayField(models.CharField(max_length=32, choices=[(scope.value, scope.value) for scope in Scope]))
    last_used = models.DateTimeField(null=True)
