"""What lies beside a ticket: its files, who looks at it, the calendars it counted by, what is still being typed."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from complaints.models.tickets import Complaint
from crm_site.accounts.models import Employee, Store
from crm_site.accounts.scoping import StoreScoped
from crm_site.files.models import StoredFile


class Attachment(models.Model):
    """A picture, recording or paper that belongs to a ticket; served as a download only."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="attachments")
    file = models.OneToOneField(StoredFile, models.PROTECT, related_name="attachment")
    note = models.CharField(max_length=200, blank=True)
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(Employee, models.PROTECT, related_name="+")
    #: taken back: no longer shown, but the file stays as evidence
    withdrawn_at = models.DateTimeField(null=True, blank=True)
    withdrawn_by = models.ForeignKey(Employee, models.PROTECT, null=True, blank=True, related_name="+")
    submission = models.UUIDField()

    PART_OF = "complaint"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["added_at", "pk"]
        constraints = [
            models.UniqueConstraint(fields=["store", "submission"], name="attachment_once_a_submission"),
            models.CheckConstraint(
                condition=Q(withdrawn_at=None, withdrawn_by=None)
                | Q(withdrawn_at__isnull=False, withdrawn_by__isnull=False),
                name="attachment_withdrawn_by_somebody",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.file_id}"


class Presence(models.Model):
    """Who has a ticket's page open, until when we believe it, and whether they are typing; erased when old."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    complaint = models.ForeignKey(Complaint, models.CASCADE, related_name="presences")
    employee = models.ForeignKey(Employee, models.CASCADE, related_name="+")
    seen_at = models.DateTimeField()
    #: the form that they have begun to fill in: an action of the rules, or ''
    writing = models.CharField(max_length=20, blank=True)

    PART_OF = "complaint"
    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-seen_at"]
        constraints = [models.UniqueConstraint(fields=["complaint", "employee"], name="presence_once_an_employee")]

    def __str__(self) -> str:
        return f"{self.complaint_id} {self.employee_id}"


class IntakeDraft(models.Model):
    """What somebody has typed at intake and not registered yet; personal data, erased after a day."""

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    by = models.OneToOneField(Employee, models.CASCADE, related_name="+")
    #: the fields of the form as they stand: {name: [text, …]}
    values = models.JSONField(default=dict)
    kept_at = models.DateTimeField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-kept_at"]

    def __str__(self) -> str:
        return f"intake of {self.by_id}"


class CalendarVersion(models.Model):
    """The opening hours, exceptions and legal days of a store as they stood when a clock counted by them.

    Named by the hash of its content, so that the same calendar is one row however many tickets count by it.
    """

    store = models.ForeignKey(Store, models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    #: {"week": {"0": [["08:30", "18:00"]]}, "days": {"2026-10-01": []}, "legal": {"2026-10-01": []}}
    content = models.JSONField()
    created_at = models.DateTimeField()

    objects = StoreScoped.as_manager()

    class Meta:
        ordering = ["-created_at", "-pk"]
        verbose_name = _("calendar version")
        constraints = [models.UniqueConstraint(fields=["store", "sha256"], name="calendar_version_once")]

    def __str__(self) -> str:
        return self.sha256[:12]
