"""What hangs on a ticket: its steps, its clock's ledger, the confirming calls, who is liable."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.tickets import Complaint, ConfirmResult
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from satisfaction.models import Response


class Step(models.Model):
    """One thing that was done to a ticket, from which state to which."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="steps")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    action = models.CharField(max_length=20)
    from_state = models.CharField(max_length=15, blank=True)
    to_state = models.CharField(max_length=15)
    note = models.CharField(max_length=1000, blank=True)
    detail = models.JSONField(default=dict)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["complaint_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["complaint", "sequence"], name="step_once_a_sequence")]

    def __str__(self) -> str:
        return f"{self.complaint_id}#{self.sequence} {self.action}"


class ClockEntry(models.Model):
    """One start, pause, resume, level change or stop of a ticket's clock, and the deadlines that followed from it."""

    class Kind(models.TextChoices):
        """What happened to the clock."""

        START = "start", _("Clock started")
        LEVEL = "level", _("Level changed")
        PAUSE = "pause", _("Clock paused")
        RESUME = "resume", _("Clock resumed")
        REOPEN = "reopen", _("Clock restarted")
        STOP = "stop", _("Clock stopped")
        #: the moment of receipt was corrected: `at` is the new one
        RECEIVED = "received", _("Receipt corrected")
        #: somebody chose to count by a changed calendar or changed limits
        RECOUNT = "recount", _("Counted by new rules")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="clock")
    sequence = models.PositiveIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    level_code = models.CharField(max_length=4, blank=True)
    #: the limits and the calendar that this entry counted by; None in entries older than these columns
    limits = models.JSONField(null=True, blank=True)
    calendar = models.ForeignKey("CalendarVersion", models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=200, blank=True)
    #: when it was written; `at` is the moment that counts
    noted_at = models.DateTimeField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)
    response_due_at = models.DateTimeField(null=True)
    proposal_due_at = models.DateTimeField(null=True)
    closing_due_at = models.DateTimeField(null=True)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["complaint_id", "sequence"]
        constraints = [models.UniqueConstraint(fields=["complaint", "sequence"], name="clock_once_a_sequence")]

    def __str__(self) -> str:
        return f"{self.complaint_id}#{self.sequence} {self.kind}"


class Confirmation(models.Model):
    """One confirming call's outcome; its recovery score stands apart from the answer that began it all."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="confirmations")
    round = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    result = models.CharField(max_length=15, choices=ConfirmResult.choices)
    response = models.OneToOneField(Response, models.PROTECT, null=True, blank=True, related_name="confirmation")
    recovery_score = models.DecimalField(max_digits=7, decimal_places=4, null=True)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["complaint_id", "round"]
        indexes = [
            # what the figures ask of the calls of a period, answered by the index alone
            models.Index(fields=["store", "at", "result", "complaint", "round", "id"], name="confirmation_said"),
            models.Index(fields=["complaint", "round", "at"], condition=Q(round__gt=1), name="confirmation_again"),
        ]
        constraints = [models.UniqueConstraint(fields=["complaint", "round"], name="confirmation_once_a_round")]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.result}"


class Liability(models.Model):
    """Who answers for a complaint, directly or jointly; an employee, or a party that is none."""

    class Kind(models.TextChoices):
        """直接 or 连带."""

        DIRECT = "direct", _("Directly liable")
        JOINT = "joint", _("Jointly liable")

    class Party(models.TextChoices):
        """Whose fault it is where it is no single employee's."""

        EMPLOYEE = "employee", _("Employee")
        DEPARTMENT = "department", _("Department")
        MANUFACTURER = "manufacturer", _("Manufacturer")
        NOBODY = "nobody", _("Nobody")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="liabilities")
    kind = models.CharField(max_length=10, choices=Kind.choices)
    party = models.CharField(max_length=12, choices=Party.choices)
    employee = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="liabilities")
    #: the post held when it happened: decides the series of the month's report
    post = models.CharField(max_length=30, blank=True)
    confirmed_at = models.DateTimeField(null=True, blank=True)
    confirmed_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")

    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=Q(kind="direct"), name="liability_one_direct"),
            models.UniqueConstraint(fields=["complaint", "kind", "employee"], name="liability_once_an_employee"),
            models.CheckConstraint(
                condition=Q(party="employee", employee__isnull=False) | (~Q(party="employee") & Q(employee=None)),
                name="liability_employee_named",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.complaint_id}"
