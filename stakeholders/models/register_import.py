"""Lists taken into the register: the file as it came, row by row, and what became of each."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from core.identifiers import public_id
from stakeholders.models.stakeholder import Stakeholder
from stakeholders.rules.imports import WORKED_OFF, ImportState, RowAction


class RegisterImport(models.Model):
    """One file on its way into the register. `done` of `total` rows are worked off in the present state; `counts` is per action.

    `columns` are the file's headings in order, `mapping` the register's field for each column used, by its number as text.
    `options`: `kind`, `country`, `audiences`, `consent`, `confirm`.
    """

    public_id = models.CharField(max_length=12, unique=True, default=public_id, editable=False)
    file_name = models.CharField(max_length=200)
    encoding = models.CharField(max_length=20)
    delimiter = models.CharField(max_length=1)
    columns = models.JSONField()
    mapping = models.JSONField(default=dict)
    options = models.JSONField(default=dict)
    state = models.CharField(max_length=10, choices=[(s.value, s.value) for s in ImportState], default=ImportState.UPLOADED.value)
    total = models.PositiveIntegerField(default=0)
    done = models.PositiveIntegerField(default=0)
    last_number = models.PositiveIntegerField(default=0, help_text="The last row worked off in the present state.")
    counts = models.JSONField(default=dict)
    failure = models.CharField(max_length=300, blank=True, help_text="Why the last chunk failed; empty once one was done.")
    failures = models.PositiveSmallIntegerField(default=0, help_text="How often in a row the chunk after `last_number` failed.")
    retry_at = models.DateTimeField(null=True, blank=True, help_text="A chunk that failed rests until then.")
    failed_while = models.CharField(max_length=10, blank=True, help_text="The state in which it failed, to go on in.")
    started_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)
    emptied_at = models.DateTimeField(null=True, blank=True, help_text="Rows are deleted some time after it is done.")

    class Meta:
        ordering = ["-id"]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=[s.value for s in ImportState]), name="stakeholders_import_state_known"),
            models.CheckConstraint(condition=Q(done__lte=models.F("total")), name="stakeholders_import_done_of_total"),
            models.CheckConstraint(
                condition=Q(state=ImportState.FAILED.value, failed_while__in=sorted(WORKED_OFF)) & ~Q(failure="")
                | ~Q(state=ImportState.FAILED.value) & Q(failed_while=""),
                name="stakeholders_import_failed_whole",
            ),
        ]
        indexes = [
            models.Index(fields=["id"], condition=Q(state__in=sorted(WORKED_OFF)), name="stakeholders_import_working"),
        ]

    def __str__(self) -> str:
        return self.file_name


class ImportRow(models.Model):
    """A row of the file: its cells, what is wrong with it, what it would do, and what stood there before it was applied."""

    register_import = models.ForeignKey(RegisterImport, on_delete=models.CASCADE, related_name="rows")
    number = models.PositiveIntegerField(help_text="The line of the file on which the row begins; headings are on line 1.")
    cells = models.JSONField()
    action = models.CharField(max_length=10, blank=True, choices=[(a.value, a.value) for a in RowAction])
    external_key = models.CharField(max_length=128, blank=True)
    address_key = models.CharField(max_length=340, blank=True)
    entry = models.JSONField(default=dict)
    problems = models.JSONField(default=list)
    changes = models.JSONField(default=dict)
    merged_into = models.PositiveIntegerField(null=True, blank=True)
    stakeholder = models.ForeignKey(Stakeholder, on_delete=models.SET_NULL, null=True, blank=True, related_name="+", db_constraint=True)
    before = models.JSONField(null=True, blank=True)
    applied_at = models.DateTimeField(null=True, blank=True)
    undone_at = models.DateTimeField(null=True, blank=True)
    kept = models.CharField(
        max_length=200,
        blank=True,
        default="",
        db_default="",
        help_text="What was left as it is when the row was taken back: changed since.",
    )

    class Meta:
        ordering = ["number"]
        constraints = [
            models.UniqueConstraint(fields=["register_import", "number"], name="stakeholders_import_row_once"),
            models.CheckConstraint(condition=Q(action__in=["", *(a.value for a in RowAction)]), name="stakeholders_import_action_known"),
        ]
        indexes = [
            models.Index(fields=["register_import", "action", "number"], name="stakeholders_import_actions"),
            models.Index(fields=["register_import", "external_key"], condition=~Q(external_key=""), name="stakeholders_import_ext"),
            models.Index(fields=["register_import", "address_key"], condition=~Q(address_key=""), name="stakeholders_import_addr"),
        ]

    def __str__(self) -> str:
        return f"row {self.number} of {self.register_import_id}"
