"""A year of a combination that no sum holds, added up from the raw answers by a job and kept as text for a day."""

from __future__ import annotations

import hashlib
import json
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.core.dates import Month, parse_month
from crm_site.core.figures import Scope
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job, State
from crm_site.jobs.runner import Run
from satisfaction.queries import raw
from satisfaction.rules import Mean

KIND = "satisfaction.figures"
#: by factor or question code and month
Means = dict[tuple[str, Month], Mean]


def payload_of(scope: Scope) -> dict[str, Any]:
    """A scope as a job keeps it: codes and keys only."""
    filters = {name: list(value) if isinstance(value, tuple) else value for name, value in scope.filters.items()}
    days = {"start": scope.start.isoformat(), "end": scope.end.isoformat()}
    return {"stores": sorted(scope.stores), **days, "filters": filters}


def scope_from(payload: dict[str, Any]) -> Scope:
    """The scope that `payload_of` was told."""
    filters = {name: tuple(value) if isinstance(value, list) else value for name, value in payload["filters"].items()}
    days = (date.fromisoformat(payload[name]) for name in ("start", "end"))
    return Scope(tuple(payload["stores"]), *days, filters)


def key_of(scope: Scope, today: date) -> str:
    """The same question of the same day is one job."""
    told = json.dumps(payload_of(scope), sort_keys=True, default=str)
    return f"{today}:{hashlib.sha256(told.encode()).hexdigest()[:32]}"


def job_of(scope: Scope, today: date) -> Job | None:
    """The job that adds up a scope today, if anybody has asked for it."""
    return Job.objects.filter(kind=KIND, key=key_of(scope, today)).first()


@described(_("Scores of a year for several filters"), {"factors": _("Factors"), "items": _("Items")})
def compute(job: Job, run: Run) -> dict[str, Any]:
    """Add up the factors and items of every month; reads only, so it may be done again."""
    scope = scope_from(job.payload)
    run.progress(0, 2, "factors")
    factors = _told(raw.factors_by_month(scope))
    run.progress(1, 2, "items")
    return {"factors": factors, "items": _told(raw.items_by_month(scope))}


def found(job: Job | None) -> tuple[Means, Means] | None:
    """Factors and items of a job that is done; None while they are waited for."""
    if job is None or job.state != State.DONE:
        return None
    return _means(job.result["factors"]), _means(job.result["items"])


def _told(means: Means) -> list[list[Any]]:
    return [
        [
            code,
            str(month),
            mean.n,
            *(None if value is None else str(value) for value in (mean.value, mean.low, mean.high)),
        ]
        for (code, month), mean in sorted(means.items())
    ]


def _means(told: list[list[Any]]) -> Means:
    return {
        (code, parse_month(month)): Mean(n, *(None if value is None else Decimal(value) for value in values))
        for code, month, n, *values in told
    }
