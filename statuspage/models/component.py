"""Components and groups as the public knows them."""

from django.db import models

from catalogue.rules.status import ComponentStatus


class PublicGroup(models.Model):
    """A heading with at least one public component below it."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    position = models.PositiveIntegerField()
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "name"]

    def __str__(self) -> str:
        return self.name


class PublicComponent(models.Model):
    """A public component. The status it had before the last change tells what a release changed."""

    code = models.CharField(max_length=12, unique=True)
    name = models.CharField(max_length=120)
    description = models.TextField(blank=True)
    group = models.ForeignKey(PublicGroup, on_delete=models.PROTECT, null=True, related_name="components")
    status = models.CharField(max_length=24)
    status_before = models.CharField(max_length=24)
    status_changed_at = models.DateTimeField()
    position = models.PositiveIntegerField()
    start_date = models.DateField(null=True)
    created_at = models.DateTimeField()
    updated_at = models.DateTimeField()

    class Meta:
        ordering = ["position", "name"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=list(ComponentStatus), status_before__in=list(ComponentStatus)),
                name="statuspage_component_status_known",
            )
        ]

    def __str__(self) -> str:
        return self.name
