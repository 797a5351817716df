"""Improvement measures: cause, measure, responsible person, date."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee, Role, Store
from crm_site.accounts.scoping import StoreScoped, of_headed_departments, sees_anything


class MeasureQuerySet(StoreScoped):
    """Reads of measures; a head sees those of the departments he is posted to, and his own."""

    def visible_to(self, user: Any) -> Self:
        """All measures of the stores where the user manages or directs; for a head his departments'."""
        if not sees_anything(user):
            return self.none()
        scope = Q(store_id__in=user.stores_with({Role.MANAGER, Role.DIRECTOR, Role.ADMIN}))
        headed = user.stores_with({Role.HEAD})
        if headed:
            scope |= of_headed_departments(user)
            scope |= Q(store_id__in=headed) & (Q(responsible__user=user) | Q(created_by__user=user))
        return self.filter(scope)

    def open(self) -> Self:
        """Not yet done or dropped."""
        return self.filter(state=ImprovementMeasure.State.OPEN)

    def to_check(self, today: date) -> Self:
        """Done, the day of the effectiveness check has come, and nobody has found a clear effect or none."""
        undecided = Q(effect="") | Q(effect=ImprovementMeasure.Effect.UNCLEAR)
        return self.filter(undecided, state=ImprovementMeasure.State.DONE, check_on__lte=today)


class ImprovementMeasure(models.Model):
    """What is changed so that it does not happen again, who answers for it, and by when."""

    class State(models.TextChoices):
        """Where it stands."""

        OPEN = "open", _("Not finished")
        DONE = "done", _("Done")
        DROPPED = "dropped", _("Dropped")

    class Metric(models.TextChoices):
        """What its effect is read from; `metric_code` says which."""

        NONE = "", _("not measured")
        COMPLAINTS = "complaints", _("Complaints of a category")
        EMPLOYEE = "employee", _("Complaints about an employee")
        ITEM = "item", _("Score of an item")
        FACTOR = "factor", _("Score of a factor")

    class Effect(models.TextChoices):
        """What the effectiveness check found."""

        EFFECTIVE = "effective", _("Effective")
        UNCLEAR = "unclear", _("Not clear yet")
        WITHOUT = "without", _("Without effect")

    store = models.ForeignKey(Store, models.PROTECT, related_name="measures")
    cause = models.CharField(max_length=500)
    measure = models.CharField(max_length=500)
    responsible = models.ForeignKey(Employee, models.PROTECT, related_name="measures")
    department = models.CharField(max_length=20, blank=True, choices=Department.choices)
    due_on = models.DateField()
    state = models.CharField(max_length=10, choices=State.choices, default=State.OPEN)
    done_on = models.DateField(null=True, blank=True)
    metric = models.CharField(max_length=12, blank=True, choices=Metric.choices)
    #: the category's, item's or factor's code, or the employee's number
    metric_code = models.CharField(max_length=40, blank=True)
    #: the effectiveness check: when it is due, who looked when, and what they found
    check_on = models.DateField(null=True, blank=True)
    checked_on = models.DateField(null=True, blank=True)
    checked_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    effect = models.CharField(max_length=12, blank=True, choices=Effect.choices)
    effect_note = models.CharField(max_length=500, blank=True)
    #: before and after as they stood at the check: counts or means with their intervals, as text
    effect_figures = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    submission = models.UUIDField()

    objects = MeasureQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="measure_once_a_submission"),
            models.CheckConstraint(condition=~Q(state="done") | Q(done_on__isnull=False), name="measure_done_has_day"),
            models.CheckConstraint(
                condition=Q(checked_on=None, effect="") | (Q(checked_on__isnull=False) & ~Q(effect="")),
                name="measure_checked_has_effect",
            ),
        ]

    def __str__(self) -> str:
        return self.measure[:40]
