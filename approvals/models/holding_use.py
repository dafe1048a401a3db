"""How an approved holding statement became the words of one update."""

from django.db import models

from incidents.models import UpdateRevision
from templates.models import HoldingStatementVersion


class HoldingUse(models.Model):
    """One statement filled in for one revision: the version and its hash, the values, what came out. Never changed (trigger).

    The database fills the approved text in anew and compares (`approvals_holding_exact_words`).
    """

    revision = models.ForeignKey(UpdateRevision, on_delete=models.PROTECT, related_name="holding_uses")
    version = models.ForeignKey(HoldingStatementVersion, on_delete=models.PROTECT, related_name="uses")
    content_hash = models.CharField(max_length=64)
    values = models.JSONField(help_text="The value of each variable that the text asks for.")
    title = models.CharField(max_length=200)
    body = models.TextField()

    class Meta:
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["revision", "version"], name="approvals_holding_use_once")]

    def __str__(self) -> str:
        return f"{self.version_id} in {self.revision_id}"
