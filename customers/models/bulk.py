"""One change for all customers that a filter leaves: what was counted, what was confirmed, and what came of it."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped


class BulkChange(models.Model):
    """A change prepared for the customers that stood in a list, by their keys; applied once it is confirmed."""

    class Change(models.TextChoices):
        """What is changed."""

        KEEPER = "keeper", _("Named owner")
        VALUE = "value", _("Value class")
        CHECK = "check", _("Check the number at the next visit")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    change = models.CharField(max_length=10, choices=Change.choices)
    #: an employee's key, a value class; '' takes away
    value = models.CharField(max_length=20, blank=True)
    #: the query of the list, codes and keys only
    query = models.CharField(max_length=500, blank=True)
    #: the customers' keys as they were counted
    counted = models.JSONField(default=list)
    created_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    created_at = models.DateTimeField()
    confirmed_at = models.DateTimeField(null=True, blank=True)
    finished_at = models.DateTimeField(null=True, blank=True)
    #: how far it has come in `counted`, and how many of these were changed
    reached = models.PositiveIntegerField(default=0)
    changed = models.PositiveIntegerField(default=0)
    #: {why: [customers' keys]}
    skipped = models.JSONField(default=dict)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        constraints = [
            models.CheckConstraint(condition=Q(change__in=["keeper", "value", "check"]), name="bulk_change_known"),
            models.CheckConstraint(
                condition=Q(finished_at=None) | Q(confirmed_at__isnull=False), name="bulk_change_confirmed_first"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.change} {self.pk}"
