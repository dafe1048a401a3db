"""The user and the roles they hold."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser
from django.db import models
from django.db.models.functions import Lower

from accounts.rules.roles import Permission, Role, permissions_of


class PersonField(models.UUIDField):  # type: ignore[type-arg]  # takes arguments in the stubs alone
    """The account's own id until it is found to be the second account of somebody."""

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """Fills it at the first save, in bulk too."""
        if getattr(model_instance, self.attname) is None:
            setattr(model_instance, self.attname, model_instance.pk)
        return super().pre_save(model_instance, add)


class User(AbstractUser):
    """A person who signs in. Their addresses for being told are contact points of the stakeholder linked to them."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    display_name = models.CharField(max_length=120, blank=True)
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name, for instance Europe/Berlin.")
    # Equal for all accounts of one human. Nobody reviews their own words from a second account: compare this, never the id.
    person = PersonField(editable=False, blank=True, db_index=True)

    first_name = None  # type: ignore[assignment]  # one display name: not every name has two parts
    last_name = None  # type: ignore[assignment]

    REQUIRED_FIELDS: ClassVar[list[str]] = ["email"]

    class Meta:
        constraints = [
            # People sign in by their address, however it is spelled.
            models.UniqueConstraint(Lower("email"), condition=~models.Q(email=""), name="accounts_email_once"),
        ]

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held now, read once per instance."""
        if not hasattr(self, "_roles"):
            self._roles = frozenset(Role(name) for name in self.role_assignments.values_list("role", flat=True))
        return self._roles

    def remember_roles(self, roles: frozenset[Role]) -> None:
        """Spares this instance the query, where the roles of many people were read at once."""
        self._roles = roles

    @property
    def granted(self) -> frozenset[Permission]:
        """What the roles allow; nothing for an inactive user."""
        return permissions_of(self.roles) if self.is_active else frozenset()

    def get_full_name(self) -> str:
        """The name shown to colleagues."""
        return self.display_name or self.username

    def get_short_name(self) -> str:
        return self.get_full_name()


class RoleAssignment(models.Model):
    """One role held by one user."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="role_assignments")
    role = models.CharField(max_length=32, choices=[(role.value, role.value.replace("_", " ")) for role in Role])

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "role"], name="accounts_role_once_per_user"),
            models.CheckConstraint(condition=models.Q(role__in=[role.value for role in Role]), name="accounts_role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.role}"
