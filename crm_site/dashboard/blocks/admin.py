"""For the administrator: which files are missing, what was imported last, what runs and what failed."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts import policy
from crm_site.accounts.models import Role, Store
from crm_site.dashboard.blocks.base import Block, Moment, Tile, alarm, link
from crm_site.imports import layout, wording
from crm_site.imports.models import BatchState, ImportBatch
from crm_site.imports.pages import arrivals
from crm_site.jobs.models import Job, State

LATEST = 5


def imports_and_jobs(at: Moment) -> Block | None:
    """Which daily lists have come by store and day, the last imports, jobs that failed or run."""
    stores = at.stores_as(Role.ADMIN)
    if not stores:
        return None
    batches = ImportBatch.objects.visible_to(at.user).filter(store_id__in=stores)
    waiting = batches.filter(state=BatchState.PREVIEW).count()
    jobs = Job.objects.visible_to(at.user).filter(policy.open_to(at.user, "jobs.view"))
    failed, running = jobs.filter(state=State.FAILED).count(), jobs.filter(state=State.RUNNING).count()
    latest = batches.select_related("store", "uploaded_by", "file")[:LATEST]
    tiles = [
        Tile(_("To be confirmed"), waiting, _("imports at their preview"),
             link("imports:list", state=BatchState.PREVIEW), alarm(waiting, "warn")),
        Tile(_("Jobs failed"), failed, _("try again or look into it"), link("jobs:list", state=State.FAILED),
             alarm(failed, "bad")),
        Tile(_("Jobs running"), running, _("now"), link("jobs:list", state=State.RUNNING)),
    ]  # fmt: skip
    return Block(
        "imports",
        _("Imports and background work"),
        tiles,
        url=reverse("imports:upload"),
        link=_("Import a file"),
        template="dashboard/imports.html",
        context={**arrived(stores, at.today), "latest": [_batch_line(batch) for batch in latest]},
    )


def arrived(stores: list[int], today: date) -> dict[str, Any]:
    """Which daily lists of the last days have come, a line for each store and list, and on how many days one lacks."""
    live = list(Store.objects.filter(pk__in=stores, is_active=True, go_live_on__lt=today).order_by("code"))
    lines = arrivals.lines(live, today) if live else []
    return {
        "days": arrivals.days_shown(today),
        "lines": lines,
        "missing": sum(len(line.missing) for line in lines),
        "yesterday": wording.listed([line.title for line in lines if today - timedelta(days=1) in line.missing]),
    }


def _batch_line(batch: ImportBatch) -> dict[str, Any]:
    """One import of the last ones."""
    words, mark = wording.STATES[batch.state]
    known = layout.layouts()
    label = known[batch.layout].label if batch.layout in known else batch.file.name
    return {"batch": batch, "label": label, "state": words, "kind": mark}
