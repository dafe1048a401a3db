"""The incident, and who may see it."""

from typing import Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from guardian.models import GroupObjectPermissionBase, UserObjectPermissionBase

from accounts.actors import Actor, ActorKind
from accounts.rules.roles import Permission
from core.identifiers import public_id
from incidents.rules.words import Category, Impact, OutageScope, Severity, Stage, Status


def _choices(words: type) -> list[tuple[str, str]]:
    return [(word.value, word.value) for word in words]  # type: ignore[attr-defined]  # enum classes iterate over members


class IncidentQuerySet(models.QuerySet["Incident"]):
    """The one gate: every read on behalf of somebody starts with `visible_to`."""

    def visible_to(self, actor: Actor) -> Self:
        """Ordinary incidents for everyone who may read incidents; restricted ones only for those granted by name or team."""
        if actor.kind is ActorKind.SYSTEM:
            return self
        if not actor.may(Permission.INCIDENT_READ):
            return self.none()
        if actor.user is None:
            return self.filter(restricted=False)
        by_name = IncidentUserObjectPermission.objects.filter(user=actor.user, content_object=models.OuterRef("pk"))
        by_team = IncidentGroupObjectPermission.objects.filter(group__user=actor.user, content_object=models.OuterRef("pk"))
        return self.filter(models.Q(restricted=False) | models.Exists(by_name) | models.Exists(by_team))


class Incident(models.Model):
    """Something that is, or may be, wrong. `title` is internal: the public reads the title of a released update."""

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    title = models.CharField(max_length=200)
    severity = models.CharField(max_length=4, choices=_choices(Severity))
    impact = models.CharField(max_length=8, choices=_choices(Impact))
    stage = models.CharField(max_length=10, choices=_choices(Stage))
    status = models.CharField(max_length=16, choices=_choices(Status), default=Status.INVESTIGATING)
    category = models.CharField(max_length=40, choices=_choices(Category), default=Category.APPLICATION)
    customer_facing = models.BooleanField(default=True)
    restricted = models.BooleanField(default=False)
    tags = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    outage_scope = models.CharField(max_length=7, choices=_choices(OutageScope), default=OutageScope.NONE)
    outage_scope_set_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Empty while the components' states decide the scope.",
    )
    outage_scope_reason = models.CharField(max_length=300, blank=True)
    data_breach = models.BooleanField(default=False)
    regulated_system = models.BooleanField(default=False)
    regulatory_flags = ArrayField(models.SlugField(max_length=40), default=list, blank=True)
    jurisdictions = ArrayField(models.CharField(max_length=6), default=list, blank=True, help_text="ISO 3166 codes.")
    components = models.ManyToManyField("catalogue.Component", through="IncidentComponent", related_name="incidents")
    commander = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="commanded_incidents"
    )
    opened_by = models.CharField(max_length=160, help_text="Audit reference of who or what opened it.")
    opener = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+")
    title_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        help_text="Who wrote the title as it is; empty where a tool did.",
    )
    opened_at = models.DateTimeField()
    resolved_at = models.DateTimeField(null=True, blank=True)
    reconsider_at = models.DateTimeField(null=True, blank=True, help_text="When time alone may change the decision.")
    version = models.PositiveIntegerField(default=1, help_text="Grows with every change; ETag of the API.")

    objects = IncidentQuerySet.as_manager()

    class Meta:
        ordering = ["-opened_at", "-id"]
        constraints = [
            models.CheckConstraint(condition=models.Q(severity__in=list(Severity)), name="incidents_severity_known"),
            models.CheckConstraint(condition=models.Q(impact__in=list(Impact)), name="incidents_impact_known"),
            models.CheckConstraint(condition=models.Q(stage__in=list(Stage)), name="incidents_stage_known"),
            models.CheckConstraint(condition=models.Q(status__in=list(Status)), name="incidents_status_known"),
            models.CheckConstraint(
                condition=models.Q(status="resolved", resolved_at__isnull=False)
                | (~models.Q(status="resolved") & models.Q(resolved_at__isnull=True)),
                name="incidents_resolved_has_time",
            ),
            models.CheckConstraint(condition=models.Q(outage_scope__in=list(OutageScope)), name="incidents_outage_scope_known"),
            models.CheckConstraint(
                condition=models.Q(outage_scope_set_by__isnull=True, outage_scope_reason="")
                | (models.Q(outage_scope_set_by__isnull=False) & ~models.Q(outage_scope_reason="")),
                name="incidents_outage_scope_set_with_reason",
            ),
        ]
        indexes = [
            models.Index(fields=["status", "-opened_at"], name="incidents_status_opened"),
            models.Index(fields=["reconsider_at"], condition=models.Q(reconsider_at__isnull=False), name="incidents_reconsider_due"),
        ]

    def __str__(self) -> str:
        return self.title


class IncidentComponent(models.Model):
    """A component that the incident affects."""

    incident = models.ForeignKey(Incident, on_delete=models.PROTECT, related_name="component_links")
    component = models.ForeignKey("catalogue.Component", on_delete=models.PROTECT, related_name="incident_links")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["incident", "component"], name="incidents_component_once")]

    def __str__(self) -> str:
        return f"{self.component_id} in {self.incident_id}"


class IncidentUserObjectPermission(UserObjectPermissionBase):
    """Guardian's grant of one incident to one person."""

    content_object = models.ForeignKey(Incident, on_delete=models.PROTECT)


class IncidentGroupObjectPermission(GroupObjectPermissionBase):
    """Guardian's grant of one incident to one team's group."""

    content_object = models.ForeignKey(Incident, on_delete=models.PROTECT)
