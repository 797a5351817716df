"""Whether calls are made well: inspections by sheet or check call, practice calls, and the targets of the month."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Role, Store
from crm_site.accounts.scoping import Reference, StoreScoped
from crm_site.core.models import Labelled
from revisits.models.calls import CallAttempt


class InspectionItem(Labelled):
    """One line of the inspection sheet with its weight (domain 4.6); store NULL is the company's default."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=20)
    weight = models.PositiveSmallIntegerField()
    position = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="inspection_item_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="inspection_item_once_a_store"),
            models.CheckConstraint(condition=Q(weight__lte=100), name="inspection_item_weight"),
        ]


class Inspection(models.Model):
    """One completed call that was drawn to be inspected, and what the inspection found."""

    class Method(models.TextChoices):
        """How a call is inspected."""

        LISTEN = "listen", _("Listen to the recording")
        CALL_BACK = "call_back", _("Check call")

    class Verdict(models.TextChoices):
        """Whether the record is true."""

        GENUINE = "genuine", _("Genuine")
        FAULTY = "faulty", _("Genuine, with faults")
        FALSE = "false", _("False record")
        NOT_REACHED = "not_reached", _("Customer not reached")

    store = models.ForeignKey(Store, models.PROTECT, related_name="inspections")
    attempt = models.OneToOneField(CallAttempt, models.PROTECT, related_name="inspection")
    #: who made the call: inspections are counted by caller and week
    caller = models.ForeignKey(Employee, models.PROTECT, related_name="inspections")
    #: Monday of the week that it was drawn for
    week = models.DateField()
    #: why it was drawn: "random", "new_caller", "by_hand", "recheck"
    drawn_for = models.CharField(max_length=12)
    drawn_at = models.DateTimeField()
    method = models.CharField(max_length=10, choices=Method.choices, blank=True)
    #: {item code: {"points": n, "of": weight}} as it was when inspected
    marks = models.JSONField(default=dict, blank=True)
    score = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    verdict = models.CharField(max_length=12, choices=Verdict.choices, blank=True)
    strengths = models.CharField(max_length=500, blank=True)
    weaknesses = models.CharField(max_length=500, blank=True)
    #: cause and measure, who answers for it, by when
    measure = models.CharField(max_length=500, blank=True)
    responsible = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    measure_due_on = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=1000, blank=True)
    inspector = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    inspected_at = models.DateTimeField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-week", "-pk"]
        indexes = [models.Index(fields=["store", "week", "caller"], name="inspection_store_week")]
        constraints = [
            models.CheckConstraint(
                condition=Q(inspected_at=None, verdict="", inspector=None)
                | Q(inspected_at__isnull=False, inspector__isnull=False, verdict__gt=""),
                name="inspection_done_is_whole",
            ),
            models.CheckConstraint(condition=Q(inspector=None) | ~Q(inspector=F("caller")), name="inspection_by_other"),
            models.CheckConstraint(condition=Q(score=None) | Q(score__range=(0, 100)), name="inspection_score_range"),
        ]

    def __str__(self) -> str:
        return f"inspection {self.pk}"


class PracticeCall(models.Model):
    """One practice call with an invented customer; in no figure, no list, no archive."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="practice_calls")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="practice_calls")
    #: code of the invented customer
    case = models.CharField(max_length=20)
    made_at = models.DateTimeField()
    #: what was chosen and what the case expects
    result_code = models.CharField(max_length=12)
    #: {"right": [...], "missed": [...]} codes of what the case is about
    findings = models.JSONField(default=dict)
    seconds = models.PositiveIntegerField(default=0)
    submission = models.UUIDField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-made_at"]
        constraints = [models.UniqueConstraint(fields=["store", "submission"], name="practice_once_a_submission")]

    def __str__(self) -> str:
        return f"practice {self.case}"


class Target(models.Model):
    """What an indicator should reach (domain 4.5), by store, role and month; the most particular row holds."""

    #: NULL = the company's default
    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    indicator = models.CharField(max_length=30)
    #: '' = everybody
    role = models.CharField(max_length=20, blank=True, choices=[("", _("Everybody")), *Role.choices])
    #: first day of the month; NULL = every month
    month = models.DateField(null=True, blank=True)
    #: of a row for every month: first days of the first and the last month it holds for; NULL = no end on that side
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    value = models.DecimalField(max_digits=7, decimal_places=2)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["indicator", "role", "month"]
        constraints = [
            models.UniqueConstraint(fields=["store", "indicator", "role", "month"], name="target_once"),
            models.UniqueConstraint(
                fields=["indicator", "role"],
                condition=Q(store=None, month=None, until=None),
                name="target_once_default",
            ),
            models.UniqueConstraint(
                fields=["indicator", "role", "month"], condition=Q(store=None), name="target_once_default_month"
            ),
            models.UniqueConstraint(
                fields=["indicator", "role", "store"], condition=Q(month=None, until=None), name="target_once_store"
            ),
            models.CheckConstraint(
                condition=Q(month=None) | Q(since=None, until=None), name="target_of_a_month_has_no_span"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.indicator} {self.value}"
