"""An uploaded spreadsheet and its staged rows, from the raw cells to the row that they became."""

from __future__ import annotations

import hashlib
import json

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
    UNDOING = "undoing"
    UNDONE = "undone"


class Verdict(models.TextChoices):
    """What a staged row will do."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"
    CONFLICT = "conflict"
    #: waits for a person to say who or what is meant; not written before
    ASK = "ask"
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
    #: what a person has said of this file; its keys are listed in docs/importing.md, "Answers"
    answers = models.JSONField(default=dict)
    #: what is still asked once a file: [{"kind": "employee"|"value"|"date_order"|…, "field": …, …}]
    questions = models.JSONField(default=list)
    #: the import whose error workbook this file is
    repair_of = models.ForeignKey("self", models.PROTECT, null=True, related_name="repairs")
    #: {verdict: rows} and the like, kept up by staging and applying
    counts = models.JSONField(default=dict)
    #: why the whole file was refused: a code that is turned into words at display
    refusal = models.CharField(max_length=40, blank=True)
    refusal_detail = models.JSONField(default=dict)
    historical = models.BooleanField(default=False)
    applied_at = models.DateTimeField(null=True)
    applied_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    undo_job = models.ForeignKey(Job, models.PROTECT, null=True, related_name="+")
    #: what the undo would do or has done: {"removed": {model: rows}, "restored": …, "kept": …}
    undo_counts = models.JSONField(default=dict)
    undone_at = models.DateTimeField(null=True)
    undone_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-uploaded_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="batch_once_a_submission"),
            models.CheckConstraint(condition=Q(state__in=BatchState.values), name="batch_state_known"),
        ]

    def __str__(self) -> str:
        return f"{self.layout} {self.pk}"

    @property
    def stamp(self) -> str:
        """A short text that changes with what the preview shows: whoever confirms says which one they have seen."""
        shows = json.dumps([self.state, self.counts, self.answers], sort_keys=True)
        return hashlib.sha256(shows.encode()).hexdigest()[:16]


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


class AppliedChunk(models.Model):
    """What one transaction of an import made and changed, for undo; forgotten together with the staged rows."""

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="chunks")
    number = models.PositiveIntegerField()
    at = models.DateTimeField()
    #: {"customers.customer": [keys of rows made], …}, children after their parents
    created = models.JSONField(default=dict)
    #: {"customers.customer": {key: {field: [before, after]}}, …}, plain JSON
    updated = models.JSONField(default=dict)
    #: {"customers.workmanship": {key: {field: value}}, …}: whole rows that gave way to others
    removed = models.JSONField(default=dict)
    #: {"customers.customer": {key: seal}, …}: what the rows made or changed looked like afterwards (journal.seal)
    seals = models.JSONField(default=dict)
    #: taken back by an undo, in one transaction
    undone = models.BooleanField(default=False)

    STORE_PATH = "batch__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["batch_id", "number"]
        constraints = [models.UniqueConstraint(fields=["batch", "number"], name="chunk_once_a_batch")]

    def __str__(self) -> str:
        return f"{self.batch_id}/{self.number}"


class UndoCase(models.Model):
    """One row that an undo does not simply take back: edited since (a person decides) or now referenced (stays)."""

    class Kind(models.TextChoices):
        EDITED = "edited"
        REFERENCED = "referenced"

    class Decision(models.TextChoices):
        KEEP = "keep"
        RESTORE = "restore"

    batch = models.ForeignKey(ImportBatch, models.CASCADE, related_name="undo_cases")
    sheet = models.CharField(max_length=60, blank=True)
    row = models.PositiveIntegerField(null=True)
    target_type = models.CharField(max_length=40)
    target_id = models.BigIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices)
    #: EDITED: {field: [before, imported, now]}; REFERENCED: {"by": {model: rows}} | {"clash"|"gone": True}
    detail = models.JSONField(default=dict)
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)

    STORE_PATH = "batch__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["batch_id", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["batch", "target_type", "target_id"], name="undo_case_once_a_row"),
            models.CheckConstraint(condition=Q(kind__in=["edited", "referenced"]), name="undo_case_kind_known"),
            models.CheckConstraint(condition=Q(decision__in=["", "keep", "restore"]), name="undo_case_decision_known"),
        ]

    def __str__(self) -> str:
        return f"{self.target_type} {self.target_id}"


class KnownSource(models.Model):
    """Where files of one shape come from, and what was said of the last one, so that nobody is asked twice."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="known_sources")
    layout = models.CharField(max_length=30)
    #: hash of the normalised titles of the header, in their order
    signature = models.CharField(max_length=64)
    #: the lasting part of the batch's answers: columns, values, employees, date order, amounts
    answers = models.JSONField(default=dict)
    used_at = models.DateTimeField()
    by = models.ForeignKey(Employee, models.PROTECT, related_name="+")

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-used_at"]
        constraints = [
            models.UniqueConstraint(fields=["store", "layout", "signature"], name="source_once_a_store"),
        ]

    def __str__(self) -> str:
        return f"{self.layout} {self.signature[:8]}"


class Attribution(models.Model):
    """Abstract: where an importable row came from, and what the last import said of it."""

    batch = models.ForeignKey(ImportBatch, models.PROTECT, null=True, blank=True, related_name="+")
    sheet = models.CharField(max_length=60, blank=True)
    row = models.PositiveIntegerField(null=True, blank=True)
    source_values = models.JSONField(default=dict, blank=True)

    class Meta:
        abstract = True
