"""The month's report: a draft that is rebuilt, then a snapshot that no longer changes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.files.models import StoredFile
from crm_site.jobs.models import Job


class ReportState(models.TextChoices):
    """Draft is rebuilt, published is frozen."""

    DRAFT = "draft", _("Draft")
    PUBLISHED = "published", _("Published")
    SUPERSEDED = "superseded", _("Superseded")


class MonthlyReport(models.Model):
    """One store's report of one business month; a reopened month gets a further revision."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="monthly_reports")
    #: the first day of the month
    month = models.DateField()
    revision = models.PositiveSmallIntegerField(default=1)
    state = models.CharField(max_length=12, choices=ReportState.choices, default=ReportState.DRAFT)
    #: canonical JSON: ids, codes and figures, no customer names
    snapshot = models.JSONField(default=dict)
    sha256 = models.CharField(max_length=64, blank=True)
    built_at = models.DateTimeField(null=True)
    built_by_job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+")
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-month", "store_id", "-revision"]
        constraints = [
            models.UniqueConstraint(fields=["store", "month", "revision"], name="report_once_a_revision"),
            models.UniqueConstraint(fields=["store", "month"], condition=Q(state="draft"), name="report_one_draft"),
            models.CheckConstraint(
                condition=~Q(state="published") | (Q(published_at__isnull=False) & ~Q(sha256="")),
                name="report_published_is_sealed",
            ),
            models.CheckConstraint(condition=Q(month__day=1), name="report_month_is_first_day"),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.month:%Y-%m} r{self.revision}"


class ExportLayout(models.Model):
    """A manufacturer's empty sheet and which of our fields stands in which of its columns; filled in every month."""

    class Subject(models.TextChoices):
        """Which monthly list fills it."""

        REPAIRS = "repairs", _("Repair revisits")
        DELIVERIES = "deliveries", _("Delivery revisits")
        COMPLAINTS = "complaints", _("Complaints")

    store = models.ForeignKey(Store, models.PROTECT, related_name="export_layouts")
    name = models.CharField(max_length=80)
    subject = models.CharField(max_length=12, choices=Subject.choices)
    #: the empty sheet as it was brought; kept as long as the layout
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    sheet = models.CharField(max_length=40, blank=True)
    #: the line of the columns' titles, and the first line to be filled, as people count
    head_row = models.PositiveIntegerField(default=1)
    first_row = models.PositiveIntegerField(default=2)
    #: [{"column": 1, "title": "客户姓名", "field": "customer"}]; field "" = left empty
    columns = models.JSONField(default=list)
    is_active = models.BooleanField(default=True)
    #: whether somebody has confirmed the columns
    is_mapped = models.BooleanField(default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    version = models.PositiveIntegerField(default=1)
    submission = models.UUIDField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-is_active", "name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="export_layout_once_a_submission"),
            models.CheckConstraint(
                condition=Q(subject__in=["repairs", "deliveries", "complaints"]), name="export_layout_subject_known"
            ),
            models.CheckConstraint(
                condition=Q(head_row__gte=1) & Q(first_row__gt=models.F("head_row")), name="export_layout_rows_in_order"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class FilledSheet(models.Model):
    """A manufacturer's sheet that was filled in with one month: by whom, why, with how many rows."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="filled_sheets")
    layout = models.ForeignKey(ExportLayout, models.PROTECT, related_name="filled")
    month = models.DateField()
    rows = models.PositiveIntegerField()
    reason = models.CharField(max_length=200)
    file = models.ForeignKey(StoredFile, models.PROTECT, related_name="+")
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    submission = models.UUIDField()

    PART_OF = "layout"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-made_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="filled_sheet_once_a_submission"),
            models.CheckConstraint(condition=~Q(reason=""), name="filled_sheet_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.layout_id} {self.month:%Y-%m}"
