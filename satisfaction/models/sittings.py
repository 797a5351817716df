"""Sittings: a questionnaire handed over to be answered face to face, and what the customer has ticked so far."""

from __future__ import annotations

import uuid
from datetime import datetime
from typing import Self

from django.db import models
from django.db.models import F, Q

from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from customers.models import Customer, Delivery, RepairOrder, Vehicle
from satisfaction.models.responses import Response
from satisfaction.models.trees import QuestionnaireVersion

#: the channel of what was answered face to face
FACE_TO_FACE = "tablet"


class SittingQuerySet(StoreScoped):
    """Reads of sittings."""

    def open(self, now: datetime) -> Self:
        """Handed over, not ended, and still in time."""
        return self.filter(ended_at=None, expires_at__gt=now)


class Sitting(models.Model):
    """One hand-over: its key opens one questionnaire once and for a while, without anybody being signed in."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="sittings")
    #: what stands in the address, and the submission of the response that comes of it
    key = models.UUIDField(unique=True, default=uuid.uuid4)
    version = models.ForeignKey(QuestionnaireVersion, models.PROTECT, related_name="+")
    delivery = models.ForeignKey(Delivery, models.PROTECT, null=True, blank=True, related_name="+")
    repair_order = models.ForeignKey(RepairOrder, models.PROTECT, null=True, blank=True, related_name="+")
    customer = models.ForeignKey(Customer, models.PROTECT, null=True, blank=True, related_name="+")
    vehicle = models.ForeignKey(Vehicle, models.PROTECT, null=True, blank=True, related_name="+")
    asked_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    #: NULL where the customer would rather not
    response = models.OneToOneField(Response, models.PROTECT, null=True, blank=True, related_name="sitting")
    #: the language that the customer chose; '' = as the page began
    language = models.CharField(max_length=10, blank=True)
    #: what is ticked so far, by the names of the fields; emptied when it ends
    draft = models.JSONField(default=dict, blank=True)
    #: of the form that handed it over: a second click makes no second sitting
    submission = models.UUIDField()

    objects = SittingQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="sitting_once_a_submission"),
            models.CheckConstraint(condition=Q(expires_at__gt=F("begun_at")), name="sitting_lasts"),
            models.CheckConstraint(
                condition=Q(delivery=None, repair_order__isnull=False) | Q(delivery__isnull=False, repair_order=None),
                name="sitting_one_occasion",
            ),
            models.CheckConstraint(
                condition=Q(response=None) | Q(ended_at__isnull=False), name="sitting_answered_is_over"
            ),
        ]

    def __str__(self) -> str:
        return f"sitting {self.pk}"
