"""What an admin sets about tickets: the words that raise a level, who is told when, and the numbers of the rules."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Role, Store
from crm_site.accounts.scoping import Reference


class Phrase(models.Model):
    """Words of a customer that raise the level, propose one, or only ask (domain 6.2); store NULL is the company's."""

    class Effect(models.TextChoices):
        """What the words do to the level of a ticket in which they stand."""

        GRAVE = "grave", _("raises to L4")
        SERIOUS = "serious", _("proposes L3")
        ASKS = "asks", _("asks whether it is L4")

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    text = models.CharField(max_length=40)
    effect = models.CharField(max_length=10, choices=Effect.choices)
    is_active = models.BooleanField(default=True)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["effect", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["text"], condition=Q(store=None), name="ticket_phrase_default_once"),
            models.UniqueConstraint(fields=["store", "text"], name="ticket_phrase_once_a_store"),
            models.CheckConstraint(
                condition=Q(effect__in=["grave", "serious", "asks"]), name="ticket_phrase_effect_known"
            ),
            models.CheckConstraint(condition=~Q(text=""), name="ticket_phrase_has_text"),
        ]

    def __str__(self) -> str:
        return self.text


class Escalation(models.Model):
    """Which role hears of a ticket of a level, and at which share of the ruling limit; 0 is at once (domain 6.2)."""

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    level_code = models.CharField(max_length=4)
    percent = models.PositiveSmallIntegerField()
    role = models.CharField(max_length=20, choices=Role.choices)
    is_active = models.BooleanField(default=True)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["level_code", "percent", "role"]
        constraints = [
            models.UniqueConstraint(
                fields=["level_code", "percent", "role"], condition=Q(store=None), name="escalation_default_once"
            ),
            models.UniqueConstraint(fields=["store", "level_code", "percent", "role"], name="escalation_once_a_store"),
            models.CheckConstraint(condition=Q(percent__lte=200), name="escalation_percent_sane"),
        ]

    def __str__(self) -> str:
        return f"{self.level_code} {self.percent} % {self.role}"


class Text(models.Model):
    """A text of the desk with variables such as {number} and {customer}: read out, copied or sent (domain 6.2)."""

    class Code(models.TextChoices):
        """What the text is for."""

        ACKNOWLEDGE = "acknowledge", _("Acknowledgement for the customer")
        DISPATCH = "dispatch", _("Dispatch to a group chat")
        MANUFACTURER = "manufacturer", _("Report to the manufacturer")

    store = models.ForeignKey(Store, models.PROTECT, null=True, blank=True, related_name="+")
    code = models.CharField(max_length=20, choices=Code.choices)
    text_zh = models.TextField(max_length=2000)
    text_en = models.TextField(max_length=2000)

    objects = Reference.as_manager()

    class Meta:
        ordering = ["code", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["code"], condition=Q(store=None), name="ticket_text_default_once"),
            models.UniqueConstraint(fields=["store", "code"], name="ticket_text_once_a_store"),
        ]

    def __str__(self) -> str:
        return self.code


class TicketSettings(models.Model):
    """The numbers of a store's complaint rules; store NULL is the company's, which a store without a row follows."""

    store = models.OneToOneField(Store, models.PROTECT, null=True, blank=True, related_name="ticket_settings")
    #: yuan above which compensation needs a manager's approval
    compensation_limit = models.DecimalField(max_digits=12, decimal_places=2, default=500)
    #: earlier tickets on the same matter within so many days count as repeats
    repeat_days = models.PositiveSmallIntegerField(default=90)
    #: which ticket on the matter within those days proposes L3, and which raises to it
    repeats_propose = models.PositiveSmallIntegerField(default=2)
    repeats_raise = models.PositiveSmallIntegerField(default=3)
    #: who calls a gold or A customer at once who complained this often in 12 months; None = the managers are told
    priority_caller = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    priority_complaints = models.PositiveSmallIntegerField(default=2)
    #: limits for posts on the web in minutes (first response, first proposal, closing); off by default
    web_limits = models.BooleanField(default=False)
    #: after so many days an improvement measure that is done asks for its effectiveness check
    check_after_days = models.PositiveSmallIntegerField(default=30)
    version = models.PositiveIntegerField(default=1)

    objects = Reference.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(Coalesce("store_id", 0), name="ticket_settings_once_a_store"),
            models.CheckConstraint(condition=Q(compensation_limit__gte=0), name="ticket_settings_limit_not_negative"),
            models.CheckConstraint(
                condition=Q(repeats_propose__gte=2, repeats_raise__gte=models.F("repeats_propose")),
                name="ticket_settings_repeats_in_order",
            ),
        ]

    def __str__(self) -> str:
        return f"tickets of {self.store_id}"
