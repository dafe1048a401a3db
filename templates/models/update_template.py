"""Update templates and their immutable versions."""

from django.conf import settings
from django.db import models

from core.identifiers import public_id


class UpdateTemplate(models.Model):
    """Wording prepared for one category (empty: any), one update status and one audience.

    `only_by_rule`: serves no place by itself, only where a rule or the policy names its key.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    key = models.SlugField(max_length=64, unique=True)
    name = models.CharField(max_length=120)
    category = models.CharField(max_length=40, blank=True)
    status = models.CharField(max_length=16)
    audience_key = models.CharField(max_length=64)
    only_by_rule = models.BooleanField(default=False)
    retired_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["category", "status", "audience_key", "key"]
        constraints = [
            models.UniqueConstraint(
                fields=["category", "status", "audience_key"],
                condition=models.Q(retired_at__isnull=True, only_by_rule=False),
                name="templates_one_per_place",
            )
        ]

    def __str__(self) -> str:
        return self.name


class TemplateVersion(models.Model):
    """One state of a template's wording; the highest number is in use. Never changed."""

    template = models.ForeignKey(UpdateTemplate, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    title = models.CharField(max_length=200)
    body = models.TextField()
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [models.UniqueConstraint(fields=["template", "number"], name="templates_version_once")]

    def __str__(self) -> str:
        return f"{self.template_id} v{self.number}"
