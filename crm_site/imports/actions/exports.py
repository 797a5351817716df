"""Every workbook that imports give out: asked for, kept as a file of the store, told in the trail."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from datetime import datetime
from pathlib import Path, PurePosixPath
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.imports.actions.batches import CAPABILITY
from crm_site.imports.models import BatchState, ImportBatch, Verdict
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job

WORKBOOK = "import.error_workbook"
#: It holds personal data and is quickly made again.
KEEP_DAYS = 7
STATES = (BatchState.PREVIEW, BatchState.APPLIED)
#: rows of these verdicts have something to be corrected or decided
DOUBTFUL = (Verdict.PROBLEM, Verdict.CONFLICT, Verdict.ASK)


def has_errors(batch: ImportBatch) -> bool:
    """Whether an error workbook of the batch would have anything to say: refused, doubtful or undecided rows."""
    if batch.state not in STATES:
        return False
    found = batch.reading.get("findings", [])
    return any(batch.counts.get(one) for one in DOUBTFUL) or any(one["severity"] == "warning" for one in found)


@transaction.atomic
def ask_workbook(batch: ImportBatch, *, language: str, by: Employee, now: datetime) -> Job:
    """Have the error workbook of a batch built as it stands now; a second request finds the first.

    Refuses a batch that is not read, or whose file is no longer kept.
    """
    if batch.state not in STATES:
        raise RuleBroken(_("There is an error workbook once the file has been read."))
    if batch.file.removed_at is not None:
        raise RuleBroken(_("This file is no longer kept. Bring it again if you still have it."), code="removed")
    payload = {"batch": batch.pk, "language": language}
    return jobs.enqueue(WORKBOOK, key_of(batch, language, now), store=batch.store, payload=payload, by=by)


def workbook_job(batch: ImportBatch, *, language: str, now: datetime) -> Job | None:
    """The job that builds or has built the workbook of a batch as it stands now."""
    return Job.objects.filter(kind=WORKBOOK, key=key_of(batch, language, now)).first()


def workbook_file(job: Job | None) -> StoredFile | None:
    """The finished workbook of a job, while it is kept."""
    key = job.result.get("file") if job is not None else None
    return StoredFile.objects.filter(pk=key, removed_at=None).first() if key else None


def key_of(batch: ImportBatch, language: str, now: datetime) -> str:
    """The business key of a workbook: what the batch says at the moment, the language, and the day."""
    says = json.dumps([batch.state, batch.counts, batch.answers, batch.reading.get("findings", [])], sort_keys=True)
    stamp = hashlib.sha256(says.encode()).hexdigest()[:16]
    return f"{batch.pk}:{language}:{clock.business_day(now).isoformat()}:{stamp}"


def keep_workbook(batch: ImportBatch, path: Path, *, job: Job, hold: Callable[[], None], now: datetime) -> StoredFile:
    """Keep a built workbook as a file of whoever asked for it; `hold` makes sure that the job is still ours."""
    name = _("%(stem)s - import result.xlsx") % {"stem": PurePosixPath(batch.file.name).stem}
    values: dict[str, Any] = {"purpose": StoredFile.Purpose.ERRORS, "capability": CAPABILITY, "keep_days": KEEP_DAYS}
    with transaction.atomic():
        hold()
        stored = files.keep(path, name, store=batch.store, owner=job.requested_by, now=now, **values)
        rows = batch.counts.get("rows", 0)
        trail.record(job.requested_by, "import.errors_exported", batch, file=stored.pk, rows=rows)
    return stored
