"""Questions whether an address is its reader's."""

from django.db import models
from django.db.models import Q

from stakeholders.models.contact_point import ContactPoint
from stakeholders.rules.verification import Ending, Method


class Verification(models.Model):
    """One question, by a link or a code. Only the hash of what answers it is kept; `nonce` is what it was made from, with our key."""

    contact_point = models.ForeignKey(ContactPoint, on_delete=models.CASCADE, related_name="verifications")
    method = models.CharField(max_length=4, choices=[(m.value, m.value) for m in Method])
    nonce = models.CharField(max_length=32)
    secret_hash = models.CharField(max_length=64)
    asked_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    attempts = models.PositiveSmallIntegerField(default=0, help_text="Wrong answers.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_as = models.CharField(max_length=9, blank=True, choices=[(e.value, e.value) for e in Ending])

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["contact_point"], condition=Q(ended_at__isnull=True), name="stakeholders_one_open_question"),
            models.CheckConstraint(condition=Q(method__in=[m.value for m in Method]), name="stakeholders_question_method_known"),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True, ended_as="") | Q(ended_at__isnull=False, ended_as__in=[e.value for e in Ending]),
                name="stakeholders_question_ends_somehow",
            ),
            models.CheckConstraint(condition=Q(attempts__lte=5), name="stakeholders_question_attempts_limited"),
        ]
        indexes = [models.Index(fields=["expires_at"], condition=Q(ended_at__isnull=True), name="stakeholders_question_open")]

    def __str__(self) -> str:
        return f"{self.method} for {self.contact_point_id}"
