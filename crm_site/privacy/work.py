"""Background work about personal data: a person's parcel, the list of customers as a file, and the nightly round."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from django.db import transaction
from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.accounts import data_rules
from crm_site.core import clock, exports
from crm_site.files import actions as files
from crm_site.files.models import StoredFile
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from crm_site.privacy import listing, parcel
from crm_site.privacy.actions import listing as lists
from crm_site.privacy.actions import nightly, requests
from crm_site.privacy.models import DataRequest
from crm_site.privacy.persons import person_of

#: who has granted the request may fetch what came of it
CAPABILITY = "privacy.requests"


@described(gettext_lazy("Put a person's data into one file"), {"gather": gettext_lazy("gathering")})
def build_parcel(job: Job, run: Run) -> dict[str, Any]:
    """Build the file of a granted request to see the data; harmless to run again."""
    asked = DataRequest.objects.select_related("customer", "store").get(pk=job.payload["request"])
    if asked.file_id is not None:
        return {"file": asked.file_id}
    run.progress(0, 1, "gather")
    now = clock.now()
    with TemporaryDirectory(prefix="parcel-") as folder:
        out = Path(folder) / "parcel.zip"
        title = asked.customer.number or f"#{asked.customer_id}"
        person = person_of(asked.customer, now=now, still=lambda: run.progress(0, 1))
        parcel.write(person, out, title=title, reason="", now=now)
        stored = _keep(asked, out, job=job, run=run)
    url = reverse("privacy:request", args=[asked.pk])
    return {"file": stored.pk, "notice": {"code": "privacy.parcel", "params": {}, "url": url, "kind": "ok"}}


def _keep(asked: DataRequest, out: Path, *, job: Job, run: Run) -> StoredFile:
    """Keep the file, write it into the log of exports, and close the request."""
    now = clock.now()
    with transaction.atomic():
        run.hold()
        stored = files.keep(
            out,
            _("Personal data %(day)s.zip") % {"day": clock.business_day(now).isoformat()},
            store=asked.store,
            owner=job.requested_by,
            purpose=StoredFile.Purpose.EXPORT,
            capability=CAPABILITY,
            now=now,
            keep_days=data_rules.of_store(asked.store_id).keep_days,
        )
        reason = _("Request of the customer: %(kind)s") % {"kind": asked.get_kind_display()}
        leaving = exports.Leaving(asked.store_id, "person", 1, reason, in_full=True, file=stored)
        exports.leave(job.requested_by, leaving, now=now)
        requests.finish(asked.pk, by=job.requested_by, now=now, file=stored)
    return stored


@described(gettext_lazy("Build a list of customers"), {"rows": gettext_lazy("reading customers")})
def build_list(job: Job, run: Run) -> dict[str, Any]:
    """Build the list of customers that the payload describes; harmless to run again."""
    asked, now = job.payload, clock.now()
    with translation.override(asked["language"]):
        rows = list(_lines(job, run, now))
        mark = exports.watermark(who=job.requested_by.name, now=now, reason=asked["reason"])
        content = listing.content(asked["columns"], rows, file_format=asked["format"], mark=mark, now=now)
        stored = lists.keep(job, content, len(rows), hold=run.hold, now=now)
    notice = {"code": "privacy.list", "params": {"count": len(rows)}, "url": reverse("privacy:my_lists"), "kind": "ok"}
    return {"file": stored.pk, "rows": len(rows), "notice": notice}


def _lines(job: Job, run: Run, now: datetime) -> Iterator[list[Any]]:
    """The rows of the list, telling how far it is."""
    asked = job.payload
    found = listing.rows_for(job.store_id, asked["query"], today=clock.business_day(now))
    total = found.count()
    for done, line in enumerate(listing.lines(found, asked["columns"], in_full=asked["in_full"]), start=1):
        run.progress(done, total, "rows")
        yield line


@described(gettext_lazy("Forget whose and what time is over"))
def night(job: Job, run: Run) -> dict[str, Any]:
    """The nightly round of the payload's store; harmless to run again."""

    def still() -> None:
        run.progress(0, 1)

    still()
    return nightly.round_of(job.payload["store"], now=clock.now(), hold=run.hold, still=still)
