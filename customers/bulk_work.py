"""What the job ledger runs of a change for many customers."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.imports.chunks import in_one
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from customers.actions import bulk


@described(_("Change many customers"), {"customers": _("changing customers")})
def change(job: Job, run: Run) -> dict[str, Any]:
    """Do a confirmed change to the end; payload {"bulk": id}. Gives how many were changed and how many left."""
    while True:
        now = clock.now()
        row = in_one(run, partial(bulk.step, job.payload["bulk"], now=now, today=clock.business_day(now)))
        run.progress(row.reached, len(row.counted), "customers")
        if row.finished_at or row.confirmed_at is None:
            return {"changed": row.changed, "left": row.reached - row.changed}
