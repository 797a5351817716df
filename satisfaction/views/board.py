"""Turns the figures of a lens into what the dashboard's template draws: rows of text, numbers, bands and links."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext, pgettext

from crm_site.core import formats
from crm_site.core.dates import Month, months_between
from satisfaction import queries, rules
from satisfaction.queries import EmployeeLine, TreeLine
from satisfaction.views.asked import PART_WORDS
from satisfaction.views.lens import MONTHS, Lens

BAND_WORDS = {"ok": "≥ 90", "warn": "80–89.9", "bad": "< 80"}
NOTHING = rules.Mean(0, None)
Trend = dict[Month, rules.Mean]


def months_of(lens: Lens) -> list[Month]:
    """The twelve months up to the one looked at."""
    return list(months_between(lens.month.shift(1 - MONTHS), lens.month))


def month_label(lens: Lens, month: Month) -> str:
    """The month's short name, starred while it is running."""
    star = "*" if month == lens.month and lens.is_running else ""
    return date_format(month.start, pgettext("Django's date format of a short month", "M")) + star


def pictures(lens: Lens, name: str, theme: str, **more: Any) -> dict[str, str]:
    """The addresses of a chart's wide and narrow picture."""
    return {size: lens.url("chart", name, size=size, theme=theme, **more) for size in ("wide", "narrow")}


def score(lens: Lens, trend: Trend) -> dict[str, Any]:
    """The head figure with its interval, n, band, and what stands below it."""
    now, before = trend.get(lens.month, NOTHING), trend.get(lens.month.shift(-1), NOTHING)
    return {
        "mean": now,
        "value": now.shown,
        "url": lens.list_url() if now.n else "",
        "band_word": BAND_WORDS.get(now.band, ""),
        "rows": [{"term": _("Against last month"), "text": change_words(now, before), "num": True}, *_others(lens)],
    }


def change_words(now: rules.Mean, before: rules.Mean) -> str:
    """+0.8, and whether the intervals let it count as a change."""
    moved = rules.change(now, before)
    if moved is None:
        return formats.EMPTY
    word = _("a real change") if moved.is_real else _("within chance")
    return f"{formats.signed(moved.by, 1)} ({word})"


def _others(lens: Lens) -> list[dict[str, Any]]:
    """NPS, very satisfied, loyalty, execution: figures of the whole store only, so not for a department."""
    if lens.departments is not None:
        return []
    rows = []
    for code, found in queries.extras(lens.scope).items():
        figure = queries.FIGURES[code]
        if found.n:
            rows.append({
                "term": figure.label,
                "text": _rate(found) if isinstance(found, rules.Rate) else _mean(found),
                "url": lens.list_url(figure=figure.code),
                "note": f"n\u00a0=\u00a0{found.n:,}",
                "num": True,
                "formula": figure.formula,
            })  # fmt: skip
    return rows


def _rate(found: rules.Rate) -> str:
    if found.shown is None:
        return _("sample too small")
    interval = f"{formats.percent(found.low)}–{formats.percent(found.high)}"
    return _("%(value)s, interval %(interval)s") % {"value": formats.percent(found.shown), "interval": interval}


def _mean(found: rules.Mean) -> str:
    if found.shown is None:
        return _("sample too small")
    interval = f"{formats.number(found.low)}–{formats.number(found.high)}"
    return _("%(value)s, interval %(interval)s") % {"value": formats.number(found.shown), "interval": interval}


def trend_rows(lens: Lens, trend: Trend) -> list[dict[str, Any]]:
    """The numbers of the trend chart."""
    rows = []
    for month in months_of(lens):
        found = trend.get(month, NOTHING)
        interval = f"{formats.score(found.low)}–{formats.score(found.high)}" if found.shown is not None else "–"
        n = {"text": formats.number(found.n), "url": lens.list_url(month=month, span="") if found.n else ""}
        cells = [{"text": formats.score(found.shown)}, {"text": interval}, n]
        rows.append({"label": f"{month}{'*' if month == lens.month and lens.is_running else ''}", "cells": cells})
    return rows


# ---- factors and items ----------------------------------------------------------------------------------------------


def factor_rows(lens: Lens, tree: list[TreeLine], factors: dict[tuple[str, Month], rules.Mean]) -> list[dict[str, Any]]:
    """The factors of the month: weight, mean with interval, own n, change."""
    rows = []
    for line in tree:
        now = factors.get((line.code, lens.month), NOTHING)
        before = factors.get((line.code, lens.month.shift(-1)), NOTHING)
        rows.append({
            "label": line.label,
            "weight": line.weight,
            "mean": now,
            "url": lens.list_url(factor=line.code),
            "change": change_words(now, before),
        })  # fmt: skip
    return rows


def ranked_items(
    lens: Lens, tree: list[TreeLine], items: dict[tuple[str, Month], rules.Mean]
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The three best and the three worst items of the month; none where fewer than six have enough answers."""
    shown: list[dict[str, Any]] = [
        {"label": question.label, "mean": items[code, lens.month], "url": lens.list_url(question=code), "code": code}
        for line in tree
        for code, question in line.items.items()
        if items.get((code, lens.month), NOTHING).is_enough
    ]
    shown.sort(key=lambda row: -row["mean"].value)
    count = min(3, len(shown) // 2)
    return shown[:count], shown[::-1][:count]


# ---- what needs attention -------------------------------------------------------------------------------------------


def alerts(
    lens: Lens,
    tree: list[TreeLine],
    factors: dict[tuple[str, Month], rules.Mean],
    items: dict[tuple[str, Month], rules.Mean],
) -> list[dict[str, Any]]:
    """Factors and items that really fell since last month."""
    candidates = [("factor", line.code, line.label, factors) for line in tree if lens.departments is None]
    candidates += [("question", code, question.label, items) for line in tree for code, question in line.items.items()]
    rows = []
    for name, code, label, means in candidates:
        now, before = means.get((code, lens.month), NOTHING), means.get((code, lens.month.shift(-1)), NOTHING)
        if rules.is_alert(now, before):
            fall = rules.change(now, before)
            rows.append({
                "label": _("%(what)s fell by %(points)s") % {"what": label, "points": formats.score(abs(fall.by))},  # type: ignore[union-attr]
                "note": f"{formats.score(before.value)} → {formats.score(now.value)}",
                "url": lens.list_url(**{name: code}),
                "n": now.n,
            })  # fmt: skip
    return rows


# ---- people ---------------------------------------------------------------------------------------------------------

#: comparison -> (kind of the status, its icon, its words)
VERDICTS: dict[str, tuple[str, str, str | Promise]] = {
    "above": ("ok", "arrow-up", gettext_lazy("above the mean")),
    "below": ("bad", "arrow-down", gettext_lazy("below the mean")),
    "same": ("plain", "", gettext_lazy("no difference")),
    "few": ("warn", "", gettext_lazy("small sample")),
    "none": ("", "slash-circle", gettext_lazy("sample too small")),
}


def verdict(line: EmployeeLine, centre: Decimal | None) -> dict[str, Any]:
    """How an employee stands to the mean of their part: kind, icon and word of a status."""
    kind, icon, word = VERDICTS[rules.compare(line.now, centre)]
    return {"kind": kind, "icon": icon, "word": word}


def people(lens: Lens, lines: list[EmployeeLine], theme: str) -> list[dict[str, Any]]:
    """One table for each part (advisors, technicians, consultants, …) with its own axis and mean."""
    tables = []
    for part in PART_WORDS:
        own = [line for line in lines if line.part == part]
        if own:
            tables.append(_people_table(lens, part, own, theme))
    return tables


def part_mean(lines: list[EmployeeLine]) -> Decimal | None:
    """The mean of all responses that judge somebody of this part; None where there is none."""
    return rules.weighted_mean((line.now.value, Decimal(line.now.n)) for line in lines if line.now.value is not None)


def _people_table(lens: Lens, part: str, lines: list[EmployeeLine], theme: str) -> dict[str, Any]:
    centre = part_mean(lines)
    return {
        "part": part,
        "label": PART_WORDS[part],
        "count": ngettext("%(count)d person", "%(count)d people", len(lines)) % {"count": len(lines)},
        "mean": centre,
        "axis": axis(lines, centre),
        "rows": [_person_row(lens, line, centre) for line in lines],
        "chart": pictures(lens, "employees", theme, part=part),
    }


def _person_row(lens: Lens, line: EmployeeLine, centre: Decimal | None) -> dict[str, Any]:
    who = {"employee": line.employee.pk, "part": line.part}
    moved = rules.change(line.now, line.before)
    return {
        "name": line.employee.name,
        "mean": line.now,
        "verdict": verdict(line, centre),
        "very_satisfied": line.very_satisfied.shown,
        "low": line.low,
        "change": moved.by if moved else None,
        "url": lens.list_url(**who),
        "low_url": lens.list_url(**who, figure="low") if line.low else "",
    }


@dataclass(frozen=True)
class Axis:
    """The common axis of a table's whiskers; an end's label gives way where the mean stands close to it."""

    start: int
    end: int
    mean: Decimal

    @property
    def shows_start(self) -> bool:
        """Whether the mean leaves room for the first label."""
        return self.mean - self.start > (self.end - self.start) * Decimal("0.2")

    @property
    def shows_end(self) -> bool:
        """Whether the mean leaves room for the last label."""
        return self.end - self.mean > (self.end - self.start) * Decimal("0.2")


def axis(lines: list[EmployeeLine], mean: Decimal | None) -> Axis | None:
    """Round ends around every interval that is drawn and the mean; None where nobody has enough answers."""
    shown = [line.now for line in lines if line.now.is_enough]
    ends = [end for found in shown for end in (found.low, found.high) if end is not None]
    if not ends or mean is None:
        return None
    ends.append(mean)
    return Axis(max(int(min(ends)) // 5 * 5, 0), min(-(-int(max(ends) + 1) // 5) * 5, 100), mean)
