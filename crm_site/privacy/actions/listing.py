"""The list of customers as a file: asked for with a reason, built in the background, told and logged."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from typing import Any
from urllib.parse import urlencode

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts import data_rules, policy
from crm_site.accounts.models import Employee, Store
from crm_site.core import clock, exports, masking
from crm_site.core.errors import RuleBroken
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.jobs import actions as jobs
from crm_site.jobs.models import Job
from crm_site.privacy import listing
from crm_site.privacy.actions.exports import allow
from crm_site.privacy.models import ExportEntry

KIND = "privacy.customer_list"
#: how the log of exports calls such a list
WHAT = "customers"
CAPABILITY = "customers.export"
IN_FULL = "customers.export_full"
#: how many of one's lists the page shows
MOST = 10


@transaction.atomic
def ask(
    store: Store, query: Mapping[str, str], *, columns: Sequence[str], file_format: str, reason: str, in_full: bool,
    language: str, submission: uuid.UUID, by: Employee, now: datetime,
) -> Job:  # fmt: skip
    """Have the list of a store's customers built that the filters leave; the same submission twice is one file.

    Refuses without a reason, without rows, over the caps (`exports.allow`), and full numbers without the right to them.
    """
    if not reason.strip():
        raise RuleBroken(_("Say what the list is for."), code="reason", field="reason")
    _check_right(by, store.pk, in_full=in_full)
    today = clock.business_day(now)
    count = listing.rows_for(store.pk, query, today=today).count()
    if not count:
        raise RuleBroken(_("No customer is left by these filters."), code="empty")
    allow(by, store.pk, count, today)
    payload = {
        "store": store.pk, "query": dict(query), "columns": [code for code in listing.COLUMNS if code in columns],
        "format": file_format, "reason": masking.words(reason.strip())[:200], "in_full": in_full, "language": language,
    }  # fmt: skip
    return jobs.enqueue(KIND, f"{submission}", store=store, payload=payload, lane=f"list:{by.pk}", by=by)


def _check_right(by: Employee | None, store_id: int, *, in_full: bool) -> None:
    """Refuse whoever may not have the list, or not with full numbers; asked again when the file is there."""
    user = by.user if by else None
    if not policy.allows(user, CAPABILITY, store_id):
        raise RuleBroken(_("You may not export lists of this store."), code="right")
    if in_full and not policy.allows(user, IN_FULL, store_id):
        raise RuleBroken(_("You may export the list with masked numbers only."), code="in_full", field="in_full")


def is_barred(user: Any, stored: StoredFile) -> bool:
    """For settings.FILE_BARS: a list is fetched by whoever asked for it, whose reason and cap stand in the log."""
    entry = ExportEntry.objects.filter(file=stored, what=WHAT).select_related("employee").first()
    return entry is not None and entry.employee.user_id != user.pk


def keep(job: Job, content: bytes, rows: int, *, hold: Callable[[], None], now: datetime) -> StoredFile:
    """Keep a built list and write it into the log of exports; refuses where the day's rows were used meanwhile."""
    asked, by = job.payload, job.requested_by
    store = Store.objects.get(pk=asked["store"])
    with transaction.atomic():
        hold()
        _check_right(by, store.pk, in_full=asked["in_full"])
        day = clock.business_day(now).isoformat()
        stored = files.keep(
            content, _("Customers %(day)s") % {"day": day} + f".{asked['format']}", store=store, owner=by,
            purpose=StoredFile.Purpose.EXPORT, capability=IN_FULL if asked["in_full"] else CAPABILITY, now=now,
            keep_days=data_rules.of_store(store.pk).keep_days,
        )  # fmt: skip
        leaving = exports.Leaving(
            store.pk, WHAT, rows, asked["reason"], urlencode(asked["query"]), asked["in_full"], stored
        )
        exports.leave(by, leaving, now=now)
    return stored


def lists_of(by: Employee) -> list[tuple[Job, StoredFile | None]]:
    """The lists that somebody asked for, newest first, each with its file as long as it is kept."""
    found = list(Job.objects.filter(kind=KIND, requested_by=by).order_by("-created_at", "-pk")[:MOST])
    kept = StoredFile.objects.filter(removed_at=None).in_bulk(
        [job.result["file"] for job in found if job.result.get("file")]
    )
    return [(job, kept.get(job.result.get("file"))) for job in found]
