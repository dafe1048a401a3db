"""A remark on a passage of the wording under review."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from approvals.models.review import ReviewRound


class PassageComment(models.Model):
    """What somebody says about the characters `start` to `end` (end excluded) of one text. Never changed (trigger).

    `quote` is the passage as it stood; the round names the revision.
    """

    round = models.ForeignKey(ReviewRound, on_delete=models.PROTECT, related_name="comments")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    audience = models.CharField(max_length=64)
    language = models.CharField(max_length=35)
    field = models.CharField(max_length=5, choices=[("title", "title"), ("body", "body")])
    start = models.PositiveIntegerField()
    end = models.PositiveIntegerField()
    quote = models.TextField()
    text = models.TextField()
    at = models.DateTimeField()

    class Meta:
        ordering = ["id"]
        constraints = [
            models.CheckConstraint(condition=Q(start__lt=F("end")), name="approvals_passage_not_empty"),
            models.CheckConstraint(condition=Q(field__in=["title", "body"]), name="approvals_passage_field_known"),
        ]

    def __str__(self) -> str:
        return f"{self.audience} {self.field} {self.start}-{self.end}"
