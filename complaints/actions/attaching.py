"""Files of a ticket: attached by whoever works on it, withdrawn by whoever brought them, and never deleted."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Collection
from datetime import datetime
from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.db import transaction
from django.utils.translation import gettext as _

from complaints import people
from complaints.actions import ticket
from complaints.models import Attachment, Complaint
from crm_site.accounts.models import Employee, Role, Store
from crm_site.core.errors import RuleBroken
from crm_site.files import attachments as files
from crm_site.files.models import StoredFile

MOST_FILES = 20
#: what a file needs to be fetched; its door asks besides whether the ticket is visible
CAPABILITY = "complaints.view"
#: days that a file waits for the ticket of which it is to be a part
WAITING_DAYS = 2


def bring(upload: UploadedFile, *, store: Store, by: Employee, now: datetime) -> StoredFile:
    """Take a file in for a ticket that is still being written; unless attached within two days it goes again."""
    return files.accept(upload, store=store, owner=by, capability=CAPABILITY, now=now, keep_days=WAITING_DAYS)


def waiting(file_ids: Collection[int], *, by: Employee) -> list[StoredFile]:
    """Those of the files that this employee has brought and that belong to no ticket yet, in the order they came."""
    rows = StoredFile.objects.filter(pk__in=file_ids, owner=by, purpose=StoredFile.Purpose.ATTACHMENT)
    return list(rows.filter(attachment=None, removed_at=None).order_by("pk"))


@transaction.atomic
def attach(
    complaint_id: int,
    *,
    file_ids: Collection[int],
    by: Employee,
    now: datetime,
    note: str = "",
    version: int | None = None,
) -> Complaint:
    """Make files that this employee has brought part of a ticket; what is part of it already is left as it is.

    Refuses more than 20 files a ticket.
    """
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "attach", change)
    found = waiting(file_ids, by=by)
    if not found:
        return complaint
    present = complaint.attachments.filter(withdrawn_at=None).count()
    if present + len(found) > MOST_FILES:
        text = _("A complaint has %(limit)s files at most; %(free)s more fit. Withdraw one that is not needed.")
        free = max(0, MOST_FILES - present)
        raise RuleBroken(text % {"limit": MOST_FILES, "free": free}, code="too_many", field="files")
    text = ticket.written(note, 200, field="note", required=False)
    values = {"store_id": complaint.store_id, "complaint": complaint, "note": text, "added_at": now, "added_by": by}
    for stored in found:
        stored.expires_on = None
        stored.save(update_fields=["expires_on"])
        Attachment.objects.create(file=stored, submission=uuid.uuid4(), **values)
    names = ", ".join(stored.name for stored in found)
    ticket.finish(
        complaint, "attach", change, touches=["attachments"], note=names[:1000], files=[one.pk for one in found]
    )
    return complaint


@transaction.atomic
def open_with_files(opening: Callable[..., Complaint], *, file_ids: Collection[int], **matter: Any) -> Complaint:
    """Open a ticket (`opening` is open_ticket or open_merged) together with the files that were brought for it.

    The files of what is merged go to the main ticket, where somebody works on it.
    """
    complaint = opening(**matter)
    if file_ids:
        attach(complaint.merged_into_id or complaint.pk, file_ids=file_ids, by=matter["reported_by"], now=matter["now"])
        complaint.refresh_from_db()
    return complaint


@transaction.atomic
def withdraw(complaint_id: int, *, attachment: Attachment, by: Employee, now: datetime) -> Complaint:
    """Take a file back: no longer shown, but kept as evidence. For whoever brought it, and for a manager."""
    change = ticket.Change(by, now)
    complaint = ticket.begin(complaint_id, "withdraw", change)
    row = (
        Attachment.objects.select_for_update(of=("self",))
        .select_related("file", "added_by")
        .get(pk=attachment.pk, complaint=complaint)
    )
    if row.withdrawn_at is not None:
        return complaint
    if by.pk != row.added_by_id and people.actor(complaint, by, change.day).role != Role.MANAGER:
        text = _("%(name)s has attached this file; they or a customer relations manager can withdraw it.")
        raise RuleBroken(text % {"name": row.added_by.name}, code="role")
    row.withdrawn_at, row.withdrawn_by = now, by
    row.save(update_fields=["withdrawn_at", "withdrawn_by"])
    return ticket.finish(
        complaint, "withdraw", change, touches=["attachments"], note=row.file.name[:1000], files=[row.file_id]
    )
