"""Components and their groups."""

from django.db import models

from catalogue.rules.status import ComponentStatus
from core.identifiers import public_id


class ComponentGroup(models.Model):
    """A heading on the public page, for instance Payments."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    name = models.CharField(max_length=120, unique=True)
    position = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class Component(models.Model):
    """A part of the service that people know by name. `key` is what alerts call it; `is_public` puts it on the page."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    group = models.ForeignKey(ComponentGroup, on_delete=models.SET_NULL, null=True, blank=True, related_name="components")
    status = models.CharField(max_length=24, choices=[(s.value, s.value) for s in ComponentStatus], default=ComponentStatus.OPERATIONAL)
    position = models.PositiveIntegerField(default=0)
    is_public = models.BooleanField(default=True)
    start_date = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=[s.value for s in ComponentStatus]), name="catalogue_component_status_known"
            )
        ]

    def __str__(self) -> str:
        return self.name
