"""What happened to a car: its delivery and its visits to the workshop."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.imports.models import Attribution
from customers.models.people import Customer
from customers.models.vehicles import Vehicle


class SaleType(models.TextChoices):
    """How the car was sold."""

    RETAIL = "retail", _("Retail")
    FLEET = "fleet", _("Fleet customer")
    RESELLER = "reseller", _("Second-tier network")
    DEMO = "demo", _("Demonstrator or own use")


class Delivery(Attribution):
    """A car handed over to a customer on a day; once a car and day."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="deliveries")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="deliveries")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="deliveries")
    delivered_on = models.DateField()
    picked_up_by = models.CharField(max_length=80, blank=True)
    sales_consultant = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    sales_consultant_name = models.CharField(max_length=60, blank=True)
    delivery_specialist = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    delivery_specialist_name = models.CharField(max_length=60, blank=True)
    sale_type = models.CharField(max_length=10, choices=SaleType.choices, default=SaleType.RETAIL)
    payment = models.CharField(max_length=40, blank=True)
    price = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    insured_here = models.BooleanField(null=True, blank=True)
    returned_on = models.DateField(null=True, blank=True)
    historical = models.BooleanField(default=False)
    #: when we learned of it; a fact learned after its due date is marked late
    recorded_on = models.DateField()
    note = models.CharField(max_length=200, blank=True)

    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "delivered_on"], name="delivery_store_day"),
            models.Index(fields=["store", "recorded_on"], name="delivery_store_learned"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "vehicle", "delivered_on"], name="delivery_once_a_car_and_day"),
            models.CheckConstraint(condition=Q(price=None) | Q(price__gte=0), name="delivery_price_not_negative"),
            models.CheckConstraint(condition=Q(sale_type__in=SaleType.values), name="delivery_sale_type_known"),
        ]

    def __str__(self) -> str:
        return f"{self.vehicle_id} {self.delivered_on}"


class JobType(models.TextChoices):
    """维修类别."""

    FIRST_SERVICE = "first_service", _("First service")
    SCHEDULED = "scheduled", _("Scheduled maintenance")
    GENERAL = "general", _("General repair")
    ACCIDENT = "accident", _("Accident")
    WARRANTY = "warranty", _("Warranty claim")
    BODY = "body", _("Body and paint")
    REWORK = "rework", _("Rework")
    FREE_CHECK = "free_check", _("Free check")
    PDI = "pdi", _("PDI")
    WASH = "wash", _("Car wash")
    INTERNAL = "internal", _("Internal")


#: jobs after which nobody has "been here" (domain 4.1, excluded job types)
NO_VISIT = (JobType.PDI, JobType.FREE_CHECK, JobType.WASH, JobType.INTERNAL)

#: jobs that nobody outside the house pays for
FOR_OURSELVES = (JobType.PDI, JobType.INTERNAL)


class OrderState(models.TextChoices):
    """Where a repair order stands."""

    OPEN = "open", _("In the workshop")
    SETTLED = "settled", _("Settled")
    VOID = "void", _("Void")


class RepairOrderQuerySet(StoreScoped):
    """Reads of repair orders."""

    def counting(self) -> Self:
        """Visits that count as having been here: settled, and of a job that the customer came for."""
        return self.filter(state=OrderState.SETTLED).exclude(job_type__in=NO_VISIT)

    def earning(self) -> Self:
        """Orders that count as contribution: settled, and not work that the house did for itself."""
        return self.filter(state=OrderState.SETTLED).exclude(job_type__in=FOR_OURSELVES)


class RepairOrder(Attribution):
    """One visit to the workshop, unique by its order number."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="repair_orders")
    order_number = models.CharField(max_length=40)
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, related_name="repair_orders")
    #: None = 待补号码: the archive does not know whose car this is
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="repair_orders")
    job_type = models.CharField(max_length=15, choices=JobType.choices, default=JobType.GENERAL)
    state = models.CharField(max_length=10, choices=OrderState.choices, default=OrderState.SETTLED)
    checked_in_on = models.DateField()
    settled_on = models.DateField(null=True, blank=True)
    handed_back_on = models.DateField(null=True, blank=True)
    #: the day that revisit rules count from: hand-back, else settlement; NULL while in the workshop or void
    released_on = models.DateField(null=True, blank=True)
    mileage_km = models.PositiveIntegerField(null=True, blank=True)
    service_advisor = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    service_advisor_name = models.CharField(max_length=60, blank=True)
    final_inspector = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    bringer_name = models.CharField(max_length=80, blank=True)
    bringer_phone = models.CharField(max_length=30, blank=True)
    complaint_text = models.CharField(max_length=500, blank=True)
    items = models.CharField(max_length=1000, blank=True)
    labour_fee = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    parts_fee = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    total_fee = models.DecimalField(max_digits=12, decimal_places=2, null=True, blank=True)
    is_rework = models.BooleanField(default=False)
    #: 返修 that the guarantee period shows although nobody ticked it: the order whose work was done again
    rework_of = models.ForeignKey("self", models.SET_NULL, null=True, blank=True, related_name="reworked_by")
    booking_number = models.CharField(max_length=40, blank=True)
    historical = models.BooleanField(default=False)
    recorded_on = models.DateField()

    #: found again from the orders of the car; another value is nobody's edit, and holds no order
    DERIVED_FIELDS = ("rework_of",)
    objects = RepairOrderQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "released_on"], name="order_store_released"),
            models.Index(fields=["store", "recorded_on"], name="order_store_learned"),
            models.Index(fields=["vehicle", "-checked_in_on"], name="order_vehicle_checked_in"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "order_number"], name="order_number_once_a_store"),
            models.CheckConstraint(condition=~Q(order_number=""), name="order_has_number"),
            models.CheckConstraint(condition=Q(job_type__in=JobType.values), name="order_job_type_known"),
            models.CheckConstraint(condition=Q(state__in=OrderState.values), name="order_state_known"),
            models.CheckConstraint(
                condition=Q(state="settled") | Q(released_on=None), name="order_released_only_when_settled"
            ),
        ]

    def __str__(self) -> str:
        return self.order_number


class Trade(models.TextChoices):
    """The trade of a technician on an order."""

    MECHANICAL = "mechanical", _("Mechanical and electrical")
    BODY = "body", _("Sheet metal")
    PAINT = "paint", _("Paint")


class WorkmanshipQuerySet(StoreScoped):
    """Reads of who worked on which order."""

    def on_days(self, first: date, last: date) -> Self:
        """Work on orders checked in on the days first…last."""
        return self.filter(order__checked_in_on__range=(first, last))


class Workmanship(models.Model):
    """A technician's part in a repair order; the lead of a trade answers for it."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="workmanship")
    order = models.ForeignKey(RepairOrder, models.CASCADE, related_name="technicians")
    trade = models.CharField(max_length=12, choices=Trade.choices)
    technician = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    technician_name = models.CharField(max_length=60, blank=True)
    is_lead = models.BooleanField(default=True)

    PART_OF = "order"
    PLACE = ("order", "trade", "is_lead")
    objects = WorkmanshipQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["order", "trade", "technician_name"], name="workmanship_once_an_order"),
            models.CheckConstraint(condition=Q(trade__in=Trade.values), name="workmanship_trade_known"),
        ]

    def __str__(self) -> str:
        return f"{self.order_id} {self.trade}"
