"""Which template an event gets: ordered rules, kept in versions of the whole list."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models

from templates.models.update_template import UpdateTemplate


class TemplateRuleSet(models.Model):
    """One state of the whole list; the highest version is in force. Never changed (trigger)."""

    version = models.PositiveIntegerField(unique=True)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-version"]

    def __str__(self) -> str:
        return f"template rules v{self.version}"


class TemplateRule(models.Model):
    """Incidents of `category` (empty: any) that carry all of `tags` get `template`. Never changed (trigger).

    The template names the update's status and audience, so the rule applies to these alone.
    """

    rule_set = models.ForeignKey(TemplateRuleSet, on_delete=models.PROTECT, related_name="rules")
    position = models.PositiveIntegerField()
    category = models.CharField(max_length=40, blank=True)
    tags = ArrayField(models.CharField(max_length=40), default=list)
    template = models.ForeignKey(UpdateTemplate, on_delete=models.PROTECT, related_name="rules")

    class Meta:
        ordering = ["rule_set", "position"]
        constraints = [
            models.UniqueConstraint(fields=["rule_set", "position"], name="templates_rule_position_once"),
            models.CheckConstraint(condition=~models.Q(category="", tags=[]), name="templates_rule_asks_something"),
        ]

    def __str__(self) -> str:
        return f"rule {self.position}"
