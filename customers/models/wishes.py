"""When a customer is not to be contacted: for which purpose, by which way, about which car, until when."""

from __future__ import annotations

from datetime import date
from typing import Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from customers.models.people import Customer


class ContactBanQuerySet(StoreScoped):
    """Reads of who is not to be contacted."""

    def in_force(self, day: date) -> Self:
        """The bans that hold on a day."""
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day)).filter(lifted_at=None)

    def about(self, vehicle_id: int | None) -> Self:
        """The bans about everything, and those about this car."""
        return self.filter(Q(vehicle=None) | Q(vehicle_id=vehicle_id or 0))

    def by(self, channel: str) -> Self:
        """The bans of every channel, and those of this one."""
        return self.filter(channel__in=[ContactBan.Channel.ALL, channel])


class ContactBan(models.Model):
    """A customer's wish not to be contacted: for which purpose, by which channel, about which car, until when."""

    class Purpose(models.TextChoices):
        """What kind of contact is unwanted."""

        ALL = "all", _("Any contact")
        REVISIT = "revisit", _("Revisit calls")
        MARKETING = "marketing", _("Renewal and marketing calls")

    class Channel(models.TextChoices):
        """By which way."""

        ALL = "all", _("Any channel")
        PHONE = "phone", _("Telephone")
        SMS = "sms", _("Text message")
        WECHAT = "wechat", _("WeChat")

    store = models.ForeignKey(Store, models.PROTECT, related_name="contact_bans")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="bans")
    vehicle = models.ForeignKey("customers.Vehicle", models.PROTECT, null=True, blank=True, related_name="bans")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    channel = models.CharField(max_length=12, choices=Channel.choices, default=Channel.ALL)
    since = models.DateField()
    until = models.DateField(null=True, blank=True)
    reason = models.CharField(max_length=200, blank=True)
    set_by = models.ForeignKey(Employee, models.PROTECT, null=True, related_name="+")
    lifted_at = models.DateTimeField(null=True, blank=True)
    lifted_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    #: what the customer said when they agreed again
    lifted_because = models.CharField(max_length=200, blank=True)

    objects = ContactBanQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "customer"], name="ban_store_customer")]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="ban_ends_after_since"),
            models.CheckConstraint(condition=Q(purpose__in=["all", "revisit", "marketing"]), name="ban_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.customer_id}"
