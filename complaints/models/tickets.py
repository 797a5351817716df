"""The ticket: who is unhappy about what, who handles it, by when, and where it stands."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models.reference import Category, Level
from complaints.models.register import FromRegister
from complaints.rules import clock
from crm_site.accounts.models import Department, Employee, Store
from crm_site.accounts.scoping import StoreScoped, of_headed_departments, sees_anything
from customers.models import Customer, Delivery, RepairOrder, Vehicle
from satisfaction.models import ImprovementMeasure, Response


class Kind(models.TextChoices):
    """抱怨 asks for no result, 投诉 asks for one, 咨询 is a question handed on."""

    COMPLAINT = "complaint", _("Complaint")
    GRIEVANCE = "grievance", _("Grievance")
    QUESTION = "question", _("Question")


class State(models.TextChoices):
    """The six stages of the trade as states (domain 6.1)."""

    REGISTERED = "registered", _("Registered")
    ACCEPTED = "accepted", _("Accepted")
    INVESTIGATING = "investigating", _("Investigating")
    PROPOSED = "proposed", _("Proposal to confirm")
    TOLD = "told", _("Customer told")
    ACTING = "acting", _("Being put right")
    CONFIRMING = "confirming", _("Awaiting confirming call")
    CLOSED = "closed", _("Closed")
    REOPENED = "reopened", _("Reopened")
    MERGED = "merged", _("Merged")
    #: taken over from an old register that does not say it was closed: kept to be read, nobody works on it
    RECORDED = "recorded", _("On record")


#: nobody works on these any more, or ever did here
AT_REST = (State.CLOSED, State.MERGED, State.RECORDED)
#: all others, named one by one: that is what an index can look up
OPEN = tuple(state for state in State.values if state not in AT_REST)


class Source(models.TextChoices):
    """Where we heard of it."""

    REVISIT = "revisit", _("Found in a revisit")
    PHONE = "phone", _("Customer called")
    WALK_IN = "walk_in", _("Customer came")
    HOTLINE = "hotline", _("Manufacturer's hotline")
    WEB = "web", _("Web or WeChat")
    AUTHORITY = "12315", _("12315 or consumer association")
    LETTER = "letter", _("Letter")
    STAFF = "staff", _("Reported by staff")


class CauseClass(models.TextChoices):
    """Why it happened."""

    NOT_AS_EXPECTED = "not_as_expected", _("Service did not bring the expected result")
    POOR_SERVICE = "poor_service", _("Service was poor or faulty")
    BEYOND_SCOPE = "beyond_scope", _("Wish lies beyond our service")
    PRODUCT = "product", _("Product quality")


class Validity(models.TextChoices):
    """Whether the complaint counts."""

    PENDING = "pending", _("To be judged")
    VALID = "valid", _("Valid")
    INVALID = "invalid", _("Invalid")


class ConfirmResult(models.TextChoices):
    """What the customer said in the confirming call."""

    VERY_SATISFIED = "very_satisfied", _("Very satisfied")
    SATISFIED = "satisfied", _("Satisfied")
    FAIR = "fair", _("Fair")
    ACCEPTS = "accepts", _("Understands and accepts")
    NO_COMMENT = "no_comment", _("No comment")
    DISSATISFIED = "dissatisfied", _("Dissatisfied")
    UNREACHABLE = "unreachable", _("Could not be reached")


def runs(column: str) -> Q:
    """Whether a deadline runs: the clock does not stand, or had not stopped yet when it passed (clock.stands)."""
    return Q(paused_at=None) | Q(paused_at__gte=F(column))


class ComplaintQuerySet(StoreScoped):
    """Reads of tickets; a head sees those of the departments he is posted to."""

    def visible_to(self, user: Any) -> Self:
        """The tickets of the user's stores; for a head only his department's, for the frontline only their own."""
        if not sees_anything(user):
            return self.none()
        whole = user.stores_with(SEE_ALL)
        scope = Q(store_id__in=whole)
        heads = user.stores_with({"head"})
        if heads:
            scope |= of_headed_departments(user)
            scope |= Q(store_id__in=heads) & (Q(handler__user=user) | Q(reported_by__user=user))
        front = user.stores_with({"frontline"})
        if front:
            scope |= Q(store_id__in=front, reported_by__user=user)
        return self.filter(scope)

    def open(self) -> Self:
        """Somebody works on it: not closed, not merged, not merely on record."""
        return self.filter(state__in=OPEN)

    def live(self) -> Self:
        """Registered here; not taken over from an old register."""
        return self.filter(historical=False)

    def running(self) -> Self:
        """The ruling limit runs: no pause holds it up, or a limit from outside rules, which no pause stops."""
        return self.filter(runs("due_at") | Q(due_at=F("external_due_at")))

    def overdue(self, now: datetime) -> Self:
        """Open, and the stored deadline that rules now has passed."""
        return self.open().running().filter(due_at__lt=now)

    def received_on(self, first: date, last: date) -> Self:
        """Received on the business days first…last, both included."""
        return self.filter(received_on__range=(first, last))


#: the tickets registered here or brought along that no figure of a period counts: few, and asked for as such
UNCOUNTED = ~Q(validity=Validity.VALID) | Q(state=State.MERGED) | Q(kind=Kind.QUESTION) | Q(historical=True)
#: who sees every ticket of a store
SEE_ALL = frozenset({"specialist", "manager", "director"})
#: what every figure asks of a ticket before it counts it
_COUNTS = ("kind", "state", "validity", "historical")
#: the indexes that answer the figures of a period by themselves: the words of a hundred thousand tickets stay unread
COVERING: dict[str, list[str]] = {
    "complaint_received": [
        "store", "received_on", *_COUNTS, "level", "category", "cause_class", "source", "vehicle", "customer",
        "received_at", "repeat_of", "series", "id",
    ],
    "complaint_closed": [
        "store", "closed_on", *_COUNTS, "reopened", "category", "vehicle", "customer", "received_at", "closed_at", "id",
    ],
    "complaint_response_due": ["store", "response_due_at", "responded_at", "paused_at", *_COUNTS],
    "complaint_proposal_due": ["store", "proposal_due_at", "proposed_at", "paused_at", *_COUNTS],
    "complaint_closing_due": ["store", "closing_due_at", "closed_at", "paused_at", *_COUNTS],
}  # fmt: skip
#: a compensation or a claim was paid or asked for
COST_MONEY = Q(compensation__gt=0) | Q(claim_amount__gt=0)


class Complaint(FromRegister):
    """One ticket; every change of state is a Step, every change of a deadline a ClockEntry.

    A historical one came by import from an old register: its number, state, people and moments are the register's, it
    runs no clock and has no steps but those taken here since.
    """

    store = models.ForeignKey(Store, models.PROTECT, related_name="complaints")
    number = models.CharField(max_length=40)
    kind = models.CharField(max_length=10, choices=Kind.choices)
    level = models.ForeignKey(Level, models.PROTECT, null=True, blank=True, related_name="complaints")
    category = models.ForeignKey(Category, models.PROTECT, null=True, blank=True, related_name="complaints")
    source = models.CharField(max_length=10, choices=Source.choices, blank=True)
    department = models.CharField(max_length=20, blank=True, choices=Department.choices)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="complaints")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, blank=True, related_name="complaints")
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="complaints")
    repair_order = models.ForeignKey(RepairOrder, models.PROTECT, null=True, blank=True, related_name="complaints")
    origin = models.ForeignKey(Response, models.PROTECT, null=True, blank=True, related_name="complaints")
    #: the customer's own words, and what they want
    words = models.TextField(max_length=4000)
    demand = models.CharField(max_length=4000, blank=True)
    state = models.CharField(max_length=15, choices=State.choices, default=State.REGISTERED)
    #: who registered it; None only where an old register names nobody whom we know
    reported_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="complaints_reported")
    handler = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="complaints_handled")
    #: 当事人: the person complained about, as named by the customer
    accused = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="complaints_against")
    #: when the first employee heard it; starts the clock
    received_at = models.DateTimeField()
    received_on = models.DateField()
    accepted_at = models.DateTimeField(null=True, blank=True)
    responded_at = models.DateTimeField(null=True, blank=True)
    proposed_at = models.DateTimeField(null=True, blank=True)
    solved_at = models.DateTimeField(null=True, blank=True)
    closed_at = models.DateTimeField(null=True, blank=True)
    #: the business day of closed_at
    closed_on = models.DateField(null=True, blank=True)
    paused_at = models.DateTimeField(null=True, blank=True)
    #: the stored deadlines; due_at is the one that rules now (the next limit not yet met)
    response_due_at = models.DateTimeField(null=True, blank=True)
    proposal_due_at = models.DateTimeField(null=True, blank=True)
    closing_due_at = models.DateTimeField(null=True, blank=True)
    due_at = models.DateTimeField(null=True, blank=True)
    legal_due_on = models.DateField(null=True, blank=True)
    external_number = models.CharField(max_length=40, blank=True)
    external_due_at = models.DateTimeField(null=True, blank=True)
    external_replied_at = models.DateTimeField(null=True, blank=True)
    #: a level that the system proposes and nobody has decided about yet: its code and the reason's code
    proposed_level = models.CharField(max_length=4, blank=True)
    proposed_because = models.CharField(max_length=20, blank=True)
    #: the words that ask “is this L4?”, and when somebody answered
    grave_words = models.CharField(max_length=200, blank=True)
    grave_answered_at = models.DateTimeField(null=True, blank=True)
    #: a gold or A customer who complains again: who is to call at once, and when they did
    priority_caller = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    priority_called_at = models.DateTimeField(null=True, blank=True)
    cause_class = models.CharField(max_length=20, blank=True, choices=CauseClass.choices)
    cause = models.CharField(max_length=1000, blank=True)
    solution = models.CharField(max_length=4000, blank=True)
    customer_accepts = models.BooleanField(null=True, blank=True)
    compensation = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    #: 索赔: what the manufacturer or an insurer is asked to pay
    claim_amount = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    approved_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    validity = models.CharField(max_length=10, choices=Validity.choices, default=Validity.VALID)
    result = models.CharField(max_length=15, blank=True, choices=ConfirmResult.choices)
    review_note = models.CharField(max_length=1000, blank=True)
    measure = models.ForeignKey(ImprovementMeasure, models.PROTECT, null=True, blank=True, related_name="complaints")
    #: how often it was put to the confirming call; part of the call's anchor key
    round = models.PositiveSmallIntegerField(default=0)
    reopened = models.PositiveSmallIntegerField(default=0)
    chased = models.PositiveSmallIntegerField(default=0)
    repeat_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="repeats")
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged")
    historical = models.BooleanField(default=False)
    version = models.PositiveIntegerField(default=1)
    submission = models.UUIDField()

    objects = ComplaintQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(fields=["store", "state", "due_at"], name="complaint_store_state_due"),
            models.Index(fields=["store", "-received_at", "-id"], name="complaint_store_received"),
            *(models.Index(fields=fields, name=name) for name, fields in COVERING.items()),
            models.Index(fields=["store", "received_at"], condition=Q(historical=True), name="complaint_historical"),
            models.Index(fields=["store", "closed_on"], condition=COST_MONEY, name="complaint_cost_money"),
            models.Index(fields=["store", "id"], condition=UNCOUNTED, name="complaint_uncounted"),
            models.Index(
                fields=["store", "external_number"], condition=~Q(external_number=""), name="complaint_external_number"
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="complaint_number_once_a_store"),
            models.UniqueConstraint(fields=["store", "submission"], name="complaint_once_a_submission"),
            models.CheckConstraint(condition=Q(state__in=State.values), name="complaint_state_known"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="complaint_kind_known"),
            models.CheckConstraint(
                condition=Q(accused=None) | Q(handler=None) | ~Q(accused=F("handler")),
                name="complaint_accused_never_handles",
            ),
            models.CheckConstraint(
                condition=~Q(state="closed") | Q(closed_at__isnull=False) | Q(historical=True),
                name="complaint_closed_has_moment",
            ),
            models.CheckConstraint(
                condition=Q(historical=True) | Q(reported_by__isnull=False, source__gt=""),
                name="complaint_live_has_author_and_source",
            ),
            models.CheckConstraint(
                condition=Q(historical=False) | Q(state__in=["recorded", "closed"], due_at=None),
                name="complaint_historical_at_rest",
            ),
            models.CheckConstraint(
                condition=~Q(state="recorded") | Q(historical=True), name="complaint_recorded_is_historical"
            ),
            models.CheckConstraint(
                condition=~Q(state="merged") | Q(merged_into__isnull=False), name="complaint_merged_has_main"
            ),
            models.CheckConstraint(
                condition=Q(compensation=None) | Q(compensation__gte=0), name="complaint_compensation_not_negative"
            ),
            models.CheckConstraint(
                condition=Q(claim_amount=None) | Q(claim_amount__gte=0), name="complaint_claim_not_negative"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_open(self) -> bool:
        """Whether it still waits for somebody."""
        return self.state not in AT_REST

    def is_overdue(self, now: datetime) -> bool:
        """Whether it belongs to ComplaintQuerySet.overdue, for a row that is at hand."""
        if not self.is_open or self.due_at is None or self.due_at >= now:
            return False
        return self.due_at == self.external_due_at or not clock.stands(self.due_at, self.paused_at)
