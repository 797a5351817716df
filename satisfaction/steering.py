"""What the clock does with scores, by the job ledger: looks for falls every day, builds digests of weeks and months."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.core.dates import Month, month_of
from crm_site.jobs.actions import enqueue
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from satisfaction import actions
from satisfaction.queries import alerts

FIND_ALERTS = "satisfaction.alerts"
#: a month that runs is judged from this day on; before, its few answers are compared to a whole month's
JUDGED_FROM = 8
#: an ended month is looked at again until this day, since answers come in late
LATE_UNTIL = 10


def months_to_judge(today: date) -> list[Month]:
    """The months whose falls are looked for on a day: the one that runs, from its second week on, and the one before."""
    running = month_of(today)
    months = [running.shift(-1)] if today.day <= LATE_UNTIL else []
    return [*months, running] if today.day >= JUDGED_FROM else months


def ask_for_alerts(today: date) -> int:
    """Ask for a day's look at every active store; the key makes it once a day. Gives how many stores there are."""
    stores = Store.objects.filter(is_active=True)
    for store in stores:
        key = f"{store.code}:{today}"
        enqueue(FIND_ALERTS, key, store=store, payload={"day": today.isoformat()}, lane=f"scores:{store.pk}")
    return len(stores)


@described(_("Look for falling scores"), {"months": _("comparing months")})
def find_alerts(job: Job, run: Run) -> dict[str, Any]:
    """Keep and tell what fell in the months that the payload's day judges; safe to run again."""
    store_id: int = job.store_id  # type: ignore[assignment]  # every such job has its store
    months, found = months_to_judge(date.fromisoformat(job.payload["day"])), 0
    run.progress(0, len(months), "months")
    for done, month in enumerate(months, start=1):
        falls = [fall for kind in alerts.KINDS for fall in alerts.falls(store_id, kind, month)]
        with transaction.atomic():
            run.hold()
            found += len(actions.keep_alerts(store_id, month, falls, at=clock.now()))
        run.progress(done, len(months), "months")
    return {"found": found}
