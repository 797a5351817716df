"""The calls that were made: by whom, to which number, with what result, and what came of them."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.models import Complaint
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from customers.models import Phone
from revisits.models.rules import CallResult, ScriptVersion
from revisits.models.tasks import Revisit
from satisfaction.models import Response


class Channel(models.TextChoices):
    """By which way we spoke."""

    PHONE = "phone", _("Telephone")
    INCOMING = "incoming", _("Customer called")
    WECHAT = "wechat", _("WeChat")
    SMS = "sms", _("Text message")
    FACE = "face", _("Face to face")


class CallAttempt(models.Model):
    """One attempt to reach a customer; one submit of the call page makes exactly one."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="call_attempts")
    revisit = models.ForeignKey(Revisit, models.PROTECT, related_name="attempts")
    by = models.ForeignKey(Employee, models.PROTECT, related_name="call_attempts")
    channel = models.CharField(max_length=10, choices=Channel.choices, default=Channel.PHONE)
    phone = models.ForeignKey(Phone, models.PROTECT, null=True, blank=True, related_name="attempts")
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField()
    #: business day of started_at
    called_on = models.DateField()
    result = models.ForeignKey(CallResult, models.PROTECT, related_name="attempts")
    note = models.CharField(max_length=1000, blank=True)
    recording = models.CharField(max_length=120, blank=True)
    script_version = models.ForeignKey(ScriptVersion, models.PROTECT, null=True, blank=True, related_name="+")
    response = models.OneToOneField(Response, models.PROTECT, null=True, blank=True, related_name="attempt")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, blank=True, related_name="attempts")
    submission = models.UUIDField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-started_at", "-pk"]
        indexes = [
            models.Index(fields=["store", "called_on"], name="attempt_store_day"),
            models.Index(fields=["by", "called_on"], name="attempt_by_day"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="attempt_once_a_submission"),
            models.CheckConstraint(condition=Q(ended_at__gte=F("started_at")), name="attempt_ends_after_start"),
            models.CheckConstraint(condition=Q(channel__in=Channel.values), name="attempt_channel_known"),
        ]

    def __str__(self) -> str:
        return f"attempt {self.pk}"
