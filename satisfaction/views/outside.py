"""外部满意度 beside the internal score of the same time, each with its own scale, sample and definition."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet
from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.core.dates import Month
from satisfaction import queries
from satisfaction.actions.external import shortest
from satisfaction.models import ExternalResult
from satisfaction.rules.external import NAMING, may_measure
from satisfaction.shown import Shown
from satisfaction.views import board
from satisfaction.views.lens import Lens


@dataclass(frozen=True)
class Outside:
    """What one survey found about one store: on its own scale, with the region's mean and the rank."""

    row: ExternalResult
    period: str
    measured: str
    mean: str
    #: by how much the store is above its region, on the survey's own scale
    ahead: str
    #: whether the survey is about the time looked at; else it is the newest one before
    is_of_now: bool


def panel(lens: Lens) -> list[Outside]:
    """The newest whole result of each store and survey that may be about this kind, up to the period's end."""
    if not lens.is_whole or lens.kind not in NAMING:
        return []
    newest: dict[tuple[int, str], ExternalResult] = {}
    rows = _results(lens).filter(last_day__lte=lens.month.last).order_by("-last_day", "-first_day", "pk")
    for row in rows.select_related("store"):
        if may_measure(row.survey, lens.kind):
            newest.setdefault((row.store_id, row.survey), row)
    return [_outside(row, lens) for row in sorted(newest.values(), key=lambda one: (one.store.code, one.survey))]


def _results(lens: Lens) -> QuerySet[ExternalResult]:
    """Whole surveys of the last twelve months of these stores."""
    rows = ExternalResult.objects.filter(store_id__in=lens.scope.stores)
    return rows.overall().filter(last_day__gte=board.months_of(lens)[0].start)


def _outside(row: ExternalResult, lens: Lens) -> Outside:
    return Outside(
        row=row,
        period=period_word(row.period),
        measured=f"{shortest(row.raw_score)} / {row.scale}",
        mean=shortest(row.raw_mean) if row.raw_mean is not None else "",
        ahead=_signed(row.raw_score - row.raw_mean) if row.raw_mean is not None else "",
        is_of_now=row.last_day >= lens.first_month.start,
    )


def _signed(difference: Decimal) -> str:
    """A difference with its sign and no needless zeros."""
    places = 0 if difference == int(difference) else 1
    return formats.signed(difference, places)


def year_of(lens: Lens) -> dict[str, Any]:
    """Twelve months of one store: the internal score and beside it, in columns of their own, what surveys found."""
    if not lens.is_whole or lens.kind not in NAMING or len(lens.scope.stores) != 1:
        return {}
    found: dict[str, dict[Month, Outside]] = {}
    months = board.months_of(lens)
    for row in _results(lens).filter(last_day__lte=lens.month.last).order_by("survey", "last_day", "first_day"):
        if may_measure(row.survey, lens.kind):
            month = Month(row.last_day.year, row.last_day.month)
            found.setdefault(row.survey, {})[month] = _outside(row, lens)
    if not found:
        return {}
    trend = queries.by_month(lens.year)
    rows = [
        {
            "month": month,
            "inside": Shown(
                "index",
                trend.get(month, board.NOTHING),
                lens.list_url(month=month, span=""),
                is_provisional=lens.is_running and month == lens.month,
            ),
            "outside": [results.get(month) for results in found.values()],
        }
        for month in reversed(months)
    ]
    return {"surveys": list(found), "rows": rows}


def period_word(code: str) -> str:
    """A period in words: a month as 2026-05, a quarter, a half, a year."""
    year, _dash, part = code.partition("-")
    if part.startswith("Q"):
        return _("Q%(number)s %(year)s") % {"number": part[1:], "year": year}
    if part == "H1":
        return _("First half of %(year)s") % {"year": year}
    if part == "H2":
        return _("Second half of %(year)s") % {"year": year}
    return code if part else _("Year %(year)s") % {"year": year}
