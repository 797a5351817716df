"""An uploaded spreadsheet and its staged rows, from the raw cells to the row that they became."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.files.models import StoredFile
from crm_site.jobs.models import Job


class BatchState(models.TextChoices):
    """Where an import stands."""

    READING = "reading"
    PREVIEW = "preview"
    APPLYING = "applying"
    APPLIED = "applied"
    REFUSED = "refused"
    CANCELLED = "cancelled"
    UNDONE = "undone"


class Verdict(models.TextChoices):
    """What a staged row will do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    PROBLEM = "problem"
    SKIPPED = "skipped"


class ImportBatch(models.Model):
    """One uploaded file, read as one layout, for one store."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="import_batches")
    layout = models.CharField(max_length=30)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="import_batches")
    uploaded_by = models.ForeignKey(Employee, models.PROTECT, related_name="import_batches")
    uploaded_at = models.DateTimeField()
    submission = models.UUIDField()
    state = models.CharField(max_length=10, choices=BatchState.choices, default=BatchState.READING)
    stage_job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    apply_job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    #: sheets, header rows and their column -> field mapping as recognised or chosen
    reading = models.JSONField(default=dict)
    #: answers asked once a file: {"employee": {"李工": 17}, ...}
    answers = models.JSONField(default=dict)
    #: {verdict: rows} and the like, kept up by staging and applying
    counts = models.JSONField(default=dict)
    #: why the whole file was refused: a code that is turned into words at display
    refusal = models.CharField(max_length=40, blank=True)
    refusal_detail = models.JSONField(default=dict)
    historical = models.BooleanField(default=False)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="batch_once_a_submission"),
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.layout} {self.pk}"


class StagedRow(models.Model):
    """One row of the file: its raw cells, what we read in them, and what it will become or became."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="rows")
    sheet = models.CharField(max_length=60)
    row = models.PositiveIntegerField()
    chunk = models.PositiveIntegerField(default=0)
    raw = models.JSONField()
    clean = models.JSONField(default=dict)
    #: [{"column": …, "field": …, "code": …, "value": …, "severity": "problem"|"warning"|"fixed", …}]
    findings = models.JSONField(default=list)
    verdict = models.CharField(max_length=10, choices=Verdict.choices)
    #: {field: [before, after]} of a changed row
    changes = models.JSONField(default=dict)
    target_type = models.CharField(max_length=40, blank=True)
    target_id = models.BigIntegerField(null=True)
    #: the target's values before the apply, for undo
    before = models.JSONField(default=dict)
    applied = models.BooleanField(default=False)

    STORE_PATH = "batch__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["batch_id", "pk"]
        indexes = [models.Index(fields=["batch", "verdict", "id"], name="staged_batch_verdict")]
        constraints = [
            models.UniqueConstraint(fields=["batch", "sheet", "row"], name="staged_once_a_row"),
            models.CheckConstraint(condition=Q(verdict__in=Verdict.values), name="staged_verdict_known"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}:{self.row}"


class Attribution(models.Model):
    """Abstract: where an importable row came from, and what the last import said of it."""

    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+")
    sheet = models.CharField(max_length=60, blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)
    source_values = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
