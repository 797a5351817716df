"""Customers, their phones, the people around them, and when they are not to be contacted."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.core.phones import is_mobile
from crm_site.imports.models import Attribution


class CustomerType(models.TextChoices):
    """A person or an organisation."""

    PERSON = "person", _("Individual")
    ORG = "org", _("Enterprise")


class ValueClass(models.TextChoices):
    """客户价值分类: how much a customer's business is worth to the dealer, as the archive says."""

    GOLD = "gold", _("Gold customer")
    A = "a", _("Class A")
    B = "b", _("Class B")
    C = "c", _("Class C")


class LoyaltyClass(models.TextChoices):
    """What a customer is to the workshop by what they did and said (服务客户分类)."""

    LOYAL = "loyal", _("Loyal")
    ORDINARY = "ordinary", _("Ordinary")
    COMPLAINING = "complaining", _("Complaining")
    LOST = "lost", _("Lost")


class CustomerQuerySet(StoreScoped):
    """Reads of cards."""

    def visible_to(self, user: Any) -> Self:
        """The cards of the user's stores; restricted ones only where the user may restrict (domain 9)."""
        hidden = Q(restricted=True) & ~Q(store_id__in=policy.stores_allowing(user, "customers.restrict"))
        return super().visible_to(user).exclude(hidden)


class Customer(Attribution):
    """One customer of one store: the card that everything hangs on."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="customers")
    #: 客户编号 of the dealer-management system; None where it has none
    number = models.CharField(max_length=40, null=True, blank=True)
    customer_type = models.CharField(max_length=10, choices=CustomerType.choices, default=CustomerType.PERSON)
    name = models.CharField(max_length=80)
    salutation = models.CharField(max_length=20, blank=True)
    value_class = models.CharField(max_length=4, blank=True, choices=ValueClass.choices)
    loyalty_class = models.CharField(max_length=12, blank=True, choices=LoyaltyClass.choices)
    loyalty_since = models.DateField(null=True, blank=True)
    #: the code of the rule that put the customer there
    loyalty_because = models.CharField(max_length=40, blank=True)
    sex = models.CharField(max_length=1, blank=True, choices=[("m", _("Male")), ("f", _("Female"))])
    birthday = models.DateField(null=True, blank=True)
    province = models.CharField(max_length=30, blank=True)
    city = models.CharField(max_length=30, blank=True)
    district = models.CharField(max_length=30, blank=True)
    address = models.CharField(max_length=200, blank=True)
    industry = models.CharField(max_length=40, blank=True)
    occupation = models.CharField(max_length=40, blank=True)
    employer = models.CharField(max_length=80, blank=True)
    email = models.CharField(max_length=120, blank=True)
    source = models.CharField(max_length=40, blank=True)
    hobbies = models.CharField(max_length=120, blank=True)
    preferred_time = models.CharField(max_length=60, blank=True)
    #: consent to renewal and marketing calls: None = never asked
    marketing_consent = models.BooleanField(null=True, blank=True)
    #: 限制处理: stored, hidden, not called
    restricted = models.BooleanField(default=False)
    #: 下次进厂核对电话: since when reception is to check the number, and the call result that said so
    check_phone_since = models.DateField(null=True, blank=True)
    check_phone_reason = models.CharField(max_length=20, blank=True)
    note = models.CharField(max_length=500, blank=True)
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    submission = models.UUIDField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "-created_at", "-id"], name="customer_store_created"),
            models.Index(fields=["store", "name"], name="customer_store_name"),
            models.Index(
                fields=["store", "check_phone_since"],
                condition=Q(check_phone_since__isnull=False),
                name="customer_check_phone",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="customer_number_once_a_store"),
            models.UniqueConstraint(fields=["store", "submission"], name="customer_once_a_submission"),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_name"),
            models.CheckConstraint(condition=~Q(number=""), name="customer_number_not_empty"),
            models.CheckConstraint(condition=Q(customer_type__in=CustomerType.values), name="customer_type_known"),
        ]

    def __str__(self) -> str:
        return self.name


class ClassChange(models.Model):
    """That a customer moved from one class to another, on which day and by which rule."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="class_changes")
    before = models.CharField(max_length=12, blank=True, choices=LoyaltyClass.choices)
    after = models.CharField(max_length=12, blank=True, choices=LoyaltyClass.choices)
    because = models.CharField(max_length=40)
    changed_on = models.DateField()

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-changed_on", "-pk"]
        constraints = [
            models.UniqueConstraint(fields=["customer", "changed_on"], name="class_change_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"


class Contact(models.Model):
    """A person around a customer who is not the owner: relative, colleague, driver, the one who brings the car."""

    class Identity(models.TextChoices):
        """Who the contact is to the customer."""

        RELATIVE = "relative", _("Relative or friend")
        COLLEAGUE = "colleague", _("Colleague")
        DRIVER = "driver", _("Driver")
        BRINGER = "bringer", _("Person bringing the car")
        IN_CHARGE = "in_charge", _("Person in charge")
        OTHER = "other", _("Other")

    store = models.ForeignKey(Store, models.PROTECT, related_name="contacts")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=1, blank=True, choices=[("m", _("Male")), ("f", _("Female"))])
    identity = models.CharField(max_length=20, choices=Identity.choices, default=Identity.OTHER)
    birthday = models.DateField(null=True, blank=True)

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "name"], name="contact_once_a_customer"),
            models.CheckConstraint(condition=~Q(name=""), name="contact_has_name"),
        ]

    def __str__(self) -> str:
        return self.name


class PhoneQuerySet(StoreScoped):
    """Reads of numbers to dial."""

    def dialable(self) -> Self:
        """Numbers not known to be bad, best first."""
        return self.filter(bad_since=None).order_by("rank", "pk")


class Phone(models.Model):
    """One number of a customer or contact, normalised to plain digits; masked wherever it is shown."""

    class Kind(models.TextChoices):
        """What kind of line."""

        MOBILE = "mobile", _("Mobile")
        HOME = "home", _("Home")
        WORK = "work", _("Work")

    store = models.ForeignKey(Store, models.PROTECT, related_name="phones")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="phones")
    contact = models.ForeignKey(Contact, models.PROTECT, null=True, blank=True, related_name="phones")
    number = models.CharField(max_length=30)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.MOBILE)
    #: 1 is dialled first
    rank = models.PositiveSmallIntegerField(default=1)
    #: the day on which a call found the number bad, and the call result that said so
    bad_since = models.DateField(null=True, blank=True)
    bad_reason = models.CharField(max_length=20, blank=True)

    PART_OF = "customer"
    objects = PhoneQuerySet.as_manager()

    class Meta:
        ordering = ["customer_id", "rank", "pk"]
        indexes = [models.Index(fields=["store", "number"], name="phone_store_number")]
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "number"], name="phone_once_a_customer"),
            models.CheckConstraint(condition=~Q(number=""), name="phone_has_number"),
        ]

    def __str__(self) -> str:
        return f"phone {self.pk}"

    @classmethod
    def kind_of(cls, number: str) -> str:
        """Mobile, or a landline, which is taken to be at home."""
        return cls.Kind.MOBILE if is_mobile(number) else cls.Kind.HOME


class ContactBanQuerySet(StoreScoped):
    """Reads of who is not to be contacted."""

    def in_force(self, day: date) -> Self:
        """The bans that hold on a day."""
        return self.filter(since__lte=day).filter(Q(until=None) | Q(until__gte=day)).filter(lifted_at=None)


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

    objects = ContactBanQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "customer"], name="ban_store_customer")]
        constraints = [
            models.CheckConstraint(condition=Q(until=None) | Q(until__gte=F("since")), name="ban_ends_after_since"),
            models.CheckConstraint(condition=Q(purpose__in=["all", "revisit", "marketing"]), name="ban_purpose_known"),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.customer_id}"
