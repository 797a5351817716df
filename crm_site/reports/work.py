"""The background work of reports: a draft of one store's month."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.errors import RuleBroken
from crm_site.jobs.actions import enqueue
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from crm_site.reports import actions, rules

KIND = "reports.draft"


@described(_("Monthly report"), {"count": _("Counting the month")})
def draft(job: Job, run: Run) -> dict[str, Any]:
    """Build the draft that the payload names: {"month": "2026-10-01"}; a month published meanwhile stays as it is."""
    month = date.fromisoformat(job.payload["month"])
    store = Store.objects.get(jobs=job)
    run.progress(0, 1, "count")
    try:
        report = actions.build_draft(store, month, job, now=clock.now())
    except RuleBroken as refused:
        if refused.code == "published":
            return {"report": None, "left": "published"}
        raise
    run.progress(1, 1, "count")
    total = rules.sum_of(report.snapshot)
    return {"report": report.pk, "complaints": total.total, "even": total.is_even}


def ask_for_draft(store: Store, month: date, occasion: str = "", by: Employee | None = None) -> Job:
    """Ask for a draft: once for a store and month, or once for each `occasion` (a day, a click's submission)."""
    key = ":".join(part for part in (store.code, str(month_of(month)), occasion) if part)
    return enqueue(KIND, key, store=store, payload={"month": month.isoformat()}, lane=f"report:{store.pk}", by=by)
