"""Customers, their phones, the people around them, and when they are not to be contacted."""

from __future__ import annotations

from datetime import date
from typing import Any, Self

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.core.errors import RuleBroken
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
    DRAG = "drag", _("Drag customer")


class Potential(models.TextChoices):
    """How much more business a customer could bring than they do."""

    HIGH = "high", _("High potential")
    MIDDLE = "middle", _("Middle potential")
    LOW = "low", _("Low potential")


class Lifecycle(models.TextChoices):
    """Where a customer stands between the first contact and the last car (客户生命周期)."""

    PROSPECT = "prospect", _("Prospect")
    NEW = "new", _("New customer")
    ACTIVE = "active", _("Active customer")
    AT_RISK = "at_risk", _("At risk")
    LOST = "lost", _("Churned")
    FORMER = "former", _("Former customer")


class DefectionType(models.TextChoices):
    """Why a customer left (domain 4.3, 背叛类型)."""

    PRICE = "price", _("Price")
    PRODUCT = "product", _("Product")
    SERVICE = "service", _("Service")
    OWN = "own", _("Own circumstances")


class LoyaltyClass(models.TextChoices):
    """What a customer is to the workshop by what they did and said (服务客户分类)."""

    LOYAL = "loyal", _("Loyal")
    ORDINARY = "ordinary", _("Ordinary")
    COMPLAINING = "complaining", _("Complaining")
    LOST = "lost", _("Lost")


class CustomerQuerySet(StoreScoped):
    """Reads of cards."""

    def standing(self) -> Self:
        """The cards that stand for somebody: those merged into another only keep their number and their past."""
        return self.filter(merged_into=None)

    def locked(self, pk: int) -> Customer:
        """One card, locked to be changed; refuses one that was merged into another meanwhile."""
        card: Customer = self.select_for_update().get(pk=pk)  # type: ignore[assignment]
        if card.merged_into_id is not None:
            raise RuleBroken(gettext("This card was merged into another one meanwhile. Open that one."), code="merged")
        return card

    def visible_to(self, user: Any) -> Self:
        """The standing cards of the user's stores; restricted ones only where the user may restrict (domain 9)."""
        hidden = Q(restricted=True) & ~Q(store_id__in=policy.stores_allowing(user, "customers.restrict"))
        return super().visible_to(user).standing().exclude(hidden)


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
    #: whether a person or a list has stated the value class: the nightly reckoning then leaves it
    value_stated = models.BooleanField(default=False)
    value_since = models.DateField(null=True, blank=True)
    #: the code of the rule that put the customer there
    value_because = models.CharField(max_length=40, blank=True)
    #: in which per cent of the store's customers by contribution, from the top (18 = 前 18%)
    value_share = models.DecimalField(max_digits=5, decimal_places=2, null=True, blank=True)
    potential = models.CharField(max_length=6, blank=True, choices=Potential.choices)
    lifecycle = models.CharField(max_length=10, blank=True, choices=Lifecycle.choices)
    lifecycle_since = models.DateField(null=True, blank=True)
    lifecycle_because = models.CharField(max_length=40, blank=True)
    #: why they left or are about to, as told in a call; the reason is a code of the loss reasons
    defection_type = models.CharField(max_length=10, blank=True, choices=DefectionType.choices)
    defection_reason = models.CharField(max_length=40, blank=True)
    defection_told_on = models.DateField(null=True, blank=True)
    #: the named owner (专属负责人) of an enterprise or an important customer
    keeper = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    #: per cent of the facts asked for that are filled, as last reckoned
    completeness = models.PositiveSmallIntegerField(null=True, blank=True)
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
    #: when the address was last confirmed, and since when it is known to be wrong
    address_confirmed_on = models.DateField(null=True, blank=True)
    address_bad_since = models.DateField(null=True, blank=True)
    note = models.CharField(max_length=500, blank=True)
    #: the card that this one was merged into; it then only keeps its number and its past (customers of one store)
    merged_into = models.ForeignKey("self", models.PROTECT, null=True, blank=True, related_name="merged_cards")
    #: since when nothing in the card names a person any more
    anonymised_on = models.DateField(null=True, blank=True)
    created_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    created_at = models.DateTimeField()
    version = models.PositiveIntegerField(default=1)
    submission = models.UUIDField(null=True, blank=True)

    objects = CustomerQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["store", "-created_at", "-id"], name="customer_store_created"),
            # over several stores at once, newest first, and the other orders of the list
            models.Index(fields=["-created_at", "-id"], name="customer_created"),
            models.Index(fields=["completeness", "id"], name="customer_completeness"),
            models.Index(fields=["value_share", "id"], name="customer_value_share"),
            models.Index(fields=["store", "name"], name="customer_store_name"),
            # the filters of the list that leave few
            models.Index(fields=["store", "value_class"], name="customer_value"),
            models.Index(fields=["store", "loyalty_class"], name="customer_loyalty"),
            models.Index(fields=["store", "birthday"], name="customer_birthday"),
            models.Index(fields=["store", "city"], name="customer_city"),
            models.Index(fields=["store", "source"], name="customer_source"),
            models.Index(fields=["store", "defection_type"], condition=~Q(defection_type=""), name="customer_left_for"),
            models.Index(fields=["store"], condition=Q(restricted=True), name="customer_restricted"),
            models.Index(
                fields=["store", "check_phone_since"],
                condition=Q(check_phone_since__isnull=False),
                name="customer_check_phone",
            ),
            # those at risk and lost, the latest first: few of many
            models.Index(
                fields=["store", "lifecycle", "-lifecycle_since", "-id"],
                condition=Q(lifecycle__in=["at_risk", "lost"]),
                name="customer_leaving",
            ),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "number"], name="customer_number_once_a_store"),
            models.UniqueConstraint(fields=["store", "submission"], name="customer_once_a_submission"),
            models.CheckConstraint(condition=~Q(name=""), name="customer_has_name"),
            models.CheckConstraint(condition=~Q(number=""), name="customer_number_not_empty"),
            models.CheckConstraint(condition=Q(customer_type__in=CustomerType.values), name="customer_type_known"),
            models.CheckConstraint(
                condition=Q(merged_into=None) | ~Q(merged_into=F("pk")), name="customer_not_merged_into_itself"
            ),
        ]

    @property
    def listed_name(self) -> str:
        """The name for lists outside the archive: a restricted card is counted there, but not told (domain 9)."""
        return gettext("Restricted") if self.restricted else self.name

    def __str__(self) -> str:
        return self.name


class ClassChange(models.Model):
    """That a customer moved from one class of a scheme to another, on which day and by which rule."""

    class Scheme(models.TextChoices):
        """Which classing."""

        LOYALTY = "loyalty", _("After-sales class")
        VALUE = "value", _("Value class")
        LIFECYCLE = "lifecycle", _("Lifecycle")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.CASCADE, related_name="class_changes")
    scheme = models.CharField(max_length=10, choices=Scheme.choices, default=Scheme.LOYALTY)
    #: codes of the scheme's classes
    before = models.CharField(max_length=12, blank=True)
    after = models.CharField(max_length=12, blank=True)
    because = models.CharField(max_length=40)
    changed_on = models.DateField()

    PART_OF = "customer"
    #: reckoned: goes with the card where the import that made it is undone
    IS_DERIVED = True
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-changed_on", "-pk"]
        indexes = [models.Index(fields=["store", "scheme", "changed_on"], name="class_change_store_day")]
        constraints = [
            models.UniqueConstraint(fields=["customer", "scheme", "changed_on"], name="class_change_once_a_day"),
        ]

    def __str__(self) -> str:
        return f"{self.before} -> {self.after}"

    @property
    def before_word(self) -> str:
        """The class before, in the reader's language; '' for none."""
        return self._word(self.before)

    @property
    def after_word(self) -> str:
        """The class after, in the reader's language; '' for none."""
        return self._word(self.after)

    def _word(self, code: str) -> str:
        known = {"loyalty": LoyaltyClass, "value": ValueClass, "lifecycle": Lifecycle}[self.scheme]
        return str(dict(known.choices).get(code, code))


class Contact(models.Model):
    """A person around a customer who is not the owner: relative, colleague, driver, the one who brings the car."""

    class Identity(models.TextChoices):
        """Who the contact is to the customer."""

        RELATIVE = "relative", _("Relative or friend")
        COLLEAGUE = "colleague", _("Colleague")
        DRIVER = "driver", _("Driver")
        BRINGER = "bringer", _("Person bringing the car")
        IN_CHARGE = "in_charge", _("Person in charge")
        FLEET = "fleet", _("Fleet manager")
        FINANCE = "finance", _("Finance")
        OTHER = "other", _("Other")

    store = models.ForeignKey(Store, models.PROTECT, related_name="contacts")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="contacts")
    name = models.CharField(max_length=80)
    sex = models.CharField(max_length=1, blank=True, choices=[("m", _("Male")), ("f", _("Female"))])
    identity = models.CharField(max_length=20, choices=Identity.choices, default=Identity.OTHER)
    birthday = models.DateField(null=True, blank=True)
    #: 职务
    title = models.CharField(max_length=40, blank=True)
    #: from which day on this person is no longer there
    left_on = models.DateField(null=True, blank=True)

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "name"], name="contact_once_a_customer"),
            models.CheckConstraint(condition=~Q(name=""), name="contact_has_name"),
        ]

    def __str__(self) -> str:
        return self.name

    def has_left(self, day: date) -> bool:
        """Whether this person is no longer there on a day."""
        return self.left_on is not None and self.left_on <= day


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
    #: the last day on which somebody was reached on it or confirmed it
    good_on = models.DateField(null=True, blank=True)

    PART_OF = "customer"
    objects = PhoneQuerySet.as_manager()

    class Meta:
        ordering = ["customer_id", "rank", "pk"]
        indexes = [
            models.Index(fields=["store", "number"], name="phone_store_number"),
            models.Index(fields=["store", "customer"], condition=Q(bad_since__isnull=False), name="phone_bad"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "customer", "number"], name="phone_once_a_customer"),
            models.CheckConstraint(condition=~Q(number=""), name="phone_has_number"),
        ]

    def __str__(self) -> str:
        return f"phone {self.pk}"

    @property
    def fact(self) -> str:
        """Its name among the facts of a card that can be looked at (actions.reveals)."""
        return f"phone:{self.pk}"

    @classmethod
    def kind_of(cls, number: str) -> str:
        """Mobile, or a landline, which is taken to be at home."""
        return cls.Kind.MOBILE if is_mobile(number) else cls.Kind.HOME
