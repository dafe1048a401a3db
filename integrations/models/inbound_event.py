"""What came in, as it came."""

from django.db import models


class InboundEvent(models.Model):
    """One body, byte for byte. The same bytes again are not kept twice."""

    source = models.CharField(max_length=40)
    token = models.ForeignKey("HookToken", on_delete=models.PROTECT, related_name="+")
    body = models.BinaryField()
    digest = models.CharField(max_length=64, help_text="SHA-256 of the body.")
    received_at = models.DateTimeField()
    outcome = models.CharField(max_length=8, choices=[(word, word) for word in ("opened", "joined", "noted", "nothing")])
    incident = models.ForeignKey("incidents.Incident", on_delete=models.PROTECT, null=True, related_name="+")

    class Meta:
        ordering = ["-id"]
        constraints = [models.UniqueConstraint(fields=["source", "digest"], name="integrations_body_once")]

    def __str__(self) -> str:
        return f"{self.source} {self.digest[:8]}: {self.outcome}"
