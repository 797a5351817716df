"""The what-if as kept text: the figures of a comparison out of and into JSON, and the job that makes a long one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.jobs.errors import Failed
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from satisfaction.models import QuestionnaireVersion
from satisfaction.queries import whatif
from satisfaction.rules.periods import Mean
from satisfaction.rules.whatif import Comparison, Move, moves

KIND = "satisfaction.whatif"
#: so many responses are recomputed while somebody waits; more become a job
AT_ONCE = 1_500


def told(found: Comparison) -> dict[str, Any]:
    """A comparison as JSON: numbers as text, people by their key."""
    return {
        "responses": found.responses,
        "both": found.both,
        "gained": found.gained,
        "lost": found.lost,
        "unread": dict(sorted(found.unread.items())),
        "never": [item.code for item in found.tree.items if item.weight and not found.read[item.code]],
        "index": _move(moves({"": found.index})[0]),
        "factors": [_move(one) for one in moves(found.factors)],  # type: ignore[arg-type]
        "people": [_move(one) for one in moves(found.people)],  # type: ignore[arg-type]
    }


def _move(one: Move) -> list[Any]:
    return [one.key, _mean(one.stored), _mean(one.anew)]


def _mean(mean: Mean) -> list[Any]:
    return [mean.n, *(None if value is None else str(value) for value in (mean.value, mean.low, mean.high))]


def move_from(kept: list[Any]) -> Move:
    """One line of `told` as figures again."""
    key, stored, anew = kept
    return Move(key, _mean_from(stored), _mean_from(anew))


def _mean_from(kept: list[Any]) -> Mean:
    n, *values = kept
    return Mean(n, *(None if value is None else Decimal(value) for value in values))


def loaded(version_id: int) -> QuestionnaireVersion | None:
    """A version with its tree."""
    rows = QuestionnaireVersion.objects.select_related("questionnaire").prefetch_related("questions__factor", "factors")
    return rows.filter(pk=version_id).first()


def days_of(payload: Mapping[str, Any]) -> tuple[date, date]:
    """The first and last day of a job's period."""
    return date.fromisoformat(payload["first"]), date.fromisoformat(payload["last"])


@described(_("Recompute a period under another version"), {"responses": _("responses")})
def recompute(job: Job, run: Run) -> dict[str, Any]:
    """Compare a store's period with another version; payload {"version", "store", "first", "last"}. Changes nothing."""
    version = loaded(job.payload["version"])
    if version is None:
        raise Failed("gone")
    rows = whatif.responses(version, job.payload["store"], *days_of(job.payload))
    total = rows.count()
    run.progress(0, total, "responses")
    return told(whatif.compare(rows, version, step=lambda done: run.progress(done, max(done, total), "responses")))
