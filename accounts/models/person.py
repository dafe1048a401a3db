"""Which accounts are one human's."""

from django.db import models

from accounts.models.user import User


class SsoSubject(models.Model):
    """What an identity provider calls the person behind an account. Two accounts with one subject are one person's."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="sso_subjects")
    issuer = models.CharField(max_length=255, help_text="The identity provider, as OpenID Connect's iss names it.")
    subject = models.CharField(max_length=255, help_text="The person, as its sub names them.")
    noted_at = models.DateTimeField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["user", "issuer", "subject"], name="accounts_subject_once_per_user"),
            models.CheckConstraint(condition=~models.Q(issuer="") & ~models.Q(subject=""), name="accounts_subject_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.subject} at {self.issuer}"
