"""What a score is held against and what is told of it: targets, and the digests of weeks and months."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee, Role, Store
from crm_site.accounts.scoping import Reference, StoreScoped, of_headed_departments, sees_anything
from satisfaction.models.trees import Attribution, Questionnaire


class Target(models.Model):
    """What a figure is to reach from a month on, until a later row says otherwise; store NULL is the company's."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    kind = models.CharField(max_length=15, choices=Questionnaire.Kind.choices)
    #: a figure's code (index, nps, very_satisfied, …), or factor:<code> or question:<code>
    figure = models.CharField(max_length=60)
    #: for the people of one part; '' = of the whole store
    part = models.CharField(max_length=20, blank=True, choices=Attribution.choices)
    #: the first day of the first month it holds for
    since = models.DateField()
    #: in the figure's own unit: points of 100, or −100…100 for the net promoter score
    value = models.DecimalField(max_digits=6, decimal_places=2)
    set_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    set_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["kind", "figure", "part", "-since"]
        constraints = [
            models.UniqueConstraint(
                fields=["kind", "figure", "part", "since"], condition=Q(store=None), name="target_default_once"
            ),
            models.UniqueConstraint(fields=["store", "kind", "figure", "part", "since"], name="target_once_a_store"),
            models.CheckConstraint(condition=Q(value__gte=-100, value__lte=100), name="target_in_range"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.figure} {self.since}"


class DigestQuerySet(StoreScoped):
    """Reads of digests; a head sees those of the departments he is posted to."""

    def visible_to(self, user: Any) -> Self:
        """All digests of the stores where the user manages or directs; for a head his departments' of each store."""
        if not sees_anything(user):
            return self.none()
        scope = Q(store_id__in=user.stores_with({Role.MANAGER, Role.DIRECTOR}))
        return self.filter(scope | of_headed_departments(user))


class Digest(models.Model):
    """What a week or a month brought for one department, or '' for the whole store; kept as it was told."""

    class Period(models.TextChoices):
        """How long it looks back over."""

        WEEK = "week", _("Week")
        MONTH = "month", _("Month")

    store = models.ForeignKey(Store, models.PROTECT, related_name="digests")
    department = models.CharField(max_length=20, blank=True, choices=Department.choices)
    period = models.CharField(max_length=5, choices=Period.choices)
    first_day = models.DateField()
    last_day = models.DateField()
    built_at = models.DateTimeField()
    #: codes, numbers and keys only, no customer's name or words: words are read from the rows when it is shown
    figures = models.JSONField(default=dict)

    objects = DigestQuerySet.as_manager()

    class Meta:
        ordering = ["-last_day", "department"]
        constraints = [
            models.UniqueConstraint(fields=["store", "department", "period", "first_day"], name="digest_once"),
            models.CheckConstraint(condition=Q(first_day__lte=models.F("last_day")), name="digest_days_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.period} {self.first_day} {self.department}".rstrip()
