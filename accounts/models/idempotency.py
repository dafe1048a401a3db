"""Answers kept for `Idempotency-Key`."""

from django.db import models

from accounts.models.user import User


class IdempotencyRecord(models.Model):
    """The answer to one POST, kept so that a repeat with the same key and body gets the same answer."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    key = models.CharField(max_length=255)
    request_hash = models.CharField(max_length=64)
    status = models.PositiveSmallIntegerField(null=True)
    body = models.BinaryField(null=True)
    headers = models.JSONField(default=dict)
    created_at = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="accounts_idempotency_key_once")]

    def __str__(self) -> str:
        return self.key
