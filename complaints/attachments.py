"""The files of tickets as a reader may have them: who may fetch one, and what a ticket's page lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from complaints.models import Attachment, Complaint
from crm_site.accounts.models import Role
from crm_site.core import formats
from crm_site.files.models import StoredFile


def may_fetch(user: Any, stored: StoredFile) -> bool:
    """For settings.FILE_DOORS: whoever sees the ticket has its files; what was withdrawn only a manager still has."""
    attachment = Attachment.objects.filter(file=stored).first()
    if attachment is None or not Complaint.objects.visible_to(user).filter(pk=attachment.complaint_id).exists():
        return False
    return attachment.withdrawn_at is None or user.role_in(stored.store_id) == Role.MANAGER


@dataclass(frozen=True)
class Listed:
    """One attachment on the page: the file, who brought it and when, and whether this reader may withdraw it."""

    attachment: Attachment
    note: str
    may_withdraw: bool

    @property
    def file(self) -> StoredFile:
        """The stored file itself."""
        return self.attachment.file


def listed(complaint: Complaint, reader: Any) -> list[Listed]:
    """The files of a ticket, the oldest first; a manager sees the withdrawn ones, too."""
    rows = complaint.attachments.select_related("file", "added_by")
    employee, is_manager = reader.employee_in(complaint.store_id), reader.role_in(complaint.store_id) == Role.MANAGER
    if not is_manager:
        rows = rows.filter(withdrawn_at=None)
    return [_listed(row, row.withdrawn_at is None and (is_manager or row.added_by == employee)) for row in rows]


def _listed(row: Attachment, may_withdraw: bool) -> Listed:
    note = f"{row.added_by.name} {formats.when(row.added_at)}"
    return Listed(row, note + _(", withdrawn") if row.withdrawn_at else note, may_withdraw)
