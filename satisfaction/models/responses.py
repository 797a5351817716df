"""What customers answered: raw answers, normalised values, the score stored with each response."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee, Role, Store
from crm_site.accounts.scoping import StoreScoped, headed_groups, sees_anything
from customers.models import Customer, Delivery, JobType, RepairOrder, Vehicle
from satisfaction.models.trees import Attribution, Factor, Question, QuestionnaireVersion


class Decision(models.TextChoices):
    """What was decided about a response with a low item (domain 5.4)."""

    NONE = "", _("No low answer")
    PENDING = "pending", _("Awaiting a decision")
    SETTLED = "settled", _("Settled on the spot")
    GRIEVANCE = "grievance", _("Grievance ticket")
    COMPLAINT = "complaint", _("Complaint ticket")
    WAIVED = "waived", _("Customer does not pursue it")


class ResponseQuerySet(StoreScoped):
    """Reads of responses; a head sees those that judge his departments, the frontline those they asked themselves."""

    def visible_to(self, user: Any) -> Self:
        """The responses of the user's stores, as far as their role goes; nothing for anybody else."""
        if not sees_anything(user):
            return self.none()
        scope = Q(store_id__in=user.stores_with(set(Role.values) - {Role.HEAD, Role.FRONTLINE}))
        for departments, store_ids in headed_groups(user):
            judged = Answer.objects.filter(response=OuterRef("pk"), department__in=departments)
            scope |= Q(Exists(judged), store_id__in=store_ids)
        front = user.stores_with({Role.FRONTLINE})
        if front:
            scope |= Q(store_id__in=front, asked_by__user=user)
        return self.filter(scope)

    def valid(self) -> Self:
        """Counted in scores: enough answered, not excluded."""
        return self.filter(is_valid=True, excluded_at=None)

    def called_on(self, first: date, last: date) -> Self:
        """Of the business days first…last, both included (a response belongs to the month of its call)."""
        return self.filter(called_on__range=(first, last))


class Response(models.Model):
    """One customer's answers to one questionnaire version, with the score computed when they were given."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="responses")
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="responses")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="responses")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, blank=True, related_name="responses")
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="responses")
    repair_order = models.ForeignKey(RepairOrder, models.PROTECT, null=True, blank=True, related_name="responses")
    asked_by = models.ForeignKey(Employee, models.PROTECT, related_name="responses_asked")
    channel = models.CharField(max_length=10, default="phone")
    answered_at = models.DateTimeField()
    #: business day (Asia/Shanghai) of answered_at: the day that decides the month
    called_on = models.DateField()
    #: 0–100, NULL where nothing weighted was answered
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    answered_weight = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    applicable_weight = models.DecimalField(max_digits=6, decimal_places=2, default=0)
    is_valid = models.BooleanField(default=False)
    low_count = models.PositiveSmallIntegerField(default=0)
    decision = models.CharField(max_length=10, blank=True, choices=Decision.choices)
    decision_reason = models.CharField(max_length=500, blank=True)
    #: who decided later, where the customer answered without anybody of ours on the line
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    #: the car's series and the order's job type as they stood when it was answered: what figures are parted by
    series = models.CharField(max_length=60, blank=True)
    job_type = models.CharField(max_length=15, blank=True, choices=JobType.choices)
    excluded_at = models.DateTimeField(null=True, blank=True)
    excluded_reason = models.CharField(max_length=200, blank=True)
    submission = models.UUIDField()

    objects = ResponseQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "called_on"], name="response_store_day"),
            models.Index(fields=["store"], condition=Q(decision="pending"), name="response_awaiting_decision"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="response_once_a_submission"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="response_score_0_100"
            ),
            models.CheckConstraint(condition=Q(delivery=None) | Q(repair_order=None), name="response_one_occasion"),
            models.CheckConstraint(condition=Q(low_count=0) | ~Q(decision=""), name="response_low_needs_decision"),
            models.CheckConstraint(
                condition=~Q(decision="waived") | ~Q(decision_reason=""), name="response_waived_needs_reason"
            ),
        ]

    def __str__(self) -> str:
        return f"response {self.pk}"


class Answer(models.Model):
    """One answer: a value, 不适用 (does not apply) or 未答 (not asked or refused); neither of those is 0."""

    class State(models.TextChoices):
        """The three ways to have answered."""

        GIVEN = "given"
        NOT_APPLICABLE = "na"
        NOT_ANSWERED = "none"

    response = models.ForeignKey(Response, models.CASCADE, related_name="answers")
    question = models.ForeignKey(Question, models.PROTECT, related_name="answers")
    state = models.CharField(max_length=5, choices=State.choices)
    #: raw number on the question's own scale (1–10, 0–10, yes = 1/no = 0)
    value = models.DecimalField(max_digits=5, decimal_places=2, null=True)
    text = models.CharField(max_length=500, blank=True)
    #: 0–100
    normalised = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    #: the item's weight when it was asked
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    is_low = models.BooleanField(default=False)
    #: the customer's own words behind a low answer
    reason = models.CharField(max_length=500, blank=True)
    department = models.CharField(max_length=20, blank=True, choices=Department.choices)

    STORE_PATH = "response__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [
            # one answer of many has words: what is searched is found through these alone
            models.Index(fields=["response"], condition=~Q(reason="") | ~Q(text=""), name="answer_with_words"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["response", "question"], name="answer_once_a_question"),
            models.CheckConstraint(
                condition=Q(state="given") | Q(value=None, normalised=None), name="answer_value_only_when_given"
            ),
            models.CheckConstraint(condition=Q(is_low=False) | ~Q(reason=""), name="answer_low_needs_reason"),
        ]

    def __str__(self) -> str:
        return f"answer {self.pk}"


class AnswerAttribution(models.Model):
    """An employee whose work an answer judges; the technicians of one order may be several."""

    answer = models.ForeignKey(Answer, models.CASCADE, related_name="attributions")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="attributed_answers")

    STORE_PATH = "answer__response__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["answer", "employee"], name="attribution_once_an_answer")]

    def __str__(self) -> str:
        return f"{self.answer_id} -> {self.employee_id}"


class FactorScore(models.Model):
    """The score of one factor of one response, stored when it was computed."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="factor_scores")
    factor = models.ForeignKey(Factor, models.PROTECT, related_name="scores")
    score = models.DecimalField(max_digits=7, decimal_places=4)
    weight = models.DecimalField(max_digits=5, decimal_places=2)

    STORE_PATH = "response__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "factor"], name="factor_score_once"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="factor_score_0_100"),
        ]

    def __str__(self) -> str:
        return f"{self.factor_id} {self.score}"


class EmployeeScore(models.Model):
    """What one response says about one employee: the weighted mean of the items that judge their work, stored."""

    response = models.ForeignKey(Response, models.CASCADE, related_name="employee_scores")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="satisfaction_scores")
    #: in which part they served; where in several, the first of the list of parts
    part = models.CharField(max_length=20, choices=Attribution.choices)
    #: NULL where none of their weighted items was answered
    score = models.DecimalField(max_digits=7, decimal_places=4, null=True)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    low_count = models.PositiveSmallIntegerField(default=0)

    STORE_PATH = "response__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["response", "employee"], name="employee_score_once"),
            models.CheckConstraint(
                condition=Q(score=None) | Q(score__gte=0, score__lte=100), name="employee_score_0_100"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.score}"
