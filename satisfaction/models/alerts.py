"""Alerts: falls of scores that are beyond chance, kept so that each is told once and somebody answers it."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Department, Employee, Role, Store
from crm_site.accounts.scoping import StoreScoped, of_headed_departments, sees_anything
from satisfaction.models.trees import Attribution, Questionnaire


class AlertQuerySet(StoreScoped):
    """Reads of alerts; a head sees those of the departments he is posted to."""

    def visible_to(self, user: Any) -> Self:
        """All alerts of the stores where the user manages or directs; for a head his departments' of each store."""
        if not sees_anything(user):
            return self.none()
        scope = Q(store_id__in=user.stores_with({Role.MANAGER, Role.DIRECTOR}))
        return self.filter(scope | of_headed_departments(user))

    def unseen(self) -> Self:
        """Nobody has answered it yet."""
        return self.filter(seen_at=None)


class Alert(models.Model):
    """One score that fell beyond chance against the month before, as it stood when it was found."""

    class Subject(models.TextChoices):
        """What fell."""

        STORE = "store", _("The store's score")
        DEPARTMENT = "department", _("A department's score")
        FACTOR = "factor", _("A factor")
        ITEM = "item", _("An item")
        EMPLOYEE = "employee", _("An employee's score")
        NPS = "nps", _("Net promoter score")

    store = models.ForeignKey(Store, models.PROTECT, related_name="score_alerts")
    kind = models.CharField(max_length=15, choices=Questionnaire.Kind.choices)
    #: the first day of the month that fell
    month = models.DateField()
    subject = models.CharField(max_length=12, choices=Subject.choices)
    #: the factor's or item's code, the department's code, the employee's key; '' for the store and its NPS
    code = models.CharField(max_length=60, blank=True)
    part = models.CharField(max_length=20, blank=True, choices=Attribution.choices)
    #: whose head is told; '' = the whole store's
    department = models.CharField(max_length=20, blank=True, choices=Department.choices)
    before_n = models.PositiveIntegerField()
    before = models.DecimalField(max_digits=7, decimal_places=4)
    now_n = models.PositiveIntegerField()
    now = models.DecimalField(max_digits=7, decimal_places=4)
    found_at = models.DateTimeField()
    #: who has taken note, and what they say about it
    seen_at = models.DateTimeField(null=True, blank=True)
    seen_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    note = models.CharField(max_length=300, blank=True)

    objects = AlertQuerySet.as_manager()

    class Meta:
        ordering = ["-month", "-found_at", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "kind", "month", "subject", "code", "part"], name="score_alert_once_a_month"
            ),
            models.CheckConstraint(condition=Q(now__lt=F("before")), name="score_alert_fell"),
            models.CheckConstraint(
                condition=Q(seen_at=None, seen_by=None) | Q(seen_at__isnull=False, seen_by__isnull=False),
                name="score_alert_seen_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.month} {self.subject} {self.code}".rstrip()

    @property
    def fall(self) -> Any:
        """By how many points it fell."""
        return self.before - self.now
