"""What is sent, frozen at the moment it was decided."""

from typing import Self

from django.conf import settings
from django.db import models
from django.db.models import Q

from accounts.actors import Actor
from core.identifiers import public_id
from incidents.models import Incident
from notifications.rules.states import Ended, Lane, MessageKind


class MessageQuerySet(models.QuerySet["Message"]):
    """Reads on behalf of somebody start with `visible_to`."""

    def visible_to(self, actor: Actor) -> Self:
        """Messages about incidents the actor may see."""
        return self.filter(incident__in=Incident.objects.visible_to(actor))


class Message(models.Model):
    """One thing to be told. `source_key` names what caused it, so the same cause never makes a second message.

    `wording` holds `{audience key: {"title", "body"}}` (notices: one entry under the empty key), `facts` what the letters show
    besides: status, impact, component names, instants as ISO 8601 UTC.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    kind = models.CharField(max_length=12, choices=[(k.value, k.value) for k in MessageKind])
    source_key = models.CharField(max_length=120, unique=True)
    lane = models.PositiveSmallIntegerField(choices=[(lane.value, lane.name) for lane in Lane])
    release = models.OneToOneField("approvals.Release", on_delete=models.PROTECT, null=True, related_name="message")
    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, null=True, related_name="messages")
    wording = models.JSONField()
    facts = models.JSONField(default=dict)
    plan = models.JSONField(default=dict, help_text="The routes and filters as they were at the release, by audience.")
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField(help_text="By the database's clock; later nothing more is sent.")
    stopped_reason = models.CharField(max_length=500, blank=True, help_text="Why nothing of it is sent for now; empty when it may go.")
    stopped_at = models.DateTimeField(null=True, blank=True)
    planned_at = models.DateTimeField(null=True, help_text="When the last of its deliveries was planned; empty while that goes on.")
    unplanned = models.PositiveIntegerField(
        null=True, help_text="About how many were never planned, because it ended before; empty while its plan goes on or is whole."
    )
    paused_at = models.DateTimeField(null=True, blank=True, help_text="Set by a person: nothing more is begun until it is resumed.")
    paused_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    ended_as = models.CharField(max_length=12, blank=True, choices=[(e.value, e.value) for e in Ended])
    ended_reason = models.CharField(max_length=200, blank=True, help_text="Why what was not sent yet never is.")
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    finished_at = models.DateTimeField(null=True, help_text="When the last of its deliveries came to an end and the batch was recorded.")

    objects = MessageQuerySet.as_manager()

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=list(MessageKind)), name="notifications_message_kind_known"),
            models.CheckConstraint(condition=Q(lane__in=list(Lane)), name="notifications_message_lane_known"),
            models.CheckConstraint(
                condition=Q(ended_as="", ended_at__isnull=True, ended_reason="")
                | (Q(ended_as__in=list(Ended), ended_at__isnull=False) & ~Q(ended_reason="")),
                name="notifications_message_ended_whole",
            ),
            models.CheckConstraint(
                condition=Q(paused_at__isnull=True, paused_by__isnull=True) | Q(paused_at__isnull=False, paused_by__isnull=False),
                name="notifications_message_paused_whole",
            ),
            models.CheckConstraint(
                condition=Q(ended_as=Ended.CANCELLED, ended_by__isnull=False) | (~Q(ended_as=Ended.CANCELLED) & Q(ended_by__isnull=True)),
                name="notifications_message_cancelled_by_somebody",
            ),
            models.CheckConstraint(
                condition=Q(finished_at__isnull=True) | Q(planned_at__isnull=False) | Q(unplanned__isnull=False),
                name="notifications_message_planned_before_finished",
            ),
            models.CheckConstraint(
                condition=Q(planned_at__isnull=True) | Q(unplanned__isnull=True), name="notifications_message_planned_whole_or_not"
            ),
            models.CheckConstraint(
                condition=Q(stopped_reason="", stopped_at__isnull=True) | (~Q(stopped_reason="") & Q(stopped_at__isnull=False)),
                name="notifications_message_stopped_whole",
            ),
            models.CheckConstraint(
                condition=Q(kind=MessageKind.RELEASE, release__isnull=False, incident__isnull=False)
                | (~Q(kind=MessageKind.RELEASE) & Q(release__isnull=True)),
                name="notifications_release_message_has_release",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(finished_at__isnull=True) & ~Q(stopped_reason=""), name="notifications_msg_stopped"),
            models.Index(fields=["expires_at"], condition=Q(finished_at__isnull=True), name="notifications_msg_unfinished"),
        ]

    def __str__(self) -> str:
        return self.source_key
