"""How much the desk can dial and who dials for whom: settings of a store, of a caller, and hand-overs."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped


class DeskSettings(models.Model):
    """A store's numbers for the desk; a store without a row works by the defaults."""

    store = models.OneToOneField(Store, models.PROTECT, related_name="desk_settings")
    #: dials a day of a specialist, and of one who began within `new_days`
    dials_a_day = models.PositiveSmallIntegerField(default=100)
    new_dials_a_day = models.PositiveSmallIntegerField(default=40)
    new_days = models.PositiveSmallIntegerField(default=30)
    #: over how many desk days the reminders already due at the start of the store are spread
    ramp_days = models.PositiveSmallIntegerField(default=10)
    #: share of a specialist's calls of a week that is inspected, and at least how many
    inspect_percent = models.PositiveSmallIntegerField(default=5)
    inspect_at_least = models.PositiveSmallIntegerField(default=3)
    #: how many first scored calls of a new specialist are inspected
    inspect_first = models.PositiveSmallIntegerField(default=20)
    version = models.PositiveIntegerField(default=1)

    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=Q(dials_a_day__gte=1, new_dials_a_day__gte=1, ramp_days__gte=1),
                name="desk_settings_positive",
            ),
            models.CheckConstraint(condition=Q(inspect_percent__lte=100), name="desk_settings_percent"),
        ]

    def __str__(self) -> str:
        return f"desk of {self.store_id}"


class CallerSettings(models.Model):
    """How many dials a day a certain caller makes, where it is not the store's number."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="caller_settings")
    employee = models.OneToOneField(Employee, models.PROTECT, related_name="caller_settings")
    dials_a_day = models.PositiveSmallIntegerField()

    objects = StoreScoped.as_manager()

    def __str__(self) -> str:
        return f"{self.employee_id}: {self.dials_a_day}"


class HandOver(models.Model):
    """Calls that went from one person to another, or back to the pool, in one go; can be undone."""

    class Why(models.TextChoices):
        """What made it necessary."""

        LEAVE = "leave", _("Away")
        LEFT = "left", _("Left the company")
        OTHER = "other", _("Other")

    store = models.ForeignKey(Store, models.PROTECT, related_name="hand_overs")
    giver = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    #: NULL = back to the pool
    taker = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    why = models.CharField(max_length=10, choices=Why.choices)
    #: what each call had before: [{"revisit": id, "assigned_to": id|null, "promised_by": id|null}]
    moved = models.JSONField(default=list)
    by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True, blank=True)
    undone_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    submission = models.UUIDField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-at"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="hand_over_once_a_submission"),
            models.CheckConstraint(condition=Q(taker=None) | ~Q(taker=F("giver")), name="hand_over_to_another"),
            models.CheckConstraint(condition=Q(why__in=["leave", "left", "other"]), name="hand_over_why_known"),
        ]

    def __str__(self) -> str:
        return f"hand-over {self.pk}"
