"""What an outside tool shows to be let in."""

from django.db import models


class HookToken(models.Model):
    """A bearer token, of which only the SHA-256 is kept. Several may be valid at once, so that one can be replaced."""

    source = models.CharField(max_length=40)
    digest = models.CharField(max_length=64, unique=True)
    created_by = models.CharField(max_length=160)
    created_at = models.DateTimeField()
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.source} {self.digest[:8]}"
