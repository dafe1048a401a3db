"""The log as rows. Triggers refuse UPDATE, DELETE and TRUNCATE; verification detects what a superuser does all the same."""

from django.db import models


class Head(models.Model):
    """The single row that counts the log. Its lock orders appends, so indexes have no gap and no fork."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.BigIntegerField(default=0)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="audit_head_single_row")]

    def __str__(self) -> str:
        return f"{self.size} entries"


class Entry(models.Model):
    """One thing that happened. `envelope` is what the leaf covers; `salt` and `body` open its commitment."""

    index = models.BigIntegerField(primary_key=True)
    type = models.CharField(max_length=80)
    at = models.DateTimeField()
    actor = models.CharField(max_length=120)
    subject = models.CharField(max_length=120)
    policy_version = models.IntegerField(null=True)
    commit = models.BinaryField()
    salt = models.BinaryField()
    body = models.BinaryField()
    envelope = models.BinaryField()
    leaf = models.BinaryField()

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(index__gte=0), name="audit_entry_index_from_zero")]
        indexes = [
            models.Index(fields=["subject", "index"], name="audit_entry_subject"),
            models.Index(fields=["type", "index"], name="audit_entry_type"),
        ]

    def __str__(self) -> str:
        return f"{self.index} {self.type} {self.subject}"
