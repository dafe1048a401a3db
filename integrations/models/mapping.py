"""How a source's labels become an incident's facts."""

from django.db import models


class EventMapping(models.Model):
    """The mapping in use for one source; `document` has the shape that `integrations.rules.mapping` parses."""

    source = models.CharField(max_length=40, unique=True)
    document = models.JSONField()
    version = models.PositiveIntegerField(default=1)
    updated_by = models.CharField(max_length=160)
    updated_at = models.DateTimeField()

    def __str__(self) -> str:
        return f"{self.source} version {self.version}"
