"""How customers are classed: the definitions, what each year brought, the segments, and how good the archive is."""

from __future__ import annotations

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import Reference, StoreScoped
from customers.models.people import ClassChange, Customer, ValueClass


class ClassDefinition(models.Model):
    """The numbers by which a scheme classes customers; store NULL is the company's, a store's own row replaces it."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    scheme = models.CharField(max_length=10, choices=ClassChange.Scheme.choices)
    #: {name of a number of the scheme's rules: value}; what is missing is as shipped
    numbers = models.JSONField(default=dict)
    changed_at = models.DateTimeField()
    changed_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    version = models.PositiveIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["scheme"], condition=Q(store=None), name="class_definition_default_once"),
            models.UniqueConstraint(fields=["store", "scheme"], name="class_definition_once_a_store"),
        ]

    def __str__(self) -> str:
        return self.scheme


class YearValue(models.Model):
    """What a customer brought in one calendar year: settled orders and their sum, and the class at the year's end."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="years")
    year = models.PositiveSmallIntegerField()
    #: yuan
    amount = models.DecimalField(max_digits=12, decimal_places=2)
    visits = models.PositiveSmallIntegerField()
    value_class = models.CharField(max_length=4, blank=True, choices=ValueClass.choices)

    PART_OF = "customer"
    IS_DERIVED = True
    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "year", "-amount"], name="year_value_store_year")]
        constraints = [models.UniqueConstraint(fields=["customer", "year"], name="year_value_once")]

    def __str__(self) -> str:
        return f"{self.customer_id} {self.year}"


class Segment(models.Model):
    """Filters of the customer list under a name that rules may ask for; edited only by making another."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    name = models.CharField(max_length=60)
    #: the query string of the list, codes and keys only
    query = models.CharField(max_length=500)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    retired_on = models.DateField(null=True, blank=True)

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["name", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "name"], condition=Q(retired_on=None), name="segment_name_once"),
            models.CheckConstraint(condition=~Q(name=""), name="segment_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class QualityFigure(models.Model):
    """How many of the facts looked at were good, on one day: of the whole store, or of one employee's customers."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    day = models.DateField()
    employee = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    #: which check of rules.quality
    item = models.CharField(max_length=30)
    good = models.PositiveIntegerField()
    total = models.PositiveIntegerField()

    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "day"], name="quality_store_day")]
        constraints = [
            models.UniqueConstraint(
                fields=["store", "day", "item"], condition=Q(employee=None), name="quality_store_once"
            ),
            models.UniqueConstraint(fields=["store", "day", "employee", "item"], name="quality_employee_once"),
            models.CheckConstraint(condition=Q(good__lte=models.F("total")), name="quality_good_within_total"),
        ]

    def __str__(self) -> str:
        return f"{self.item} {self.day}"
