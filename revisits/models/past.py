"""Calls that were made before the system was here: what an old list says of them, without a task and without effect."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped, sees_anything
from crm_site.imports.models import Attribution
from customers.models import Customer, RepairOrder, Vehicle
from revisits.models.calls import Channel
from revisits.models.rules import CallResult


class PastCallQuerySet(StoreScoped):
    """Reads of past calls."""

    def visible_to(self, user: Any) -> Self:
        """The past calls of the user's stores; the frontline sees only its own, and no colleague's."""
        if not sees_anything(user):
            return self.none()
        front = user.stores_with({"frontline"})
        rest = [pk for pk in user.store_ids if pk not in set(front)]
        if not front:
            return self.filter(store_id__in=rest)
        return self.filter(Q(store_id__in=rest) | Q(store_id__in=front, by__user=user))


class PastCall(Attribution):
    """One historical call: its own day and author, the importer apart; no rule, no due day, in no figure of ours.

    What the file says stays as text; customer, car and order are linked where the archive knows them for certain.
    """

    store = models.ForeignKey(Store, models.PROTECT, related_name="past_calls")
    #: what makes it this call and no other, hashed: a number of its own, else when, whom and by whom
    key = models.CharField(max_length=64)
    number = models.CharField(max_length=40, blank=True)
    called_on = models.DateField()
    #: NULL where the list has days only
    called_at = models.DateTimeField(null=True, blank=True)
    by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="past_calls")
    caller_name = models.CharField(max_length=60, blank=True)
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="past_calls")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, blank=True, related_name="past_calls")
    repair_order = models.ForeignKey(RepairOrder, models.PROTECT, null=True, blank=True, related_name="past_calls")
    customer_name = models.CharField(max_length=80, blank=True)
    phone = models.CharField(max_length=30, blank=True)
    plate_no = models.CharField(max_length=12, blank=True)
    vin = models.CharField(max_length=17, blank=True)
    order_number = models.CharField(max_length=40, blank=True)
    #: what kind of call the list calls it
    kind = models.CharField(max_length=60, blank=True)
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PHONE)
    #: the result by its code; the list's own word where none of ours is meant
    result = models.ForeignKey(CallResult, models.PROTECT, null=True, blank=True, related_name="past_calls")
    result_text = models.CharField(max_length=60, blank=True)
    #: the overall mark as the list writes it: never a score of ours
    score_text = models.CharField(max_length=60, blank=True)
    #: the customer's own words, and what the caller noted
    words = models.CharField(max_length=1000, blank=True)
    note = models.CharField(max_length=1000, blank=True)

    objects = PastCallQuerySet.as_manager()

    class Meta:
        ordering = ["-called_on", "-pk"]
        indexes = [
            models.Index(fields=["store", "-called_on"], name="past_call_store_day"),
            models.Index(fields=["customer", "-called_on"], name="past_call_customer_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "key"], name="past_call_once"),
            models.CheckConstraint(condition=~Q(key=""), name="past_call_has_key"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="past_call_channel_known"),
        ]

    def __str__(self) -> str:
        return f"past call {self.pk}"
