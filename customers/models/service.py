"""What a car will need and when: service plans, told mileages, and visits that were booked."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import Reference, StoreScoped
from customers.models.people import Customer
from customers.models.vehicles import Vehicle


class ServicePlan(models.Model):
    """After how many kilometres or months a car is due, by series and power; store NULL is the company's default.

    The most particular row holds: series and power, series alone, power alone, neither; a store's before the company's.
    """

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    #: '' = any
    series = models.CharField(max_length=60, blank=True)
    power = models.CharField(max_length=10, blank=True)
    first_km = models.PositiveIntegerField()
    first_months = models.PositiveSmallIntegerField()
    next_km = models.PositiveIntegerField()
    next_months = models.PositiveSmallIntegerField()
    version = models.PositiveIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["series", "power"]
        constraints = [
            models.UniqueConstraint(fields=["series", "power"], condition=Q(store=None), name="plan_default_once"),
            models.UniqueConstraint(fields=["store", "series", "power"], name="plan_once_a_store"),
            models.CheckConstraint(condition=Q(power__in=["", "fuel", "hybrid", "ev"]), name="plan_power_known"),
            models.CheckConstraint(
                condition=Q(first_km__gte=1, first_months__gte=1, next_km__gte=1, next_months__gte=1),
                name="plan_numbers_positive",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.series} {self.power}".strip()


class MileageReading(models.Model):
    """A mileage that was told outside the workshop, as in a call; orders carry their own."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="mileage_readings")
    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="mileage_readings")
    read_on = models.DateField()
    km = models.PositiveIntegerField()
    told_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")

    PART_OF = "vehicle"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["vehicle_id", "read_on"]
        constraints = [models.UniqueConstraint(fields=["vehicle", "read_on"], name="reading_once_a_day")]

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.read_on}"


class BookingQuerySet(StoreScoped):
    """Reads of bookings."""

    def visible_to(self, user: Any) -> Self:
        """The bookings of the user's stores; those of restricted cards only where the user sees these."""
        hidden = Q(customer__restricted=True) & ~Q(store_id__in=policy.stores_allowing(user, "customers.restrict"))
        return super().visible_to(user).exclude(hidden)

    def ahead(self, day: date) -> Self:
        """The bookings that still stand on a day: asked for or confirmed, and not over."""
        return self.filter(state__in=[Booking.State.ASKED, Booking.State.CONFIRMED], wanted_on__gte=day)


class Booking(models.Model):
    """A visit to the workshop that a customer asked for: what, when, and what became of it."""

    class State(models.TextChoices):
        """Where a booking stands."""

        ASKED = "asked", _("To be confirmed")
        CONFIRMED = "confirmed", _("Confirmed")
        CAME = "came", _("Came")
        MISSED = "missed", _("Did not come")
        CANCELLED = "cancelled", _("Cancelled")

    store = models.ForeignKey(Store, models.PROTECT, related_name="bookings")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="bookings")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="bookings")
    wanted_on = models.DateField()
    wanted_at = models.TimeField(null=True, blank=True)
    what = models.CharField(max_length=200, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ASKED)
    asked_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    submission = models.UUIDField(null=True, blank=True)

    objects = BookingQuerySet.as_manager()

    class Meta:
        ordering = ["wanted_on", "wanted_at", "pk"]
        indexes = [
            models.Index(fields=["store", "wanted_on"], name="booking_store_day"),
            models.Index(fields=["vehicle", "wanted_on"], name="booking_vehicle_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="booking_once_a_submission"),
            models.CheckConstraint(
                condition=Q(state__in=["asked", "confirmed", "came", "missed", "cancelled"]), name="booking_state_known"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.wanted_on}"
