"""Updates, their immutable revisions, and everyone who ever wrote at one."""

from django.conf import settings
from django.db import models

from core.identifiers import public_id
from incidents.models.incident import Incident
from incidents.rules.content import Content
from incidents.rules.words import CORRECTING, UpdateKind, UpdateState


class Update(models.Model):
    """One status update on its way out. Its words are in `current`, the newest revision.

    `kind` and `corrects` never change (trigger); a correction or retraction names the released update it is about.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="updates")
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in UpdateState], default=UpdateState.DRAFT)
    kind = models.CharField(max_length=10, choices=[(k.value, k.value) for k in UpdateKind], default=UpdateKind.UPDATE)
    corrects = models.ForeignKey("self", on_delete=models.PROTECT, null=True, blank=True, related_name="corrected_by")
    current = models.ForeignKey("UpdateRevision", on_delete=models.PROTECT, null=True, related_name="+")
    created_by = models.CharField(max_length=160)
    created_at = models.DateTimeField()
    released_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=list(UpdateState)), name="incidents_update_state_known"),
            models.CheckConstraint(
                condition=models.Q(state="released", released_at__isnull=False)
                | (~models.Q(state="released") & models.Q(released_at__isnull=True)),
                name="incidents_update_released_has_time",
            ),
            models.CheckConstraint(condition=models.Q(kind__in=list(UpdateKind)), name="incidents_update_kind_known"),
            models.CheckConstraint(
                condition=models.Q(kind__in=sorted(CORRECTING), corrects__isnull=False)
                | (~models.Q(kind__in=sorted(CORRECTING)) & models.Q(corrects__isnull=True)),
                name="incidents_correction_names_what_it_corrects",
            ),
            models.CheckConstraint(condition=~models.Q(kind="drill", state="released"), name="incidents_drill_never_released"),
        ]

    def __str__(self) -> str:
        return self.public_id


class UpdateRevision(models.Model):
    """One exact state of an update. Never changed (trigger); `author` is empty for machine-made drafts."""

    update_of = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="revisions")
    number = models.PositiveIntegerField()
    content = models.JSONField()
    content_hash = models.CharField(max_length=64)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, related_name="+")
    author_ref = models.CharField(max_length=160)
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["-number"]
        constraints = [
            models.UniqueConstraint(fields=["update_of", "number"], name="incidents_revision_number_once"),
            models.UniqueConstraint(fields=["id", "content_hash"], name="incidents_revision_hash_key"),
        ]

    def __str__(self) -> str:
        return f"{self.update_of_id} r{self.number}"

    def parsed(self) -> Content:
        """The content as a value."""
        return Content.from_json(self.content)


class UpdateContributor(models.Model):
    """Someone who wrote any part of any revision, or put the update forward. The set never shrinks (trigger)."""

    update_of = models.ForeignKey(Update, on_delete=models.PROTECT, related_name="contributors")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["update_of", "user"], name="incidents_contributor_once")]

    def __str__(self) -> str:
        return f"{self.user_id} at {self.update_of_id}"
