"""Questionnaires: versioned trees of factors and weighted items, frozen once published."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import Reference
from crm_site.core.models import Labelled


class Questionnaire(Labelled):
    """One questionnaire by its code (SSI, CSI, CSI_SHORT, CMP_CFM, …); store NULL is the company's default."""

    class Kind(models.TextChoices):
        """What its answers count for."""

        SALES = "sales", _("Sales satisfaction")
        SERVICE = "service", _("Service satisfaction")
        CONFIRMATION = "confirmation", _("Complaint confirmation")
        UNSCORED = "unscored", _("Unscored")

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=20)
    kind = models.CharField(max_length=15, choices=Kind.choices)
    #: the long questionnaire of which this is the short form: one item a factor, carrying the factor's weight
    short_of = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="short_forms")

    objects = Reference.as_manager()

    class Meta:
        ordering = ["code"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="questionnaire_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="questionnaire_once_a_store"),
        ]

    @property
    def is_scored(self) -> bool:
        """Whether its answers make a satisfaction score."""
        return self.kind != self.Kind.UNSCORED


class VersionQuerySet(models.QuerySet):
    """Reads of questionnaire versions."""

    def visible_to(self, user: Any) -> Self:
        """The versions of the company's questionnaires and of those of the user's stores."""
        return self.filter(questionnaire__in=Questionnaire.objects.visible_to(user).values("pk"))

    def of_stores(self, store_ids: Collection[int]) -> Self:
        """The versions of the company's questionnaires and of the stores' own: what may be asked in them."""
        return self.filter(Q(questionnaire__store=None) | Q(questionnaire__store__in=store_ids))

    def published(self) -> Self:
        """The versions that may be asked now."""
        return self.filter(state=QuestionnaireVersion.State.PUBLISHED)


class QuestionnaireVersion(models.Model):
    """One version of a tree; published = immutable, and every response keeps the version it was asked with."""

    class State(models.TextChoices):
        """Draft is edited, published is asked, retired is only read."""

        DRAFT = "draft", _("Draft")
        PUBLISHED = "published", _("Published")
        RETIRED = "retired", _("Retired")

    class Scale(models.TextChoices):
        """On what its scored items are answered; the extras keep the scales of their own kinds."""

        TEN = "ten", _("Ten points, 1–10")
        FIVE = "five", _("Five points, 1–5")

    questionnaire = models.ForeignKey(Questionnaire, models.PROTECT, related_name="versions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.DRAFT)
    published_at = models.DateTimeField(null=True, blank=True)
    published_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    retired_at = models.DateTimeField(null=True, blank=True)
    scale = models.CharField(max_length=5, choices=Scale.choices, default=Scale.TEN)
    #: what each word is called and worth, best first: [{"value": 5, "points": "100", "label_zh": …, "label_en": …}];
    #: empty = the table of the trade
    words = models.JSONField(default=list, blank=True)
    based_on = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="+")
    #: why this version exists, in the author's words
    note = models.CharField(max_length=300, blank=True)
    created_at = models.DateTimeField(null=True, blank=True)
    created_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    #: grows with every edit of a draft, so that two people who edit it notice each other
    edits = models.PositiveIntegerField(default=0)

    #: NULL for a version of the company's
    STORE_PATH = "questionnaire__store_id"
    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["questionnaire_id", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["questionnaire", "number"], name="version_number_once"),
            models.UniqueConstraint(
                fields=["questionnaire"], condition=Q(state="published"), name="version_one_published"
            ),
            models.CheckConstraint(condition=Q(scale__in=["ten", "five"]), name="version_scale_known"),
        ]

    def __str__(self) -> str:
        return f"{self.questionnaire_id} v{self.number}"


class Factor(Labelled):
    """A weighted group of items; the factors of a published tree sum to exactly 100."""

    version = models.ForeignKey(QuestionnaireVersion, models.CASCADE, related_name="factors")
    code = models.CharField(max_length=30)
    weight = models.DecimalField(max_digits=5, decimal_places=2)
    position = models.PositiveSmallIntegerField()

    class Meta:
        ordering = ["version_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="factor_code_once"),
            models.CheckConstraint(condition=Q(weight__gt=0, weight__lte=100), name="factor_weight_in_range"),
        ]


class QuestionKind(models.TextChoices):
    """How a question is answered and what its answer feeds."""

    SCORE = "score", _("Score 1–10")
    OVERALL = "overall", _("Overall satisfaction 1–10")
    NPS = "nps", _("Recommendation 0–10")
    LOYALTY = "loyalty", _("Would come again 1–10")
    EXECUTION = "execution", _("Done or not (yes/no)")
    YES_NO = "yes_no", _("Judged by yes or no")
    WORDS = "words", _("In words")
    TEXT = "text", _("Free text")


class Attribution(models.TextChoices):
    """Whose work a question judges (domain 5.3)."""

    NONE = "none", _("Not attributed")
    SALES_CONSULTANT = "sales_consultant", _("Sales consultant")
    DELIVERY_SPECIALIST = "delivery_specialist", _("Delivery specialist, else sales consultant")
    SERVICE_ADVISOR = "service_advisor", _("Service advisor")
    TECHNICIANS = "technicians", _("Technicians of the repair order")
    DEPARTMENT = "department", _("Department")


class Question(Labelled):
    """One item; weighted inside its factor, or an unweighted extra (factor NULL)."""

    version = models.ForeignKey(QuestionnaireVersion, models.CASCADE, related_name="questions")
    factor = models.ForeignKey(Factor, models.CASCADE, null=True, blank=True, related_name="questions")
    code = models.CharField(max_length=40)
    kind = models.CharField(max_length=12, choices=QuestionKind.choices, default=QuestionKind.SCORE)
    weight = models.DecimalField(max_digits=5, decimal_places=2, default=0)
    position = models.PositiveSmallIntegerField()
    attribution = models.CharField(max_length=20, choices=Attribution.choices, default=Attribution.NONE)
    is_required = models.BooleanField(default=False)

    class Meta:
        ordering = ["version_id", "position"]
        constraints = [
            models.UniqueConstraint(fields=["version", "code"], name="question_code_once"),
            models.CheckConstraint(condition=Q(weight__gte=0, weight__lte=100), name="question_weight_in_range"),
            models.CheckConstraint(
                condition=Q(factor=None, weight=0) | Q(factor__isnull=False), name="question_extra_unweighted"
            ),
            models.CheckConstraint(condition=Q(kind__in=QuestionKind.values), name="question_kind_known"),
        ]
