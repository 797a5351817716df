"""A dashboard as a workbook: numbers as numbers, the definitions beside them, and charts that Excel draws itself."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import formats, xlsx
from crm_site.core.plots import Drawn, Plot
from crm_site.core.xlsx import Column, Sheet, Typed
from satisfaction import queries, rules
from satisfaction.models import Dimension
from satisfaction.queries import dictionary
from satisfaction.shown import band_words
from satisfaction.views import board
from satisfaction.views.charts.compared import Compared
from satisfaction.views.export.facts import Extra, Facts
from satisfaction.views.members import DIMENSIONS

#: decimals that a cell keeps; it shows one
PLACES = Decimal("0.0001")


def render(facts: Facts) -> bytes:
    """The workbook; equal facts give equal bytes."""
    sheets = [_overview(facts), _trend(facts)]
    if facts.factors.lines:
        sheets.append(_factors(facts))
    if facts.items:
        sheets.append(_items(facts))
    sheets += [_members(facts, dimension) for dimension, groups in facts.groups.items() if groups]
    return xlsx.workbook_bytes([*sheets, _definitions()], created=facts.made_at, title=facts.title)


def file_name(facts: Facts) -> str:
    """Codes only, so that every system can write it."""
    return f"satisfaction-{facts.lens.kind}-{facts.lens.month}.xlsx"


# ---- cells ----------------------------------------------------------------------------------------------------------


def _number(value: Decimal | None) -> Decimal | None:
    return None if value is None else value.quantize(PLACES)


def _mean_columns() -> list[Column]:
    return [
        Column("n", "int", 8), Column(_("Mean"), "decimal", 10), Column(_("Low end"), "decimal", 10),
        Column(_("High end"), "decimal", 10), Column(_("Band"), width=12),
    ]  # fmt: skip


def _mean_cells(mean: rules.Mean) -> list[Any]:
    """n, mean, both ends of the interval, band; a sample too small has no figure, as on the page."""
    if not mean.is_enough:
        return [mean.n, None, None, None, _("sample too small") if mean.n else ""]
    word = band_words().get(mean.band, "")
    few = f" · {_('small sample')}" if mean.is_few else ""
    return [mean.n, _number(mean.value), _number(mean.low), _number(mean.high), f"{word}{few}"]


def _error_columns() -> list[Column]:
    """What the charts draw the intervals from."""
    return [Column(_("Interval up"), "decimal", 10), Column(_("Interval down"), "decimal", 10)]


def _error_cells(mean: rules.Mean) -> list[Any]:
    if not mean.is_enough or mean.value is None or mean.low is None or mean.high is None:
        return [None, None]
    return [_number(mean.high - mean.value), _number(mean.value - mean.low)]


def _change_columns() -> list[Column]:
    return [Column(_("Before"), "decimal", 10), Column(_("Moved by"), "decimal", 10), Column(_("Meaning"), width=14)]


def _change_cells(now: rules.Mean, before: rules.Mean) -> list[Any]:
    moved = rules.change(now, before)
    if moved is None:
        return [_number(before.shown), None, ""]
    return [_number(before.shown), _number(moved.by), _("a real change") if moved.is_real else _("within chance")]


def _bounds(means: Sequence[rules.Mean], *more: Decimal | None) -> tuple[float, float]:
    """Ends of a value axis: tens around every interval."""
    ends = [end for mean in means if mean.is_enough for end in (mean.low, mean.high) if end is not None]
    ends += [one for one in more if one is not None]
    if not ends:
        return 0, 100
    return max(int(min(ends)) // 10 * 10, 0), min(-(-int(max(ends) + 1) // 10) * 10, 100)


# ---- overview and definitions ---------------------------------------------------------------------------------------


def _overview(facts: Facts) -> Sheet:
    """The scope in words, then the figures of the whole view."""
    columns = [
        Column(_("Figure"), width=34), Column(_("Value"), "decimal", 11), Column(_("Low end"), "decimal", 11),
        Column(_("High end"), "decimal", 11), Column("n", "int", 9), Column(_("Target"), "decimal", 10),
        Column(_("Note"), width=40),
    ]  # fmt: skip
    head = facts.head
    n, value, low, high, band = _mean_cells(head)
    change = board.before_words(facts.lens) + f": {board.change_words(head, facts.before)}"
    name = str(queries.INDEX.label) if facts.lens.is_whole else facts.trend.name
    rows = [[name, value, low, high, n, facts.target, " · ".join(part for part in (band, change) if part)]]
    rows += [_extra_row(one) for one in facts.extras]
    rows.append([str(queries.LOW.label), None, None, None, facts.low, None, ""])
    rows.append([_("Open improvement measures"), None, None, None, facts.open_measures, None, ""])
    rows += [
        [
            _("Coverage: %(word)s") % {"word": row["word"]},
            Typed(row["share"], "percent"),
            None,
            None,
            row["count"],
            None,
            "",
        ]
        for row in facts.coverage
    ]
    rows += [[_("Alert"), None, None, None, None, None, alert] for alert in facts.alerts]
    notes = [facts.title, *(f"{what}: {words}" for what, words in facts.about), _interval_words()]
    return Sheet(_("At a glance"), columns, rows, notes=notes, for_paper=True)


def _interval_words() -> str:
    return _("Intervals of 95 in 100; fewer than 10 answers show no figure, fewer than 30 are marked.")


def _extra_row(one: Extra) -> list[Any]:
    """A share as per cent, a net score in points."""
    if isinstance(one.value, rules.Rate):
        shown = one.value.shown
        ends = (one.value.low, one.value.high) if shown is not None else (None, None)
        target = None if one.target is None else one.target / 100
        cells = [Typed(_number(value), "percent") for value in (shown, *ends)]
        # a share of few is not told, and would follow from its parts
        note = "" if shown is None else f"{formats.number(one.value.hits)} / {formats.number(one.value.n)}"
        return [one.label, *cells, one.value.n, Typed(target, "percent"), note]
    n, value, low, high, _band = _mean_cells(one.value)
    return [one.label, value, low, high, n, one.target, ""]


def _definitions() -> Sheet:
    """指标口径: how every figure is made."""
    columns = [
        Column(_("Figure"), width=26), Column(_("How it is counted"), width=80), Column(_("Unit"), width=22),
        Column(_("Of which"), width=60), Column(_("Left out"), width=60), Column(_("Method"), width=60),
    ]  # fmt: skip
    rows = [
        [str(part) for part in (one.label, one.formula, one.unit, one.population, one.exclusions, one.method)]
        for _title, entries in dictionary.groups()
        for one in entries
    ]
    return Sheet(_("Definitions"), columns, rows, for_paper=True)


# ---- tables ---------------------------------------------------------------------------------------------------------


def _trend(facts: Facts) -> Sheet:
    """Twelve months with target and outside surveys, and their chart."""
    trend = facts.trend
    outside = [Column(_("External: %(survey)s") % {"survey": one.survey}, "decimal", 14) for one in trend.outside]
    columns = [
        Column(_("Month"), width=12), *_mean_columns(), Column(_("Target"), "decimal", 10), *outside,
        Column(_("Marked as"), width=18), *_error_columns(),
    ]  # fmt: skip
    rows = []
    for place, (month, mean) in enumerate(zip(trend.months, trend.used, strict=True)):
        is_last = trend.is_running and place == len(trend.months) - 1
        mark = [_("three months")] * (place in trend.rolling) + [_("provisional")] * is_last
        values = [one.values.get(place) for one in trend.outside]
        rows.append([str(month), *_mean_cells(mean), trend.target, *values, " · ".join(mark), *_error_cells(mean)])
    last = len(columns) - 1
    drawn = [Drawn(2, plus=last - 1, minus=last)]
    if trend.target is not None:
        drawn.append(Drawn(6, dashed=True))
    drawn += [Drawn(7 + number, points=True) for number in range(len(outside))]
    found = [value for one in trend.outside for value in one.values.values()]
    plot = Plot(
        "line", f"{trend.name} · {_('Twelve months')}", 0, drawn, bounds=_bounds(trend.used, trend.target, *found)
    )
    return Sheet(_("Trend"), columns, rows, plots=[plot], for_paper=True)


def _factors(facts: Facts) -> Sheet:
    """The factors with weight, interval, target and change, and their bars."""
    columns = [
        Column(_("Factor"), width=22), Column(_("Weight"), "decimal", 9), *_mean_columns(),
        Column(_("Target"), "decimal", 10), *_change_columns(), *_error_columns(),
    ]  # fmt: skip
    rows = [
        [one.label, one.weight, *_mean_cells(one.now), one.target, *_change_cells(one.now, one.before),
         *_error_cells(one.now)]
        for one in facts.factors.lines
    ]  # fmt: skip
    last = len(columns) - 1
    plot = Plot("bar", _("Factors"), 0, [Drawn(3, plus=last - 1, minus=last)], bounds=(0, 100))
    return Sheet(_("Factors"), columns, rows, plots=[plot], for_paper=True)


def _items(facts: Facts) -> Sheet:
    """The items with factor, weight, interval, low answers and change; importance and score as points."""
    columns = [
        Column(_("Factor"), width=16), Column(_("Item"), width=26), Column(_("Weight"), "decimal", 9),
        *_mean_columns(), Column(_("Target"), "decimal", 10), Column(_("Low answers"), "int", 10),
        *_change_columns(), Column(_("Importance"), "decimal", 12),
    ]  # fmt: skip
    found = facts.fields.found
    importance = {point.code: point.importance for point in found.points} if found else {}
    rows = [
        [one.factor, one.label, one.weight, *_mean_cells(one.now), one.target, one.low,
         *_change_cells(one.now, one.before), Typed(_number(importance.get(one.code)), "decimal2")]
        for one in facts.items
    ]  # fmt: skip
    axis = facts.fields.axis
    plot = Plot(
        "scatter", _("Items by importance and score"), 1, [Drawn(4)], across=len(columns) - 1,
        bounds=_bounds([one.now for one in facts.items]), axis=_("Score"), across_axis=axis, size=(26, 16),
    )  # fmt: skip
    return Sheet(_("Items asked"), columns, rows, plots=[plot] if found else [], for_paper=True)


def _members(facts: Facts, dimension: str) -> Sheet:
    """Everybody of one dimension: people by part, each with rank and comparison, and their bars."""
    groups, is_people = facts.groups[dimension], dimension == Dimension.EMPLOYEE
    columns = [
        *([Column(_("Served as"), width=16)] if is_people else []),
        Column(_("Who or what"), width=22), *_mean_columns(),
        Column(_("Rank"), width=14), Column(_("Against the mean"), width=14), Column(_("Target"), "decimal", 10),
        Column(_("Very satisfied"), "percent", 11), Column(_("Low"), "int", 8), *_change_columns(),
        Column(_("Three months"), "decimal", 11), *_error_columns(),
    ]  # fmt: skip
    rows = [row for one in groups for row in _member_rows(one, is_people)]
    last, name = len(columns) - 1, int(is_people)
    means = [member.now for one in groups for member in one.group.members]
    plot = Plot(
        "bar", str(DIMENSIONS[dimension]), name, [Drawn(name + 2, plus=last - 1, minus=last)], bounds=_bounds(means),
        size=(20, min(max(len(rows) * 0.7 + 3, 8), 40)),
    )  # fmt: skip
    return Sheet(str(DIMENSIONS[dimension]), columns, rows, plots=[plot], for_paper=True)


def _member_rows(one: Compared, is_people: bool) -> list[list[Any]]:
    """The lines of one group in the page's order."""
    ranks = one.group.ranks()
    rows = []
    for member in one.group.members:
        rank = ranks.get(member.key)
        verdict = board.VERDICTS[rules.compare(member.now, one.group.centre)][2]
        rolling = member.rolling.shown if member.rolling and not member.now.is_enough else None
        rows.append([
            *([one.group.label] if is_people else []), member.label, *_mean_cells(member.now),
            _place(rank) if rank else "", str(verdict), member.target, _number(member.very_satisfied.shown), member.low,
            *_change_cells(member.now, member.before), _number(rolling), *_error_cells(member.now),
        ])  # fmt: skip
    return rows


def _place(rank: rules.Rank) -> str:
    """2 of 7, shared."""
    words = {"place": rank.place, "of": rank.of}
    return (_("joint %(place)d of %(of)d") if rank.is_shared else _("%(place)d of %(of)d")) % words
