"""What keeps the archive clean: facts that reception is to ask for, and corrections with what stood before."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from customers.models.people import Customer
from customers.models.vehicles import Vehicle


class FactCheck(models.Model):
    """That a customer is to be asked about one fact at the next visit, or was asked: one row a fact, the latest word.

    That a phone number is to be checked stands on the card itself (check_phone_since), as calls depend on it; here is
    only that somebody was asked for it in vain.
    """

    class Fact(models.TextChoices):
        """What is asked for."""

        PHONE = "phone", _("Phone")
        ADDRESS = "address", _("Address")
        INSURANCE = "insurance", _("Insurance end")
        DRIVER = "driver", _("Usual driver")

    class Outcome(models.TextChoices):
        """What came of it."""

        CONFIRMED = "confirmed", _("Is right")
        CORRECTED = "corrected", _("Corrected now")
        DECLINED = "declined", _("Not told")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="fact_checks")
    fact = models.CharField(max_length=12, choices=Fact.choices)
    #: a code of wording.CHECK_REASONS; '' where the gap itself is the reason
    reason = models.CharField(max_length=20, blank=True)
    asked_on = models.DateField(null=True, blank=True)
    asked_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    #: the day on which the customer was asked; NULL while it waits
    done_on = models.DateField(null=True, blank=True)
    done_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    outcome = models.CharField(max_length=10, blank=True, choices=Outcome.choices)

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "asked_on"], condition=Q(done_on=None), name="fact_check_waiting"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["customer", "fact"], name="fact_check_once"),
            models.CheckConstraint(
                condition=Q(fact__in=["phone", "address", "insurance", "driver"]), name="fact_check_known"
            ),
            models.CheckConstraint(
                condition=Q(outcome="", done_on=None)
                | Q(outcome__in=["confirmed", "corrected", "declined"], done_on__isnull=False),
                name="fact_check_done_with_outcome",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.fact} {self.customer_id}"


class Correction(models.Model):
    """One fact that an employee corrected, where they learned it, and for a while what stood there before.

    The trail holds the field's name for ever and no personal value; the value of before is here until its day.
    """

    class Source(models.TextChoices):
        """Where it was learned."""

        CALL = "call", _("In a call")
        CARD = "card", _("On the card")
        RECEPTION = "reception", _("At reception")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="corrections")
    #: the car whose fact it is; NULL for a fact of the card
    vehicle = models.ForeignKey(Vehicle, models.SET_NULL, null=True, blank=True, related_name="+")
    #: column of the card or car; "phone", "contact"
    field = models.CharField(max_length=40)
    at = models.DateTimeField()
    day = models.DateField()
    by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    source = models.CharField(max_length=10, choices=Source.choices)
    #: the call that taught it (revisits.Revisit, a higher room: by key alone)
    call = models.BigIntegerField(null=True, blank=True)
    #: the entry of the trail
    entry = models.BigIntegerField()
    #: what stood there before; '' where nothing stood, or where its day is over
    before = models.CharField(max_length=200, blank=True)
    before_until = models.DateField(null=True, blank=True)

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["store", "day", "by"], name="correction_store_day"),
            models.Index(fields=["before_until"], condition=Q(before_until__isnull=False), name="correction_to_forget"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(source__in=["call", "card", "reception"]), name="correction_source"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.customer_id}"
