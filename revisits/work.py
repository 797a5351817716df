"""What the job ledger runs for revisits: one run of the generator."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from revisits.generator import generate as run_generator


@described(_("Make due calls"))
def generate(job: Job, run: Run) -> dict[str, Any]:
    """Make the calls of a store due by a day; payload {"store": id, "day": iso}, by default the job's store and today.

    Begun again after a crash it goes on where the committed tasks end.
    """
    today = clock.today()
    store_id = job.payload.get("store") or job.store_id
    written = job.payload.get("day")
    day = date.fromisoformat(written) if written else today
    done = run_generator(store_id, day, today=today, job=job, ledger=run)
    return {"run": done.pk, "made": done.made, "skipped": done.skipped}
