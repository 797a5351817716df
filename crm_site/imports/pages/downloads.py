"""What the page of an error workbook shows of the job that builds it; reads only."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.imports.models import ImportBatch
from crm_site.jobs import wording as jobs
from crm_site.jobs.models import Job, State


def progress(batch: ImportBatch, job: Job, now: datetime) -> dict[str, Any]:
    """The building job for the progress component; `url` is empty once it has ended."""
    rows = f"{formats.number(job.done)} / {formats.number(job.total)}" if job.total else ""
    state = "done" if job.state == State.DONE else "now"
    return {
        "url": reverse("imports:workbook_progress", args=[batch.pk]) if job.is_open else "",
        "done": job.done,
        "total": job.total,
        "percent": job.percent or 0,
        "note": jobs.remaining(job, now) or (_("waiting for its turn") if job.state == State.QUEUED else ""),
        "stages": [{"word": _("mark the rows"), "note": rows, "state": state}],
    }
