"""The nightly look over the archive of a store: completeness anew, the score counted."""

from __future__ import annotations

from datetime import date
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.core import clock
from crm_site.imports.chunks import in_one
from crm_site.jobs.actions import enqueue
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from customers.actions import profile
from customers.actions import quality as actions
from customers.care import quality

KIND = "customers.quality"
#: cards of one transaction; SQLite has one writer, and people work meanwhile
CHUNK = 5_000


def ask_for_quality(today: date) -> int:
    """Ask for a day's look over the archive of every active store; the key makes it once a day."""
    stores = Store.objects.filter(is_active=True)
    for store in stores:
        enqueue(KIND, f"{store.code}:{today}", store=store, payload={"store": store.pk}, lane=f"quality:{store.pk}")
    return len(stores)


@described(_("Look over the archive"), {"cards": _("looking over cards")})
def look_over(job: Job, run: Run) -> dict[str, Any]:
    """Reckon the completeness of every card of a store and count what is good; payload {"store": id}.

    Reads chunk by chunk and writes the figures at the end in one transaction, so that a run that is taken over halfway
    begins again and leaves no half day behind.
    """
    store_id, today = job.payload["store"], clock.today()
    rows = quality.cards([store_id]).order_by("pk").values_list("pk", flat=True)
    total, last, done = rows.count(), 0, 0
    sums: quality.Counts = {}
    run.progress(0, total, "cards")
    while ids := list(rows.filter(pk__gt=last)[:CHUNK]):
        in_one(run, partial(profile.refresh_completeness, store_id, ids))
        quality.add(sums, quality.count(store_id, ids, today))
        last, done = ids[-1], done + len(ids)
        run.progress(done, max(done, total), "cards")
    figures = in_one(run, partial(actions.keep, store_id, today, sums))
    return {"cards": done, "figures": figures}
