"""Keeps the class of customers as the rules say: at night of a whole store, at once of whom a call has touched."""

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
from customers.actions.classes import set_classes
from customers.models import Customer
from revisits.queries.loyalty import facts_of
from revisits.rules.loyalty import classify

KIND = "revisits.classes"
#: customers of one transaction; SQLite has one writer, and people work meanwhile
CHUNK = 5_000


def refresh(store_id: int, customer_ids: list[int], today: date) -> int:
    """Reckon the class of some customers of a store anew; gives how many moved. Nine queries for any number."""
    facts = facts_of(store_id, customer_ids, today)
    return set_classes(store_id, {pk: classify(one, today) for pk, one in facts.items()}, on=today)


def ask_for_classes(today: date) -> int:
    """Ask for a day's reckoning of every active store; the key makes it once a day."""
    stores = Store.objects.filter(is_active=True)
    for store in stores:
        enqueue(KIND, f"{store.code}:{today}", store=store, payload={"store": store.pk}, lane=f"classes:{store.pk}")
    return len(stores)


@described(_("Class the customers"), {"customers": _("classing customers")})
def class_customers(job: Job, run: Run) -> dict[str, Any]:
    """Reckon the class of every customer of a store; payload {"store": id}. Safe to run again."""
    store_id, today = job.payload["store"], clock.today()
    rows = Customer.objects.filter(store_id=store_id).order_by("pk").values_list("pk", flat=True)
    total, last, done, moved = rows.count(), 0, 0, 0
    run.progress(0, total, "customers")
    while ids := list(rows.filter(pk__gt=last)[:CHUNK]):
        moved += in_one(run, partial(refresh, store_id, ids, today))
        last, done = ids[-1], done + len(ids)
        run.progress(done, max(done, total), "customers")
    return {"customers": done, "moved": moved}
