"""The month's report: a draft that is rebuilt, then a snapshot that no longer changes."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from complaints.models import Complaint
from crm_site.accounts.models import Employee, Posting, Role, Store
from crm_site.accounts.scoping import StoreScoped, of_headed_departments, sees_anything
from crm_site.files.models import StoredFile
from crm_site.jobs.models import Job
from satisfaction.models import Response


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

    #: 公示: heads see the draft and may appeal from the one day to the other, both included
    shown_from = models.DateField(null=True, blank=True)
    shown_until = models.DateField(null=True, blank=True)
    #: 结账日: when it is to be published
    publish_on = models.DateField(null=True, blank=True)
    #: why a published month was opened again; the revision's own
    reopened_because = models.CharField(max_length=500, blank=True)

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
            models.CheckConstraint(
                condition=Q(shown_from=None, shown_until=None) | Q(shown_until__gte=models.F("shown_from")),
                name="report_shown_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.month:%Y-%m} r{self.revision}"


class ReportSettings(models.Model):
    """How a store closes its months; a store without a row has the defaults of the fields (domain 7)."""

    store = models.OneToOneField(Store, models.PROTECT, related_name="report_settings")
    #: the day a business month begins: 1 (natural), or 26 for 26th–25th, which bears the name of the month it ends in
    month_begins = models.PositiveSmallIntegerField(default=1)
    #: working days that heads may look at a draft and appeal, and the working day on which it is published
    shown_days = models.PositiveSmallIntegerField(default=3)
    publish_after = models.PositiveSmallIntegerField(default=5)
    #: whether the clock publishes on that day what no manager has published; not while an appeal is open
    publishes_itself = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)

    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=Q(month_begins__gte=1, month_begins__lte=28), name="report_month_begins"),
            models.CheckConstraint(
                condition=Q(shown_days__gte=1, publish_after__gte=models.F("shown_days")), name="report_days_in_order"
            ),
        ]

    def __str__(self) -> str:
        return f"reports of {self.store_id}"


class AppealQuerySet(StoreScoped):
    """Reads of appeals; who neither manages nor directs sees those of the own people, and the own."""

    def visible_to(self, user: Any) -> Self:
        """All of the stores that the user manages or directs; a head's of his departments; else only the own."""
        if not sees_anything(user):
            return self.none()
        scope = Q(store_id__in=user.stores_with({Role.MANAGER, Role.DIRECTOR}))
        own = Q(employee__user=user) | Q(raised_by__user=user)
        scope |= Q(store_id__in=user.store_ids) & own
        people = Posting.objects.filter(of_headed_departments(user, store_path="employee__store_id"))
        return self.filter(scope | Q(employee__in=people.values("employee")))


class Appeal(models.Model):
    """申诉: an employee, or the head for them, objects once to a liability or to a low answer laid at their door."""

    class State(models.TextChoices):
        """Whether it is decided."""

        OPEN = "open", pgettext_lazy("appeal", "To be decided")
        ACCEPTED = "accepted", pgettext_lazy("appeal", "Accepted")
        REJECTED = "rejected", pgettext_lazy("appeal", "Rejected")

    store = models.ForeignKey(Store, models.PROTECT, related_name="appeals")
    #: the month in whose public days it was raised
    report = models.ForeignKey(MonthlyReport, models.PROTECT, related_name="appeals")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, blank=True, related_name="appeals")
    response = models.ForeignKey(Response, models.PROTECT, null=True, blank=True, related_name="appeals")
    #: whose figure it is about, and who raised it
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="appeals")
    raised_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    raised_at = models.DateTimeField()
    reason = models.CharField(max_length=1000)
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    decided_at = models.DateTimeField(null=True, blank=True)
    decision = models.CharField(max_length=1000, blank=True)
    submission = models.UUIDField()

    objects = AppealQuerySet.as_manager()

    class Meta:
        ordering = ["-raised_at", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="appeal_once_a_submission"),
            models.UniqueConstraint(fields=["complaint", "employee"], name="appeal_once_a_liability"),
            models.UniqueConstraint(fields=["response", "employee"], name="appeal_once_an_answer"),
            models.CheckConstraint(
                condition=Q(complaint__isnull=False, response=None) | Q(complaint=None, response__isnull=False),
                name="appeal_about_one_thing",
            ),
            models.CheckConstraint(
                condition=Q(state="open", decided_at=None, decided_by=None)
                | (~Q(state="open") & Q(decided_at__isnull=False, decided_by__isnull=False) & ~Q(decision="")),
                name="appeal_decided_by_somebody",
            ),
            models.CheckConstraint(condition=~Q(reason=""), name="appeal_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.store_id} {self.employee_id} {self.state}"


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
