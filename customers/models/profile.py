"""What is asked of a customer beyond the card's own columns, and what they agreed to."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import Reference, StoreScoped
from crm_site.core.models import Labelled
from customers.models.people import Contact, Customer


class Group(models.TextChoices):
    """The information groups of the trade: eight of a person, five of an enterprise, and the store's own fields."""

    BASICS = "basics", _("Basics")
    SPENDING = "spending", _("Spending")
    CAREER = "career", _("Career")
    FAMILY = "family", _("Family matters")
    LIFE = "life", _("Life")
    EDUCATION = "education", _("Education")
    CHARACTER = "character", _("Character")
    RELATIONS = "relations", _("Relations")
    ORG_BASICS = "org_basics", _("Enterprise basics")
    ORG_TRAITS = "org_traits", _("Enterprise traits")
    ORG_BUSINESS = "org_business", _("State of business")
    ORG_DEALINGS = "org_dealings", _("Dealings with us")
    ORG_LEADER = "org_leader", _("Person in charge")
    OWN = "own", _("Own fields")


class ProfileField(Labelled):
    """One fact that a card may hold; store NULL is the company's default, a store's own row replaces it.

    With `column` it switches a column of the card or of its car; without, its values are ProfileValue rows.
    """

    class Kind(models.TextChoices):
        """What may be entered."""

        TEXT = "text", _("Text")
        NUMBER = "number", _("A number")
        DATE = "date", _("A day")
        CHOICE = "choice", _("Choice")
        YES_NO = "yes_no", _("Yes or no")

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=40)
    #: "customer.birthday", "vehicle.insurance_until"; '' = a value of its own
    column = models.CharField(max_length=60, blank=True)
    group = models.CharField(max_length=12, choices=Group.choices)
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    #: of a choice: [{"code": ..., "label_zh": ..., "label_en": ...}]
    options = models.JSONField(default=list, blank=True)
    #: "person", "org", or '' for both
    customer_type = models.CharField(max_length=10, blank=True)
    #: touches what people keep to themselves: off unless a store switches it on
    is_intimate = models.BooleanField(default=False)
    is_on = models.BooleanField(default=True)
    #: a store's own field (at most 20)
    is_custom = models.BooleanField(default=False)
    #: counts towards 档案完整率
    counts = models.BooleanField(default=False)
    #: in which order it is asked in passing in a call, and in which words; None = not asked
    ask_position = models.PositiveSmallIntegerField(null=True, blank=True)
    question_zh = models.CharField(max_length=200, blank=True)
    question_en = models.CharField(max_length=200, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    version = models.PositiveIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["position", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="profile_field_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="profile_field_once_a_store"),
            models.CheckConstraint(condition=~Q(code=""), name="profile_field_has_code"),
            models.CheckConstraint(
                condition=Q(customer_type__in=["", "person", "org"]), name="profile_field_for_known"
            ),
            models.CheckConstraint(
                condition=Q(kind__in=["text", "number", "date", "choice", "yes_no"]), name="profile_field_kind_known"
            ),
        ]


class ProfileValue(models.Model):
    """What a card says in one field: text as written, numbers plain, days as ISO, a choice's code, yes or no."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="profile")
    #: the field's code: a store's own row may replace the company's without moving values
    field = models.CharField(max_length=40)
    value = models.CharField(max_length=200)

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["store", "field", "value"], name="profile_value_store_field")]
        constraints = [
            models.UniqueConstraint(fields=["customer", "field"], name="profile_value_once"),
            models.CheckConstraint(condition=~Q(value=""), name="profile_value_not_empty"),
        ]

    def __str__(self) -> str:
        return f"{self.field} {self.customer_id}"


class ProfileRefusal(models.Model):
    """That a customer would not tell one fact when asked in a call: the question rests for a while."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="untold")
    #: the field's code
    field = models.CharField(max_length=40)
    #: the last time it was asked
    asked_on = models.DateField()

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["customer", "field"], name="profile_refusal_once")]

    def __str__(self) -> str:
        return f"{self.field} {self.customer_id}"


class Consent(models.Model):
    """That a customer agreed or not to something, when, and how it was told; the latest of a purpose holds."""

    class Purpose(models.TextChoices):
        """To what."""

        DATA = "data", _("Keeping their data")
        REVISIT = "revisit", _("Revisit calls")
        MARKETING = "marketing", _("Renewal and marketing calls")
        RECORDING = "recording", _("Recording of calls")
        SHARING = "sharing", _("Passing on to the manufacturer")

    class Source(models.TextChoices):
        """How it was told."""

        PAPER = "paper", _("Signed form")
        CALL = "call", _("In a call")
        COUNTER = "counter", _("At the counter")
        WECHAT = "wechat", _("WeChat")
        LETTER = "letter", _("Letter or e-mail")
        IMPORT = "import", _("From a list")

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="consents")
    purpose = models.CharField(max_length=12, choices=Purpose.choices)
    is_given = models.BooleanField()
    #: the day on which it was told
    told_on = models.DateField()
    source = models.CharField(max_length=10, choices=Source.choices)
    note = models.CharField(max_length=200, blank=True)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")

    PART_OF = "customer"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-told_on", "-pk"]
        indexes = [models.Index(fields=["customer", "purpose"], name="consent_customer_purpose")]
        constraints = [
            models.CheckConstraint(
                condition=Q(purpose__in=["data", "revisit", "marketing", "recording", "sharing"]),
                name="consent_purpose_known",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.customer_id}"


class Reveal(models.Model):
    """That somebody looked at a fact in full that is masked elsewhere: whose, which, when and why."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    employee = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, related_name="reveals")
    contact = models.ForeignKey(Contact, models.SET_NULL, null=True, blank=True, related_name="+")
    #: "phone:12", "address", "identity_no"
    fact = models.CharField(max_length=40)
    #: a code of the reasons that are offered, and what was written
    reason = models.CharField(max_length=20)
    note = models.CharField(max_length=200, blank=True)
    #: a claimed call shows the number to dial: logged, outside the daily cap (domain 8)
    counts = models.BooleanField(default=True)
    at = models.DateTimeField()
    #: the business day in the store
    day = models.DateField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["employee", "day"], name="reveal_employee_day"),
            models.Index(fields=["store", "-at"], name="reveal_store_at"),
        ]

    def __str__(self) -> str:
        return f"{self.employee_id} {self.fact}"
