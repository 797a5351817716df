"""The due calls: each names its occasion once, who holds it, and why it ended; skips keep their reason."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any, Self

from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped, sees_anything
from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.worktime.models import Absence
from customers.models import Customer, Delivery, Phone, RepairOrder, Vehicle
from revisits.models.rules import CallResult, RevisitRule, RuleVersion
from revisits.rules.due import GRACE_DAYS
from satisfaction.models import QuestionnaireVersion


class State(models.TextChoices):
    """Where a revisit stands; overdue is computed."""

    DUE = "due", _("To call")
    NO_NUMBER = "no_number", _("Number missing")
    IN_PROGRESS = "in_progress", _("In progress")
    DONE = "done", _("Done")
    FAILED = "failed", _("Failed")
    EXCUSED = "excused", _("Not to be called")
    CANCELLED = "cancelled", _("Cancelled")


class Joined(models.TextChoices):
    """Why a call is made together with another one."""

    PURPOSE = "purpose", _("One call, several purposes")
    FLEET = "fleet", _("One call for the cars of a fleet")


OPEN_STATES = (State.DUE, State.NO_NUMBER, State.IN_PROGRESS)
CALLABLE_STATES = (State.DUE, State.IN_PROGRESS)


def of_consultant(user: Any) -> Q:
    """Whose customers a consultant calls: his own, and those of a colleague who cannot call them.

    A colleague cannot who does not sign in, has left, or is away on a day on which the call may be made.
    """
    consultant = "delivery__sales_consultant"
    away = Absence.objects.touching(OuterRef("due_on"), OuterRef("expires_on"))  # type: ignore[arg-type]
    nobodys = Q((consultant, None)) | Q((f"{consultant}__user", None)) | Q((f"{consultant}__left_on__isnull", False))
    return Q((f"{consultant}__user", user)) | nobodys | Q(Exists(away.filter(employee=OuterRef(consultant))))


def in_time(today: date) -> Q:
    """Some days over the deadline at most, or over the day that the customer named: that day is kept after any window.

    Beside a condition on the state and the due day, by which the calls are found.
    """
    last_chance = today - timedelta(days=GRACE_DAYS)
    return Q(expires_on__gte=last_chance) | Q(promised_at__gte=clock.day_bounds(last_chance)[0])


class RevisitQuerySet(StoreScoped):
    """Reads of due calls."""

    def visible_to(self, user: Any) -> Self:
        """The calls of the user's stores; the frontline sees only calls of its own role, and no colleague's."""
        if not sees_anything(user):
            return self.none()
        front = user.stores_with({"frontline"})
        rest = [pk for pk in user.store_ids if pk not in set(front)]
        if not front:
            return self.filter(store_id__in=rest)  # without the joins that only the frontline's condition needs
        own = Q(of_consultant(user), rule_version__owner_role="frontline") | Q(assigned_to__user=user)
        return self.filter(Q(store_id__in=rest) | Q(own, store_id__in=front))

    def open(self) -> Self:
        """Still to be done."""
        return self.filter(state__in=OPEN_STATES)

    def callable_at(self, now: datetime, today: date) -> Self:
        """Due by today, at most some days over its deadline, and not to be left alone until later."""
        due = self.filter(in_time(today), state__in=CALLABLE_STATES, due_on__lte=today)
        return due.filter(Q(not_before=None) | Q(not_before__lte=now))

    def unclaimed(self, now: datetime) -> Self:
        """Held by nobody, or by somebody whose lease ran out."""
        return self.filter(Q(claimed_by=None) | Q(lease_until__lt=now))

    def held_by(self, employee: Employee, now: datetime) -> Self:
        """Claimed by an employee whose lease still runs: a call that was begun and not ended."""
        return self.filter(claimed_by=employee, lease_until__gte=now)

    def overdue(self, today: date) -> Self:
        """Open, and the window has passed."""
        return self.open().filter(expires_on__lt=today)


class Revisit(models.Model):
    """One call that is due because of one fact; unique by store, rule and occasion."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="revisits")
    rule = models.ForeignKey(RevisitRule, models.PROTECT, related_name="revisits")
    rule_version = models.ForeignKey(RuleVersion, models.PROTECT, related_name="revisits")
    #: names the occasion, never a forecast: delivery:12, order:98, complaint:3:solved:2
    anchor_key = models.CharField(max_length=80)
    anchor_on = models.DateField()
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="revisits")
    repair_order = models.ForeignKey(RepairOrder, models.PROTECT, null=True, blank=True, related_name="revisits")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, blank=True, related_name="revisits")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="revisits")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, blank=True, related_name="revisits")
    phone = models.ForeignKey(Phone, models.PROTECT, null=True, blank=True, related_name="revisits")
    questionnaire_version = models.ForeignKey(
        QuestionnaireVersion, models.PROTECT, null=True, blank=True, related_name="revisits"
    )
    state = models.CharField(max_length=12, choices=State.choices, default=State.DUE)
    #: 应回访日期 and 截止
    due_on = models.DateField()
    expires_on = models.DateField()
    #: 迟导入: the fact was learned after its due day
    late = models.BooleanField(default=False)
    priority = models.PositiveSmallIntegerField()
    tries_made = models.PositiveSmallIntegerField(default=0)
    not_before = models.DateTimeField(null=True, blank=True)
    promised_at = models.DateTimeField(null=True, blank=True)
    promised_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    claimed_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="claimed_revisits")
    claimed_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    last_result = models.ForeignKey(CallResult, models.PROTECT, null=True, blank=True, related_name="+")
    last_attempt_at = models.DateTimeField(null=True, blank=True)
    first_attempt_on = models.DateField(null=True, blank=True)
    #: the call that this one is made together with: one dial, each with its own result
    head = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="joined")
    joined_as = models.CharField(max_length=10, choices=Joined.choices, blank=True, default="", db_default="")
    #: whose call it is, by a manager's hand (LOST_12M, a hand-over); NULL = the pool's
    assigned_to = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="assigned_revisits")
    #: somebody may make a call that the conflict rule forbids them: who allowed it and why; counted in the report
    override_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    override_reason = models.CharField(max_length=200, blank=True, default="", db_default="")
    #: why it was excused, cancelled or failed without a call: a code that is turned into words at display
    reason = models.CharField(max_length=40, blank=True)
    created_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_on = models.DateField(null=True, blank=True)
    version = models.PositiveIntegerField(default=1)

    objects = RevisitQuerySet.as_manager()

    class Meta:
        ordering = ["priority", "due_on", "pk"]
        indexes = [
            models.Index(fields=["store", "state", "due_on", "priority"], name="revisit_store_state_due"),
            # all calls, newest first: of one store, and of many
            models.Index(fields=["store", "-due_on", "-id"], name="revisit_store_newest"),
            models.Index(fields=["-due_on", "-id"], name="revisit_newest"),
            models.Index(fields=["store", "expires_on"], name="revisit_store_expires"),
            models.Index(fields=["store", "ended_on"], name="revisit_store_ended"),
            models.Index(fields=["claimed_by"], condition=Q(claimed_by__isnull=False), name="revisit_claimed"),
            models.Index(fields=["head"], condition=Q(head__isnull=False), name="revisit_joined"),
            models.Index(fields=["phone", "first_attempt_on"], name="revisit_phone_called"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "rule", "anchor_key"], name="revisit_once_an_occasion"),
            models.CheckConstraint(condition=Q(expires_on__gte=F("due_on")), name="revisit_expires_after_due"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="revisit_state_known"),
            models.CheckConstraint(
                condition=Q(head=None, joined_as="") | Q(head__isnull=False, joined_as__in=["purpose", "fleet"]),
                name="revisit_joined_says_why",
            ),
            models.CheckConstraint(condition=Q(head=None) | ~Q(head=F("id")), name="revisit_not_its_own_head"),
            models.CheckConstraint(
                condition=Q(claimed_by=None, lease_until=None) | Q(claimed_by__isnull=False, lease_until__isnull=False),
                name="revisit_claim_has_lease",
            ),
            models.CheckConstraint(
                condition=Q(state__in=["due", "no_number", "in_progress"], ended_at=None)
                | Q(state__in=["done", "failed", "excused", "cancelled"], ended_at__isnull=False),
                name="revisit_ended_has_moment",
            ),
        ]

    def __str__(self) -> str:
        return self.anchor_key

    @property
    def is_open(self) -> bool:
        """Whether it is still to be done."""
        return self.state in OPEN_STATES


class RevisitOrder(models.Model):
    """A further repair order that the same call covers (several visits of one car within three days)."""

    revisit = models.ForeignKey(Revisit, models.CASCADE, related_name="further_orders")
    repair_order = models.ForeignKey(RepairOrder, models.PROTECT, related_name="covered_by")

    STORE_PATH = "revisit__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["revisit", "repair_order"], name="revisit_order_once")]

    def __str__(self) -> str:
        return f"{self.revisit_id} {self.repair_order_id}"


class GenerationRun(models.Model):
    """One run of the generator for one store and day: what it made, what it left out, how long it took."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="generation_runs")
    day = models.DateField()
    job = models.ForeignKey(Job, models.PROTECT, null=True, blank=True, related_name="+")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    made = models.PositiveIntegerField(default=0)
    skipped = models.PositiveIntegerField(default=0)
    counts = models.JSONField(default=dict)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-started_at"]
        indexes = [models.Index(fields=["store", "-day"], name="run_store_day")]

    def __str__(self) -> str:
        return f"{self.store_id} {self.day}"


class Skip(models.Model):
    """An occasion for which a rule made no call, with the reason; kept once, like the call it would have been."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="skips")
    rule = models.ForeignKey(RevisitRule, models.PROTECT, related_name="skips")
    anchor_key = models.CharField(max_length=80)
    anchor_on = models.DateField()
    due_on = models.DateField()
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, blank=True, related_name="+")
    reason = models.CharField(max_length=40)
    recorded_on = models.DateField()

    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "due_on"], name="skip_store_due")]
        constraints = [
            models.UniqueConstraint(fields=["store", "rule", "anchor_key"], name="skip_once_an_occasion"),
            models.CheckConstraint(condition=~Q(reason=""), name="skip_has_reason"),
        ]

    def __str__(self) -> str:
        return f"{self.anchor_key} {self.reason}"
