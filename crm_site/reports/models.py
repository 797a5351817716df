"""The month's report: a draft that is rebuilt, then a snapshot that no longer changes."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
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
