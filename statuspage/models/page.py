"""Where the page stands, and what waits to be shown."""

from django.db import models

from core.identifiers import public_id


class PageState(models.Model):
    """The one page. `seq` is the last snapshot number given out, `shown_seq` the one last put live."""

    code = models.CharField(max_length=12, unique=True, default=public_id, editable=False, help_text="The page's id in the public API.")
    seq = models.PositiveBigIntegerField(default=0)
    shown_seq = models.PositiveBigIntegerField(default=0)
    shown_at = models.DateTimeField(null=True)
    content_hash = models.CharField(max_length=64, blank=True, help_text="Of the content last shown.")
    content_changed_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="statuspage_one_page")]

    def __str__(self) -> str:
        return f"snapshot {self.shown_seq}"


class KeptBack(models.Model):
    """An incident whose released words may not all be shown again yet: looked at anew until they may, or it is restricted again.

    `look_at` is when next, `looks` how often in vain since something about it changed (`statuspage/rules/pause.py`).
    """

    code = models.CharField(max_length=12, unique=True)
    since = models.DateTimeField()
    look_at = models.DateTimeField(db_index=True)
    looks = models.PositiveIntegerField(default=0)

    def __str__(self) -> str:
        return self.code


class PageChange(models.Model):
    """A change of the projection that is not on the page yet.

    Inserted rather than counted in one row, so that two releases never wait for each other; removed by the publisher
    that has shown it.
    """

    at = models.DateTimeField()

    def __str__(self) -> str:
        return f"change {self.pk}"
