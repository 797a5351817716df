"""What an admin decides: revisit rules and their versions, scripts, and call results with their consequences."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Role, Store
from crm_site.accounts.scoping import Reference
from crm_site.core.models import Labelled
from satisfaction.models import Questionnaire


class Anchor(models.TextChoices):
    """The fact that a rule counts its days from."""

    DELIVERY = "delivery", _("Delivery")
    ORDER = "order", _("Repair order handed back")
    REWORK = "rework", _("Rework handed back")
    COMPLAINT_SOLVED = "complaint_solved", _("Complaint solved")
    COMPLAINT_CLOSED = "complaint_closed", _("Complaint closed")
    FIRST_SERVICE = "first_service", _("First-service date")
    MAINTENANCE = "maintenance", _("Next-maintenance date")
    INSURANCE = "insurance", _("Insurance end")
    INSPECTION = "inspection", _("Inspection due")
    WARRANTY = "warranty", _("Warranty end")
    BIRTHDAY = "birthday", _("Birthday")
    ANNIVERSARY = "anniversary", _("Delivery, yearly")
    LAST_VISIT = "last_visit", _("Last counting visit")


class Script(Labelled):
    """A text to read aloud, by its code; store NULL is the company's default."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=20)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="script_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="script_once_a_store"),
        ]


class ScriptVersion(models.Model):
    """One version of a script; the call keeps which one was read."""

    script = models.ForeignKey(Script, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField()
    made_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    is_current = models.BooleanField(default=True)

    class Meta:
        ordering = ["script_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["script", "number"], name="script_version_once"),
            models.UniqueConstraint(fields=["script"], condition=Q(is_current=True), name="script_one_current"),
        ]

    def __str__(self) -> str:
        return f"{self.script_id} v{self.number}"


class ScriptStep(Labelled):
    """One step of a script (opening, usage, closing …); {customer}, {car}, … are filled in when it is shown."""

    version = models.ForeignKey(ScriptVersion, models.CASCADE, related_name="steps")
    position = models.PositiveSmallIntegerField()
    #: when it is read: a code of rules.branches, '' = always
    when = models.CharField(max_length=40, blank=True)
    body = models.TextField()

    class Meta:
        ordering = ["version_id", "position"]
        constraints = [models.UniqueConstraint(fields=["version", "position"], name="script_step_once")]


class RevisitRule(Labelled):
    """One reason to call (domain 4.1), by its code; its settings are versioned and effective-dated."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=20)
    #: lower is called first: 投诉确认 > promised > 满意度 > 提醒 > 关怀 > 流失
    priority = models.PositiveSmallIntegerField()

    objects = Reference.as_manager()

    class Meta:
        ordering = ["priority", "code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="rule_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="rule_once_a_store"),
        ]


class RuleVersionQuerySet(models.QuerySet):
    """Reads of rule versions."""

    def in_force(self, day: date) -> Self:
        """The versions in force on a day."""
        return self.filter(effective_from__lte=day).filter(Q(effective_until=None) | Q(effective_until__gte=day))


class RuleVersion(models.Model):
    """How a rule works from one day on; never edited once a revisit was made by it."""

    class Purpose(models.TextChoices):
        """Which refusal of contact stops it."""

        REVISIT = "revisit", _("Satisfaction")
        CARE = "care", _("Care")
        REMINDER = "reminder", _("Reminder")
        MARKETING = "marketing", _("Marketing")
        COMPLAINT = "complaint", _("Complaint")

    class Capacity(models.TextChoices):
        """Which of its calls are made when there are more than the desk can dial (domain 4.1)."""

        ALWAYS = "always", _("Every one")
        DRAW = "draw", _("Random draw by employee")
        QUOTA = "quota", _("Share of the day")

    rule = models.ForeignKey(RevisitRule, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    effective_from = models.DateField()
    effective_until = models.DateField(null=True, blank=True)
    is_on = models.BooleanField(default=True)
    anchor = models.CharField(max_length=20, choices=Anchor.choices)
    #: days after the anchor day (negative: before it)
    offset_days = models.SmallIntegerField()
    #: days of the window before and after the due day
    window_before = models.PositiveSmallIntegerField(default=0)
    window_after = models.PositiveSmallIntegerField(default=0)
    tries = models.PositiveSmallIntegerField(default=3)
    owner_role = models.CharField(max_length=20, choices=Role.choices, default=Role.SPECIALIST)
    #: whom to dial, in this order: "picker", "bringer", "driver", "owner", "complainant"
    whom = models.JSONField(default=list)
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, null=True, blank=True, related_name="+")
    script = models.ForeignKey(Script, models.PROTECT, null=True, blank=True, related_name="+")
    #: whether the customer must have agreed to marketing calls
    needs_consent = models.BooleanField(default=False)
    capacity = models.CharField(max_length=10, choices=Capacity.choices, default=Capacity.ALWAYS)
    #: draw: valid answers a month for each employee; quota: per cent of the day's dials kept for it
    capacity_number = models.PositiveSmallIntegerField(default=0)
    #: further conditions, e.g. {"full_form_percent": 10}
    conditions = models.JSONField(default=dict, blank=True)

    objects = RuleVersionQuerySet.as_manager()

    class Meta:
        ordering = ["rule_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["rule", "number"], name="rule_version_once"),
            models.CheckConstraint(
                condition=Q(effective_until=None) | Q(effective_until__gte=F("effective_from")),
                name="rule_version_ends_after_from",
            ),
            models.CheckConstraint(condition=Q(tries__gte=1), name="rule_version_tries_at_least_one"),
            models.CheckConstraint(condition=Q(anchor__in=Anchor.values), name="rule_version_anchor_known"),
            models.CheckConstraint(
                condition=Q(capacity__in=["always", "draw", "quota"]), name="rule_version_capacity_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule_id} v{self.number}"


class NextStep(models.TextChoices):
    """What a call result causes (domain 4.4)."""

    FINISH = "finish", _("Finish")
    FINISH_REFUSED = "finish_refused", _("Finish, offer the do-not-call mark")
    FINISH_SOLD = "finish_sold", _("Finish, mark the car as sold on")
    ASK_CONTACT = "ask_contact", _("Ask for the right person")
    RETRY_OTHER_BAND = "retry_other_band", _("Try again at another time of day")
    RETRY_SOON = "retry_soon", _("Try again in 30 minutes")
    RETRY_NEXT_DAY = "retry_next_day", _("Try again the next day")
    AT_AGREED_TIME = "at_agreed_time", _("Call at the agreed time")
    NEXT_NUMBER = "next_number", _("Dial the next number")


class CallResult(Labelled):
    """One of the results a call can have; what follows from it is data."""

    class Group(models.TextChoices):
        """The three groups of the keypad."""

        REACHED = "reached", _("Reached")
        NOT_REACHED = "not_reached", _("Not reached")
        NUMBER = "number", _("Number problem")

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=12)
    group = models.CharField(max_length=12, choices=Group.choices)
    key = models.CharField(max_length=1)
    reached = models.BooleanField()
    next_step = models.CharField(max_length=20, choices=NextStep.choices)
    #: whether it uses up one of the rule's tries; "first" = from the second time on
    counts_as_try = models.CharField(
        max_length=6,
        choices=[("yes", _("Yes")), ("no", _("No")), ("second", _("From the second time on"))],
        default="yes",
    )
    #: how often the same result may be tried again, NULL = as often as the rule has tries
    max_repeats = models.PositiveSmallIntegerField(null=True, blank=True)
    saves_answers = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField()
    is_active = models.BooleanField(default=True)
    #: how often it was changed; an attempt keeps which version decided what followed
    version = models.PositiveSmallIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="result_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="result_once_a_store"),
            models.CheckConstraint(condition=Q(next_step__in=NextStep.values), name="result_next_step_known"),
        ]


class ResultVersion(models.Model):
    """What a call result caused from one change to the next: the values it had, and who changed it when."""

    result = models.ForeignKey(CallResult, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    #: the fields of the row as they were in this version
    values = models.JSONField()
    made_at = models.DateTimeField()
    made_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")

    STORE_PATH = "result__store_id"

    class Meta:
        ordering = ["result_id", "-number"]
        constraints = [models.UniqueConstraint(fields=["result", "number"], name="result_version_once")]

    def __str__(self) -> str:
        return f"{self.result_id} v{self.number}"
