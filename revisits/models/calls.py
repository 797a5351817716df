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
    #: the places of the steps that were shown: a script has branches
    script_steps = models.JSONField(default=list, blank=True)
    #: which version of the result decided what followed
    result_version = models.PositiveSmallIntegerField(default=1)
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


class AttemptPurpose(models.Model):
    """What one call came to for a further purpose, or a further car of a fleet, that it was made for as well."""

    attempt = models.ForeignKey(CallAttempt, models.PROTECT, related_name="purposes")
    revisit = models.ForeignKey(Revisit, models.PROTECT, related_name="shared_attempts")
    result = models.ForeignKey(CallResult, models.PROTECT, related_name="+")
    note = models.CharField(max_length=500, blank=True)

    STORE_PATH = "attempt__store_id"
    objects = StoreScoped.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["attempt", "revisit"], name="purpose_once_an_attempt")]

    def __str__(self) -> str:
        return f"{self.attempt_id} {self.revisit_id}"


class CallDraft(models.Model):
    """What a caller has typed into an open call so far, kept every few seconds; gone when the call is saved."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="call_drafts")
    revisit = models.OneToOneField(Revisit, models.CASCADE, related_name="draft")
    by = models.ForeignKey(Employee, models.PROTECT, related_name="call_drafts")
    #: the fields of the call form as they stand, by name
    values = models.JSONField(default=dict)
    #: counts up with every keeping; an older page never overwrites a newer one
    number = models.PositiveIntegerField(default=1)
    started_at = models.DateTimeField()
    kept_at = models.DateTimeField()

    objects = StoreScoped.as_manager()

    class Meta:
        indexes = [models.Index(fields=["by", "-kept_at"], name="draft_by_kept")]

    def __str__(self) -> str:
        return f"draft {self.revisit_id}"
