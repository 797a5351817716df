"""外部满意度: what a manufacturer or institute measured, shown beside the internal score and never mixed with it."""

from __future__ import annotations

from typing import Self

from django.db import models
from django.db.models import F, Q

from crm_site.accounts.models import Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.imports.models import Attribution


class ExternalQuerySet(StoreScoped):
    """Reads of external results."""

    def overall(self) -> Self:
        """The results of whole surveys, without their factors."""
        return self.filter(factor="")


class ExternalResult(Attribution):
    """One score of one survey and period: of the whole (factor '') or of one factor."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="external_results")
    survey = models.CharField(max_length=80)
    #: 2026-05, 2026-Q2, 2026-H1 or 2026
    period = models.CharField(max_length=10)
    first_day = models.DateField()
    last_day = models.DateField()
    factor = models.CharField(max_length=80, blank=True)
    #: out of 100
    score = models.DecimalField(max_digits=6, decimal_places=3)
    #: as the survey says it, on its own scale
    raw_score = models.DecimalField(max_digits=8, decimal_places=3)
    scale = models.PositiveSmallIntegerField()
    #: n: how many customers were asked
    sample = models.PositiveIntegerField(null=True, blank=True)
    #: out of 100, and as the survey says it
    regional_mean = models.DecimalField(max_digits=6, decimal_places=3, null=True, blank=True)
    raw_mean = models.DecimalField(max_digits=8, decimal_places=3, null=True, blank=True)
    rank = models.PositiveIntegerField(null=True, blank=True)
    rank_of = models.PositiveIntegerField(null=True, blank=True)

    objects = ExternalQuerySet.as_manager()

    class Meta:
        ordering = ["-last_day", "survey", "factor"]
        indexes = [models.Index(fields=["store", "-last_day"], name="external_store_day")]
        constraints = [
            models.UniqueConstraint(fields=["store", "survey", "period", "factor"], name="external_once_a_period"),
            models.CheckConstraint(condition=Q(scale__in=[10, 100, 1000]), name="external_scale_known"),
            models.CheckConstraint(condition=Q(score__gte=0, score__lte=100), name="external_score_0_100"),
            models.CheckConstraint(
                condition=Q(raw_score__gte=0, raw_score__lte=F("scale")), name="external_raw_within_scale"
            ),
            models.CheckConstraint(condition=Q(first_day__lte=F("last_day")), name="external_period_in_order"),
            models.CheckConstraint(condition=~Q(survey=""), name="external_has_survey"),
            models.CheckConstraint(
                condition=Q(rank=None) | Q(rank_of=None) | Q(rank__lte=F("rank_of")), name="external_rank_within"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.survey} {self.period} {self.factor}".rstrip()

    @property
    def ahead(self):
        """By how many points of 100 the store is above its region; None where the survey says no mean."""
        return None if self.regional_mean is None else self.score - self.regional_mean
