"""What others run of the archive: the dates of all cars of a store reckoned anew, by the job ledger."""

from __future__ import annotations

from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.imports.chunks import in_one
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from customers.actions import dates
from customers.models import Vehicle

#: cars of one transaction; SQLite has one writer, and people work meanwhile
CHUNK = 2_000


@described(_("Reckon the service dates of all cars"), {"cars": _("reckoning cars")})
def refresh_dates(job: Job, run: Run) -> dict[str, Any]:
    """Reckon the dates of the cars of a store from facts and plans as they stand; payload {"store": id}.

    Gives how many cars there are and how many have got other dates, for the page of the plans.
    """
    store_id: int = job.payload["store"]
    cars = Vehicle.objects.filter(store_id=store_id).order_by("pk").values_list("pk", flat=True)
    total, last, done, changed = cars.count(), 0, 0, 0
    run.progress(0, total, "cars")
    while ids := list(cars.filter(pk__gt=last)[:CHUNK]):
        changed += in_one(run, partial(dates.refresh, store_id, ids))
        last, done = ids[-1], done + len(ids)
        run.progress(done, max(done, total), "cars")
    return {"cars": done, "changed": changed}
