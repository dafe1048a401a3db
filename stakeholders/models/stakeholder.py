"""Stakeholders: who is told."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import GinIndex, OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from core.identifiers import public_id
from stakeholders.rules.kinds import StakeholderKind, Tier


class Stakeholder(models.Model):
    """A person or body that is told. A user's own addresses hang on the stakeholder linked to the user.

    `external_id` is the name that another system (a CRM) knows the entry by. Quiet hours are local times of `time_zone`; they run
    over midnight where `quiet_from` is the later one.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    external_id = models.CharField(max_length=128, unique=True, null=True, blank=True)
    kind = models.CharField(max_length=16, choices=[(k.value, k.value) for k in StakeholderKind])
    name = models.CharField(max_length=200)
    user = models.OneToOneField(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="stakeholder")
    organisation = models.ForeignKey("self", on_delete=models.SET_NULL, null=True, blank=True, related_name="people")
    tier = models.CharField(max_length=16, blank=True, choices=[(t.value, t.value) for t in Tier])
    contract = models.CharField(max_length=200, blank=True)
    success_manager = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="accounts_kept"
    )
    region = models.SlugField(max_length=64, blank=True, db_index=False)
    tags = ArrayField(models.SlugField(max_length=64, db_index=False), default=list, blank=True)
    language = models.CharField(max_length=12, default="en")
    time_zone = models.CharField(max_length=64, default="UTC", help_text="IANA name, for instance Europe/Berlin.")
    quiet_from = models.TimeField(null=True, blank=True)
    quiet_until = models.TimeField(null=True, blank=True)
    depends_on = models.ManyToManyField("catalogue.Component", blank=True, related_name="dependents")
    created_at = models.DateTimeField()

    class Meta:
        ordering = ["name", "id"]
        indexes = [
            # The order of the list, and search as one types: a part of the name, whatever its case.
            models.Index(fields=["name", "id"], name="stakeholders_by_name"),
            GinIndex(OpClass(Upper("name"), name="gin_trgm_ops"), name="stakeholders_name_trgm", fastupdate=False),
            # … and of one or two letters the beginning of the name.
            models.Index(OpClass(Upper("name"), name="text_pattern_ops"), name="stakeholders_name_begins"),
            GinIndex(fields=["tags"], name="stakeholders_tags"),
            # The few who are written to first, found among a million.
            models.Index(fields=["id"], condition=Q(kind=StakeholderKind.REGULATOR.value), name="stakeholders_regulators"),
            models.Index(fields=["id"], condition=Q(tier__in=[Tier.STRATEGIC.value, Tier.KEY.value]), name="stakeholders_key_accounts"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(kind__in=[k.value for k in StakeholderKind]), name="stakeholders_kind_known"),
            models.CheckConstraint(condition=Q(tier__in=["", *(t.value for t in Tier)]), name="stakeholders_tier_known"),
            models.CheckConstraint(condition=~Q(external_id=""), name="stakeholders_external_id_not_empty"),
            models.CheckConstraint(
                condition=Q(quiet_from__isnull=True, quiet_until__isnull=True)
                | (Q(quiet_from__isnull=False, quiet_until__isnull=False) & ~Q(quiet_from=F("quiet_until"))),
                name="stakeholders_quiet_hours_whole",
            ),
            models.CheckConstraint(
                condition=Q(organisation__isnull=True) | ~Q(organisation=F("id")), name="stakeholders_not_its_own_organisation"
            ),
        ]

    def __str__(self) -> str:
        return self.name
