"""Cars, and who was what to them from when to when."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.core.dates import add_months
from crm_site.imports.models import Attribution
from customers.models.people import Contact, Customer

#: a car from elsewhere that was seen within so many months is in care
KEPT_MONTHS = 36


class VehicleQuerySet(StoreScoped):
    """Reads of cars by what is stored of their dates; customers.actions.dates keeps these up to date."""

    def awaiting_first_service(self) -> Self:
        """Cars whose first service is ahead or was missed: they have its day and have never been here.

        The day itself stays on a car that has been here, for whoever looks at its card; so a list of first services
        that are due asks this as well as the day. An order that is open counts as being here, a void one does not.
        """
        return self.filter(first_service_on__isnull=False, last_visit_on=None)

    def in_care(self, day: date) -> Self:
        """有效保有: sold here or seen in 36 months, in use; each with `seen_on`, its last visit, else delivery."""
        rows = self.filter(state=Vehicle.State.ACTIVE)
        rows = rows.annotate(seen_on=Coalesce("last_seen_on", "last_visit_on", "purchased_on"))
        return rows.filter(Q(sold_here=True) | Q(seen_on__gte=add_months(day, -KEPT_MONTHS)))


class Vehicle(Attribution):
    """One car in one store's archive; its natural key is the VIN."""

    class State(models.TextChoices):
        """Whether the car is still ours to care for."""

        ACTIVE = "active", _("In use")
        SOLD = "sold", _("Sold on")
        SCRAPPED = "scrapped", _("Scrapped")

    store = models.ForeignKey(Store, models.PROTECT, related_name="vehicles")
    vin = models.CharField(max_length=17, null=True, blank=True)
    plate_no = models.CharField(max_length=12, blank=True)
    engine_no = models.CharField(max_length=30, blank=True)
    brand = models.CharField(max_length=40, blank=True)
    series = models.CharField(max_length=60, blank=True)
    model = models.CharField(max_length=80, blank=True)
    colour = models.CharField(max_length=30, blank=True)
    power = models.CharField(
        max_length=10,
        blank=True,
        choices=[("fuel", _("Petrol or diesel")), ("hybrid", _("Hybrid")), ("ev", _("Electric"))],
    )
    usage = models.CharField(
        max_length=12,
        blank=True,
        choices=[("family", _("Family")), ("official", _("Official")), ("commercial", _("Commercial"))],
    )
    made_on = models.DateField(null=True, blank=True)
    purchased_on = models.DateField(null=True, blank=True)
    registered_on = models.DateField(null=True, blank=True)
    warranty_from = models.DateField(null=True, blank=True)
    warranty_until = models.DateField(null=True, blank=True)
    insurance_until = models.DateField(null=True, blank=True)
    inspection_due_on = models.DateField(null=True, blank=True)
    sold_here = models.BooleanField(null=True, blank=True)
    state = models.CharField(max_length=10, choices=State.choices, default=State.ACTIVE)
    #: stored so that due lists filter on plain dates; refreshed for touched vehicles
    last_visit_on = models.DateField(null=True, blank=True)
    #: the last counting visit, else the delivery; what 流失招揽 counts from
    last_seen_on = models.DateField(null=True, blank=True)
    last_mileage_km = models.PositiveIntegerField(null=True, blank=True)
    #: predicted kilometres a day; NULL where too little is known
    daily_km = models.PositiveSmallIntegerField(null=True, blank=True)
    #: see awaiting_first_service
    first_service_on = models.DateField(null=True, blank=True)
    next_maintenance_on = models.DateField(null=True, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)

    #: reckoned from the orders; another value in them is nobody's edit
    DERIVED_FIELDS = (
        "last_visit_on", "last_mileage_km", "last_seen_on", "daily_km", "first_service_on", "next_maintenance_on",
    )  # fmt: skip
    objects = VehicleQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "plate_no"], name="vehicle_store_plate"),
            # the filters of the list of customers, and what they offer
            models.Index(fields=["store", "brand"], name="vehicle_brand"),
            models.Index(fields=["store", "series"], name="vehicle_series"),
            models.Index(fields=["store", "purchased_on"], name="vehicle_purchased"),
            models.Index(fields=["store", "last_visit_on"], name="vehicle_last_visit"),
            # the due lists look for a few days of one store: only cars in use have days to come
            *(
                models.Index(fields=["store", day], condition=Q(state="active"), name=f"vehicle_{name}")
                for day, name in (
                    ("first_service_on", "first_service"),
                    ("next_maintenance_on", "maintenance"),
                    ("insurance_until", "insurance"),
                    ("inspection_due_on", "inspection"),
                    ("warranty_until", "warranty"),
                    ("last_seen_on", "last_seen"),
                )
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "vin"], name="vehicle_vin_once_a_store"),
            models.CheckConstraint(condition=~Q(vin=""), name="vehicle_vin_not_empty"),
            models.CheckConstraint(condition=Q(state__in=["active", "sold", "scrapped"]), name="vehicle_state_known"),
        ]

    def __str__(self) -> str:
        return self.plate_no or (self.vin or "")[-6:]

    @property
    def fact(self) -> str:
        """The name of its VIN among the facts of a card that can be looked at (actions.reveals)."""
        return f"vin:{self.pk}"


class VehicleRoleQuerySet(StoreScoped):
    """Reads of who is what to a car."""

    def current(self, day: date) -> Self:
        """The roles in force on a day."""
        return self.filter(Q(since=None) | Q(since__lte=day)).filter(Q(until=None) | Q(until__gte=day))


class VehicleRole(models.Model):
    """What a customer or one of their contacts is to a car, from one day to another."""

    class Kind(models.TextChoices):
        """The four roles."""

        OWNER = "owner", _("Owner")
        DRIVER = "driver", _("Usual driver")
        BRINGER = "bringer", _("Person bringing the car")
        PAYER = "payer", _("Payer")

    store = models.ForeignKey(Store, models.PROTECT, related_name="vehicle_roles")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="roles")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="vehicle_roles")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="vehicle_roles")
    role = models.CharField(max_length=10, choices=Kind.choices)
    since = models.DateField(null=True, blank=True)
    until = models.DateField(null=True, blank=True)

    PART_OF = "vehicle"
    objects = VehicleRoleQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "customer"], name="role_store_customer")]
        constraints = [
            models.UniqueConstraint(
                fields=["vehicle", "role"],
                condition=Q(role="owner", until=None),
                name="role_one_current_owner",
            ),
            models.CheckConstraint(
                condition=Q(until=None) | Q(since=None) | Q(until__gte=F("since")), name="role_ends_after_since"
            ),
            models.CheckConstraint(condition=Q(role__in=["owner", "driver", "bringer", "payer"]), name="role_known"),
        ]

    def __str__(self) -> str:
        return f"{self.role} {self.vehicle_id}"


class FormerPlate(models.Model):
    """A plate that a car had before, and until which day it was known by it (车牌变更)."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="former_plates")
    vehicle = models.ForeignKey(Vehicle, models.CASCADE, related_name="former_plates")
    plate_no = models.CharField(max_length=12)
    until = models.DateField()

    PART_OF = "vehicle"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["vehicle_id", "-until", "-pk"]
        indexes = [models.Index(fields=["store", "plate_no"], name="former_plate_store_plate")]
        constraints = [
            models.UniqueConstraint(fields=["vehicle", "plate_no", "until"], name="former_plate_once"),
            models.CheckConstraint(condition=~Q(plate_no=""), name="former_plate_not_empty"),
        ]

    def __str__(self) -> str:
        return self.plate_no
