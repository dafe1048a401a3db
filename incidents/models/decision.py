"""What the policy decided for an incident, with the facts it read."""

from django.db import models

from incidents.models.incident import Incident


class PolicyDecision(models.Model):
    """One decision. The newest is in force; earlier ones stay."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="decisions")
    outcome = models.CharField(max_length=8)
    rule_key = models.CharField(max_length=64)
    rule_words = models.CharField(max_length=300)
    cadence = models.JSONField(help_text="Minutes until the next update, per status.")
    reviews = models.JSONField(help_text="Required reviews: kind and window in minutes.")
    audiences = models.JSONField()
    publishes_watching = models.BooleanField(default=False)
    consequences = models.JSONField(default=dict, help_text="The whole decision, as `policies.rules.decision` writes it.")
    cause = models.CharField(max_length=200, blank=True, help_text="Why it was made, in words.")
    facts = models.JSONField()
    policy_version = models.PositiveIntegerField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(outcome__in=["required", "optional", "none"]), name="incidents_outcome_known")
        ]

    def __str__(self) -> str:
        return f"{self.outcome} by {self.rule_key}"
