"""Audiences: named sets of stakeholders that read the same wording."""

from django.db import models

from core.identifiers import public_id
from stakeholders.models.contact_point import ContactPoint
from stakeholders.models.stakeholder import Stakeholder


class Audience(models.Model):
    """A list of its members and, with a `filter` (`rules/filters.py`, as written there), everyone in the register of whom that holds.

    `is_public` marks the one whose wording is also shown on the public page. `version` grows with every change of the filter.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    owner = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="owned_audiences")
    deputy = models.ForeignKey("accounts.Team", on_delete=models.PROTECT, null=True, blank=True, related_name="deputised_audiences")
    is_public = models.BooleanField(default=False)
    is_internal = models.BooleanField(default=False)
    scope_customer_facing_only = models.BooleanField(default=False, help_text="Told of nothing that customers do not notice.")
    scope_components = models.ManyToManyField(
        "catalogue.Component",
        blank=True,
        related_name="audiences_bound",
        help_text="Told only of incidents that affect one of them; none: of all.",
    )
    filter = models.JSONField(null=True, blank=True, help_text="Who belongs to it by what the register says; empty: only the list.")
    version = models.PositiveIntegerField(default=1)
    position = models.PositiveIntegerField(default=0)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=~models.Q(is_public=True, is_internal=True), name="stakeholders_audience_not_public_and_internal"
            ),
            models.UniqueConstraint(fields=["is_public"], condition=models.Q(is_public=True), name="stakeholders_one_public_audience"),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def kind(self) -> str:
        """`filter` where the register decides who belongs to it, else `fixed`."""
        return "fixed" if self.filter is None else "filter"


class AudienceMember(models.Model):
    """A stakeholder in an audience."""

    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="members")
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.CASCADE, related_name="audience_memberships")
    added_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["audience", "stakeholder"], name="stakeholders_member_once_per_audience")]

    def __str__(self) -> str:
        return f"{self.stakeholder_id} in {self.audience_id}"


class OptOut(models.Model):
    """An address that no longer wants what an audience is sent (one-click unsubscribe, RFC 8058)."""

    contact_point = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="opt_outs")
    audience = models.ForeignKey(Audience, on_delete=models.CASCADE, related_name="opt_outs")
    at = models.DateTimeField()
    source = models.CharField(max_length=40)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["contact_point", "audience"], name="stakeholders_opt_out_once")]

    def __str__(self) -> str:
        return f"{self.contact_point_id} out of {self.audience_id}"
