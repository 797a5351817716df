"""Pairs that may be one customer, merges that can be taken back, requests about data, and the log of exports."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.files.models import StoredFile
from customers.models import Customer


class DuplicatePair(models.Model):
    """Two cards of a store that may be the same customer, why, and what was decided about them."""

    class State(models.TextChoices):
        """What was decided."""

        OPEN = "open", _("To be looked at")
        SEPARATE = "separate", _("Two customers")
        MERGED = "merged", _("Merged")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    #: the card with the lower key
    one = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    other = models.ForeignKey(Customer, models.CASCADE, related_name="+")
    #: codes of rules.duplicates that hold, such as ["phone", "name"]
    reasons = models.JSONField(default=list)
    score = models.PositiveSmallIntegerField()
    found_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-score", "-pk"]
        indexes = [models.Index(fields=["store", "state", "-score", "-id"], name="duplicate_store_state")]
        constraints = [
            models.UniqueConstraint(fields=["one", "other"], name="duplicate_pair_once"),
            models.CheckConstraint(condition=Q(one__lt=F("other")), name="duplicate_pair_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.one_id} {self.other_id}"


class Merge(models.Model):
    """That one card was merged into another, with what it takes to take it back until a day."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    survivor = models.ForeignKey(Customer, models.PROTECT, related_name="merges")
    merged = models.ForeignKey(Customer, models.PROTECT, related_name="+")
    #: {field: "survivor" | "merged"} as chosen
    chosen = models.JSONField(default=dict)
    at = models.DateTimeField()
    by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    submission = models.UUIDField()
    #: until when it can be taken back; its journal is forgotten afterwards
    undo_until = models.DateField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    #: what the survivor had of its own when it was merged: {relation: rows}; all else that it has is born since
    stood = models.JSONField(default=dict, blank=True)
    #: what taking it back left where it was: [[relation, row, why]], the why being a code of rules.merging.Why
    stayed = models.JSONField(default=list, blank=True)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="merge_once_a_submission"),
            models.UniqueConstraint(fields=["merged"], condition=Q(undone_at=None), name="merge_once_a_card"),
            models.CheckConstraint(condition=~Q(survivor=F("merged")), name="merge_of_two_cards"),
        ]

    def __str__(self) -> str:
        return f"{self.merged_id} -> {self.survivor_id}"


class MergeRow(models.Model):
    """One row that a merge touched: pointed elsewhere, changed, made, or dropped because its twin took its place."""

    class Kind(models.TextChoices):
        """What happened to it."""

        MOVED = "moved"
        CHANGED = "changed"
        DROPPED = "dropped"
        MADE = "made"

    merge = models.ForeignKey(Merge, models.CASCADE, related_name="rows")
    position = models.PositiveIntegerField()
    kind = models.CharField(max_length=8, choices=Kind.choices)
    #: "customers.phone.customer": table and column
    relation = models.CharField(max_length=120)
    row = models.BigIntegerField()
    old_key = models.BigIntegerField(null=True, blank=True)
    #: of a moved row {"key": where it points now}, of a changed one {column: [before, after]}, of a dropped or made one
    #: the whole row; personal, goes with undo_until
    whole = models.JSONField(null=True, blank=True)

    STORE_PATH = "merge__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["merge_id", "position"]
        constraints = [models.UniqueConstraint(fields=["merge", "position"], name="merge_row_once")]

    def __str__(self) -> str:
        return f"{self.kind} {self.relation} {self.row}"


class DataRequest(models.Model):
    """What a customer asks about their data, what was decided and why, and when it was done."""

    class Kind(models.TextChoices):
        """What is asked for."""

        ACCESS = "access", _("See the data")
        CORRECT = "correct", _("Correct the data")
        RESTRICT = "restrict", _("Restrict the use")
        ERASE = "erase", _("Erase the data")

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("To be decided")
        GRANTED = "granted", _("Granted")
        WAITING = "waiting", _("Restricted until the archive's term ends")
        REFUSED = "refused", _("Refused")
        DONE = "done", _("Carried out")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="data_requests")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    asked_on = models.DateField()
    #: by when it is to be answered
    due_on = models.DateField()
    words = models.CharField(max_length=500, blank=True)
    taken_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    taken_at = models.DateTimeField()
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=500, blank=True)
    #: from which day on the card may be anonymised (end of the archive's term)
    erase_from = models.DateField(null=True, blank=True)
    done_at = models.DateTimeField(null=True, blank=True)
    #: what was handed over
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    submission = models.UUIDField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-asked_on", "-pk"]
        indexes = [models.Index(fields=["store", "state", "due_on"], name="data_request_store_state")]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="data_request_once_a_submission"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.customer_id}"


class ExportEntry(models.Model):
    """That personal data left the house: who, when, why, by which filter, how many rows, which file (导出记录)."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    day = models.DateField()
    #: which list: "customers", "responses", "person", ...
    what = models.CharField(max_length=40)
    reason = models.CharField(max_length=200)
    #: the query string of the list, codes and keys only
    query = models.CharField(max_length=500, blank=True)
    rows = models.PositiveIntegerField()
    #: whether numbers stand in it in full
    in_full = models.BooleanField(default=False)
    file = models.ForeignKey(StoredFile, models.PROTECT, null=True, blank=True, related_name="+")
    sha256 = models.CharField(max_length=64, blank=True)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["store", "-at"], name="export_store_at"),
            models.Index(fields=["employee", "day"], name="export_employee_day"),
        ]

    def __str__(self) -> str:
        return f"{self.what} {self.at:%Y-%m-%d}"
