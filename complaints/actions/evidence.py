"""The evidence pack of a ticket: asked for with a reason, built in the background, kept for days, told in the trail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import people
from complaints.actions import ticket
from complaints.models import Complaint
from complaints.rules import conflict
from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import exports, masking
from crm_site.core.errors import RuleBroken
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job

KIND = "complaints.evidence"
CAPABILITY = "complaints.evidence"
#: It holds personal data in full and is quickly made again.
KEEP_DAYS = 7
MOST_PACKS = 5


@dataclass(frozen=True)
class Pack:
    """One pack that was asked for: its job, and its file once there is one."""

    job: Job
    file: StoredFile | None


def is_about(complaint: Complaint, employee: Employee | None) -> bool:
    """Whether the complaint is about somebody (accused or directly liable), who neither asks for nor has a pack."""
    return employee is not None and conflict.is_blocked(people.involvement(complaint, employee))


def is_barred(user: Any, stored: StoredFile) -> bool:
    """For settings.FILE_BARS: nobody fetches a pack about themselves, whoever asked for it.

    A pack whose ticket cannot be told is nobody's.
    """
    if stored.capability != CAPABILITY:
        return False
    job = Job.objects.filter(kind=KIND, store_id=stored.store_id, result__file=stored.pk).first()
    complaint = Complaint.objects.filter(pk=job.payload["complaint"]).first() if job else None
    return complaint is None or is_about(complaint, user.employee_in(stored.store_id))


@transaction.atomic
def ask(complaint_id: int, *, reason: str, language: str, submission: uuid.UUID, by: Employee, now: datetime) -> Job:
    """Have the pack of a ticket built, with the reason in the trail; the same submission twice is one pack.

    Refuses whoever the complaint is about.
    """
    complaint = Complaint.objects.select_for_update().get(pk=complaint_id)
    if is_about(complaint, by):
        text = _("The complaint is about you; somebody else has the evidence pack made.")
        raise RuleBroken(text, code="conflict")
    text = ticket.written(reason, 200, field="reason")
    key = f"{complaint.pk}:{submission}"
    made = Job.objects.filter(kind=KIND, key=key).first()
    if made is not None:
        return made
    trail.record(by, "complaint.evidence_asked", complaint, reason=text, version=complaint.version)
    payload = {"complaint": complaint.pk, "language": language, "reason": masking.words(text)}
    return jobs.enqueue(KIND, key, store=complaint.store, payload=payload, lane=f"evidence:{complaint.pk}", by=by)


def keep(complaint: Complaint, path: Path, *, job: Job, hold: Callable[[], None], now: datetime) -> StoredFile:
    """Keep a built pack, and write down who had it made, when, and its hash; `hold` sees that the job is still ours."""
    with transaction.atomic():
        hold()
        stored = files.keep(
            path,
            _("%(number)s evidence.zip") % {"number": complaint.number},
            store=complaint.store,
            owner=job.requested_by,
            purpose=StoredFile.Purpose.EXPORT,
            capability=CAPABILITY,
            keep_days=KEEP_DAYS,
            now=now,
        )
        facts: dict[str, Any] = {
            "file": stored.pk,
            "sha256": stored.sha256,
            "size": stored.size,
            "version": complaint.version,
        }
        trail.record(job.requested_by, "complaint.evidence_made", complaint, **facts)
        reason = job.payload.get("reason", "")
        leaving = exports.Leaving(complaint.store_id, "evidence", 1, reason, in_full=True, file=stored)
        exports.leave(job.requested_by, leaving, now=now)
    return stored


def packs(complaint_id: int) -> list[Pack]:
    """The latest packs of a ticket, newest first; a file whose time is over is gone."""
    rows = Job.objects.filter(kind=KIND, key__startswith=f"{complaint_id}:").select_related("requested_by")
    found = list(rows.order_by("-created_at", "-pk")[:MOST_PACKS])
    keys = [job.result["file"] for job in found if job.result.get("file")]
    kept = StoredFile.objects.filter(removed_at=None).in_bulk(keys)
    return [Pack(job, kept.get(job.result.get("file"))) for job in found]
