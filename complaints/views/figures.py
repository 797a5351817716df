"""What the page of figures shows of a period: numbers with their lists, rates with n, Pareto, ages and money."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from complaints import queries
from complaints.models import Level
from complaints.queries import groups, period
from complaints.queries.groups import AGES, DIMENSIONS, NONE, Line
from complaints.queries.period import PERIOD, RATES
from complaints.views.chips import age_words
from complaints.views.lens import Lens
from crm_site.core import clock, formats
from crm_site.core.dates import month_of
from satisfaction.rules import Rate

#: lines of a Pareto's table before the rest is one line, and of its picture
LINES, BARS = 15, 12
#: of these dimensions a measure can be begun: dimension -> metric of a measure
MEASURED = {"category": "complaints", "detail": "complaints", "liable": "employee"}
#: a longer period shows months instead of days
DAYS_AT_MOST = 100


def tiles(lens: Lens, days: Days, closed: int, ages: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    """The head figures: what came, what was closed, what is open and overdue now."""
    complaints, grievances = days.totals
    found = [
        _tile(lens, "complaints", complaints),
        _tile(lens, "grievances", grievances),
        _tile(lens, "closed", closed),
    ]
    overdue = desk_rows(lens, "overdue").count()
    for code, number in (("open", sum(ages.values())), ("overdue", overdue)):
        figure = queries.FIGURES[code]
        kind = figure.kind if number else ""
        found.append({
            "label": figure.label, "value": formats.number(number), "note": _("now; %(note)s") % {"note": figure.note},
            "url": desk_url(lens, code), "kind": kind,
        })  # fmt: skip
    return found


def _tile(lens: Lens, code: str, number: int) -> dict[str, Any]:
    figure = PERIOD[code]
    return {
        "label": figure.label, "value": formats.number(number), "note": figure.formula, "url": lens.list_url(code),
    }  # fmt: skip


def desk_rows(lens: Lens, code: str) -> queries.Rows:
    """The tickets of a figure of the desk in the stores that are looked at: as they stand now."""
    return queries.FIGURES[code].rows(lens.scope.get("user"), lens.now).filter(store_id__in=lens.scope.stores)


def desk_url(lens: Lens, tab: str, **filters: str) -> str:
    """The list behind a figure of the desk."""
    values = {"tab": tab, "store": lens.store, **filters}
    return f"{reverse('complaints:list')}?{urlencode({key: value for key, value in values.items() if value})}"


# ---- rates ----------------------------------------------------------------------------------------------------------


def rates(lens: Lens, known: dict[str, int]) -> list[dict[str, Any]]:
    """The rates with their interval, n and the tickets that spoil them; few cases show no rate.

    `known` are figures that the page has counted already.
    """
    rows = []
    # of old registers nobody has looked for what came before a line
    for one in (one for one in RATES if one.code != "repeated" or not lens.register):
        rate, part = one.of(lens.scope, known.get(one.whole))
        rows.append({
            "label": one.label, "formula": one.formula, "rate": rate, "value": rate_words(rate),
            "interval": interval_words(rate), "url": lens.list_url(one.whole), "part": part,
            "part_label": PERIOD[one.part].label, "part_url": lens.list_url(one.part), "is_miss": one.is_miss,
            "note": _provisional(lens) if one.code == "solved_once" else "",
        })  # fmt: skip
    return rows


def rate_words(rate: Rate) -> str:
    """87%, or that there are too few cases."""
    return formats.percent(rate.shown) if rate.shown is not None else _("sample too small")


def interval_words(rate: Rate) -> str:
    """81%–92%; '' where the rate is not shown."""
    return "" if rate.shown is None else f"{formats.percent(rate.low)}–{formats.percent(rate.high)}"


def _provisional(lens: Lens) -> str:
    until = period.provisional_until(lens.scope, clock.business_day(lens.now))
    return _("provisional until %(day)s") % {"day": formats.day(until)} if until else ""


def handling(lens: Lens) -> dict[str, Any]:
    """The mean time from receipt to closing, over the tickets closed in the period."""
    n, mean = period.handling_time(PERIOD["closed"].rows(lens.scope))
    days = formats.number(mean / timedelta(days=1), 1) if mean is not None else ""
    words = _("%(days)s days") % {"days": days} if days else formats.EMPTY
    return {"value": words, "n": n, "url": lens.list_url("closed")}


# ---- by day ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Days:
    """What came on each day (each month of a long period): (label, complaints, grievances, list filters)."""

    rows: list[tuple[str, int, int, dict[str, str]]]
    by_month: bool = False

    @property
    def totals(self) -> tuple[int, int]:
        """Complaints and grievances of the whole period."""
        return sum(row[1] for row in self.rows), sum(row[2] for row in self.rows)


def days(lens: Lens) -> Days:
    """The period day by day, empty days too; up to today where it is running."""
    found = groups.by_day(period.received(lens.scope), period.IS_GRIEVANCE)
    if (lens.scope.end - lens.scope.start).days > DAYS_AT_MOST:
        return Days(_months(lens, found), by_month=True)
    last = min(lens.scope.last, max([clock.business_day(lens.now), *found]))
    return Days([
        (f"{day:%m-%d}", *found.get(day, (0, 0)), {"day": day.isoformat()}) for day in _each(lens.scope.start, last)
    ])  # fmt: skip


def _months(lens: Lens, found: dict[date, tuple[int, int]]) -> list[tuple[str, int, int, dict[str, str]]]:
    sums = {lens.first.shift(number): [0, 0] for number in range(int(lens.span))}
    for day, (complaints, grievances) in found.items():
        sums[month_of(day)][0] += complaints
        sums[month_of(day)][1] += grievances
    return [(str(month), *counts, {"month": str(month), "span": ""}) for month, counts in sums.items()]  # type: ignore[misc]


def _each(first: date, last: date) -> Iterable[date]:
    return (first + timedelta(days=number) for number in range((last - first).days + 1))


def day_rows(lens: Lens, found: Days) -> list[dict[str, Any]]:
    """The numbers of the chart by day, each with its list; days on which nothing came are left out."""
    return [
        {
            "label": label,
            "cells": [
                _cell(count, lens.list_url(code, **where))
                for code, count in (("complaints", complaints), ("grievances", grievances))
            ],
        }
        for label, complaints, grievances, where in found.rows
        if complaints or grievances
    ]


def _cell(number: int, url: str) -> dict[str, Any]:
    return {"text": formats.number(number), "url": url if number else ""}


# ---- Pareto ---------------------------------------------------------------------------------------------------------


def pareto_lines(lens: Lens, code: str) -> list[Line]:
    """The groups of a dimension over what was received in the period."""
    store_id = lens.scope.stores[0] if len(lens.scope.stores) == 1 else None
    return DIMENSIONS[code].lines(period.received(lens.scope), store_id)


def pareto(lens: Lens, code: str, *, may_measure: bool, whole: bool = False) -> dict[str, Any]:
    """The table of a Pareto: lines with number, share and running share; the rest in one line unless `whole`."""
    lines = pareto_lines(lens, code)
    shown = lines if whole else lines[:LINES]
    rest = lines[len(shown) :]
    return {
        "code": code,
        "label": DIMENSIONS[code].label,
        "total": formats.number(sum(line.n for line in lines)),
        "total_url": lens.list_url("received"),
        "rows": [_pareto_row(lens, code, line, may_measure) for line in shown],
        "rest": {
            "count": len(rest), "n": formats.number(sum(line.n for line in rest)),
            "url": lens.url("learn", by=code, lines="all") + "#pareto",
        } if rest else None,
    }  # fmt: skip


def _pareto_row(lens: Lens, code: str, line: Line, may_measure: bool) -> dict[str, Any]:
    metric = MEASURED.get(code, "") if line.key not in (NONE, *groups.PARTIES) else ""
    query = urlencode({"metric": metric, "code": line.key})
    return {
        "label": line.label,
        "n": formats.number(line.n),
        "url": lens.list_url("received", **{code: line.key}),
        "share": formats.percent(line.share, 1),
        "running": formats.percent(line.running, 1),
        "measure_url": f"{reverse('satisfaction:measure_new')}?{query}" if may_measure and metric else "",
    }


# ---- open by age, and money -----------------------------------------------------------------------------------------


def open_by_age(lens: Lens) -> dict[tuple[str, str], int]:
    """{(level, age): open tickets now}."""
    return groups.by_age(desk_rows(lens, "open"), clock.business_day(lens.now))


def age_table(lens: Lens, found: dict[tuple[str, str], int]) -> dict[str, Any]:
    """Levels down, ages across, sums at both ends; every number with its list."""
    levels = {row.code: f"{row.code} {row.label}" for row in Level.objects.filter(store=None)} | {NONE: _("no level")}
    rows = []
    for code, label in levels.items():
        numbers = [found.get((code, age), 0) for age in AGES]
        if code == NONE and not sum(numbers):
            continue
        cells = [
            _cell(number, desk_url(lens, "open", level=code, age=age))
            for age, number in zip(AGES, numbers, strict=True)
        ]
        rows.append({"label": label, "cells": [*cells, _cell(sum(numbers), desk_url(lens, "open", level=code))]})
    sums = [sum(number for (_level, one), number in found.items() if one == age) for age in AGES]
    totals = [_cell(number, desk_url(lens, "open", age=age)) for age, number in zip(AGES, sums, strict=True)]
    total = {"label": _("All"), "cells": [*totals, _cell(sum(sums), desk_url(lens, "open"))]}
    return {"columns": [_("Level"), *(age_words(age) for age in AGES), _("All")], "rows": rows, "total": total}


def money(lens: Lens) -> dict[str, Any]:
    """Compensation and claims of the tickets closed in the period, by the department that answers for them."""
    found = groups.by_department(PERIOD["paid"].rows(lens.scope))
    rows = [
        {
            "label": one.label,
            "cells": [
                _cell(one.n, lens.list_url("paid", department=one.code)),
                {"text": formats.money(one.compensation)},
                {"text": formats.money(one.claims)},
            ],
        }
        for one in found
    ]
    total = {
        "label": _("All"),
        "cells": [
            _cell(sum(one.n for one in found), lens.list_url("paid")),
            {"text": formats.money(sum(one.compensation for one in found))},
            {"text": formats.money(sum(one.claims for one in found))},
        ],
    }
    return {
        "columns": [_("Department"), _("Tickets"), _("Compensation"), _("Claims")],
        "rows": rows,
        "total": total if rows else None,
    }
