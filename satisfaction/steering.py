"""What the clock does with scores, by the job ledger: looks for falls every day, builds digests of weeks and months."""

from __future__ import annotations

from datetime import date, timedelta
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
from crm_site.worktime import calendars
from satisfaction import actions
from satisfaction.models import Digest
from satisfaction.queries import alerts
from satisfaction.queries.digests import Window

FIND_ALERTS = "satisfaction.alerts"
BUILD_DIGESTS = "satisfaction.digests"
#: a month that runs is judged from this day on; before, its few answers are compared to a whole month's
JUDGED_FROM = 8
#: an ended month is looked at again until this day, since answers come in late
LATE_UNTIL = 10


def months_to_judge(today: date) -> list[Month]:
    """The months whose falls are looked for on a day: the running one from its second week on, and the one before."""
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


def windows_to_tell(today: date) -> list[Window]:
    """The ended week, from Monday on, and from its first working day on the ended month."""
    monday = today - timedelta(days=today.weekday())
    windows = [Window.week(monday - timedelta(days=7))]
    begun = month_of(today).start
    calendar = calendars.legal_calendar(begun, today)
    if any(calendar.is_legal_working_day(begun + timedelta(days=back)) for back in range(today.day)):
        windows.append(Window.month(month_of(today).shift(-1).start))
    return windows


def ask_for_digests(today: date) -> int:
    """Ask for the digests of what has ended, once for each store and period by the ledger's key; gives how many."""
    asked = [
        (store, window)
        for store in Store.objects.filter(is_active=True)
        for window in windows_to_tell(today)
        if store.go_live_on <= window.last
    ]
    for store, window in asked:
        key = f"{store.code}:{window.period}:{window.first}"
        payload = {"period": str(window.period), "first": window.first.isoformat()}
        enqueue(BUILD_DIGESTS, key, store=store, payload=payload, lane=f"scores:{store.pk}")
    return len(asked)


@described(_("Weekly and monthly digests"), {"digests": _("reading the period")})
def build_digests(job: Job, run: Run) -> dict[str, Any]:
    """Build the digests that the payload names; safe to run again."""
    store_id: int = job.store_id  # type: ignore[assignment]  # every such job has its store
    first = date.fromisoformat(job.payload["first"])
    window = Window.week(first) if job.payload["period"] == Digest.Period.WEEK else Window.month(first)
    run.progress(0, 1, "digests")
    with transaction.atomic():
        run.hold()
        made = actions.build_digests(store_id, window, at=clock.now())
    run.progress(1, 1, "digests")
    return {"digests": len(made)}
