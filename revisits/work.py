"""What others run of revisits: the jobs of the generator and of inspections, the withdrawal of calls before an undo."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.core import clock
from crm_site.imports.models import ImportBatch
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from revisits.actions import inspections
from revisits.actions.ahead import look_ahead, request_look_ahead
from revisits.actions.withdrawal import withdraw
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
    if day == today:
        request_look_ahead(done.store, now=clock.now())
    return {"run": done.pk, "made": done.made, "skipped": done.skipped}


@described(_("Look a week ahead"))
def ahead(job: Job, run: Run) -> dict[str, Any]:
    """What the next runs would make for a store; payload {"store": id, "day": iso}. Changes nothing."""
    run.progress(0, 1)
    return look_ahead(job.payload["store"], date.fromisoformat(job.payload["day"]))


@described(_("Draw calls to inspect"))
def draw_inspections(job: Job, run: Run) -> dict[str, Any]:
    """The calls of the running week and the week before that are to be inspected; payload {"store": id}.

    Begun again it adds what is missing only.
    """
    run.progress(0, 1)
    return {"drawn": inspections.draw_lately(job.payload["store"], clock.today(), now=clock.now())}


def before_undo(batch: ImportBatch, rows: Mapping[str, Sequence[int]]) -> dict[str, int]:
    """Withdraw the calls that nobody has worked on and whose facts an undo is about to remove (keys by model label)."""
    return {"withdrawn": withdraw(batch, rows, now=clock.now())}
