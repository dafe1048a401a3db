"""A channel whose provider cannot be reached, or refuses us, rests for a while."""

from django.db import models


class ChannelPause(models.Model):
    """Nothing is claimed for the channel before `until`. No delivery's tries are used up by it."""

    channel = models.CharField(max_length=16, primary_key=True)
    until = models.DateTimeField()
    reason = models.CharField(max_length=200)
    failures = models.PositiveIntegerField(default=1, help_text="In a row; the pause grows with them.")

    def __str__(self) -> str:
        return f"{self.channel} rests: {self.reason}"
