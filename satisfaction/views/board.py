"""Turns the figures of a lens into what the dashboard's template draws: rows of text, numbers, bands and links."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext

from crm_site.core import formats
from crm_site.core.dates import Month, months_between
from satisfaction import queries, rules
from satisfaction.models import Dimension
from satisfaction.queries import TreeLine
from satisfaction.queries.targets import Book
from satisfaction.rules.targets import Against, against
from satisfaction.shown import NET, Shown, entry_code
from satisfaction.views.asked import PART_WORDS
from satisfaction.views.lens import Lens

__all__ = ["PART_WORDS"]
NOTHING = rules.Mean(0, None)
Trend = dict[Month, rules.Mean]
Means = dict[str, rules.Mean]


@dataclass(frozen=True)
class Pair:
    """The means of the period and of the one before it, by code."""

    now: Means
    before: Means

    def of(self, code: str) -> tuple[rules.Mean, rules.Mean]:
        """Both means of one code."""
        return self.now.get(code, NOTHING), self.before.get(code, NOTHING)


def factors_of(lens: Lens) -> Pair:
    """The factors of the period and of the one before; none where only some items are judged."""
    if not lens.is_whole:
        return Pair({}, {})
    now, before = (queries.factors_by_member(scope, Dimension.WHOLE) for scope in (lens.scope, lens.before))
    return Pair(_by_code(now), _by_code(before))


def items_of(lens: Lens) -> Pair:
    """The items of the period and of the one before."""
    now, before = (queries.items_by_member(scope, Dimension.WHOLE) for scope in (lens.scope, lens.before))
    return Pair(_by_code(now), _by_code(before))


def _by_code(found: dict[tuple[str, str], rules.Mean]) -> Means:
    return {code: mean for (code, _member), mean in found.items()}


def months_of(lens: Lens) -> list[Month]:
    """The months of the history, up to the one looked at."""
    return list(months_between(lens.year.month, lens.month))


def month_label(lens: Lens, month: Month) -> str:
    """The month's short name, starred while it is running."""
    star = "*" if month == lens.month and lens.is_running else ""
    return date_format(month.start, pgettext("Django's date format of a short month", "M")) + star


def pictures(lens: Lens, name: str, theme: str, **more: Any) -> dict[str, str]:
    """The addresses of a chart's wide and narrow picture, and of the one for paper, which is light."""
    found = {size: lens.url("chart", name, size=size, theme=theme, **more) for size in ("wide", "narrow")}
    return found | {"paper": lens.url("chart", name, size="wide", theme="light", **more)}


# ---- the head figure ------------------------------------------------------------------------------------------------


def mean_of(lens: Lens) -> rules.Mean:
    """The period score of what is looked at."""
    return queries.by_member(lens.scope, Dimension.WHOLE).get("", NOTHING)


def low_of(lens: Lens) -> int:
    """How many responses have a low answer of what is looked at."""
    return queries.low_by_member(lens.scope, Dimension.WHOLE).get("", 0)


def whole(lens: Lens, mean: rules.Mean | None = None) -> Shown:
    """The head figure of a page, with the list that makes it."""
    found = mean_of(lens) if mean is None else mean
    return Shown(entry_code(queries.INDEX.code, lens.scope), found, lens.list_url(), is_provisional=lens.is_running)


def score(lens: Lens, trend: Trend, book: Book) -> dict[str, Any]:
    """The head figure with what stands below it: the change, the target, the other figures of the same responses."""
    one_month = lens.span == 1
    now = trend.get(lens.month, NOTHING) if one_month else mean_of(lens)
    before = (
        trend.get(lens.month.shift(-1), NOTHING)
        if one_month
        else queries.by_member(lens.before, Dimension.WHOLE).get("", NOTHING)
    )
    aim = against(now.shown, target_of(lens, book))
    rows = [{"term": before_words(lens), "text": change_words(now, before), "num": True}]
    if aim:
        rows.append({"term": _("Target"), "text": formats.score(aim.target), "note": against_words(aim), "num": True})
    return {"mean": now, "shown": whole(lens, now), "rows": rows, "others": others(lens, book), "against": aim}


def before_words(lens: Lens) -> str:
    """What a change is told against."""
    return _("Against last month") if lens.span == 1 else _("Against the %(months)d months before") % {
        "months": lens.span
    }  # fmt: skip


def target_of(lens: Lens, book: Book) -> Decimal | None:
    """What the head figure is to reach: the index, an item or factor, a person in a part; None for a department."""
    code, asked = queries.INDEX.code, lens.scope.get
    if asked("question"):
        code = f"question:{asked('question')}"
    elif asked("factor"):
        code = f"factor:{asked('factor')}"
    if lens.departments is not None or (asked("employee") and code != queries.INDEX.code):
        return None
    if asked("employee") and not asked("part"):
        return None
    return book.value(code, part=asked("part") or "")


STATE_WORDS: dict[str, str | Promise] = {
    "reached": gettext_lazy("reached"),
    "missed": gettext_lazy("not reached"),
    "too_few": gettext_lazy("sample too small"),
}


def against_words(found: Against, places: int = 1) -> str:
    """How far from the target, and whether it is reached."""
    state = str(STATE_WORDS[found.state])
    return state if found.by is None else f"{formats.signed(found.by, places)} · {state}"


def moved_words(now: rules.Mean | rules.Rate, before: rules.Mean | rules.Rate) -> str:
    """`change_words` of any figure: of a share in points of per cent, of NPS in whole points."""
    if isinstance(now, rules.Rate) or isinstance(before, rules.Rate):
        return change_words(rules.as_mean(now), rules.as_mean(before))
    return change_words(now, before)


def change_words(now: rules.Mean, before: rules.Mean) -> str:
    """+0.8, and whether the intervals let it count as a change."""
    moved = rules.change(now, before)
    if moved is None:
        return formats.EMPTY
    word = _("a real change") if moved.is_real else _("within chance")
    return f"{formats.signed(moved.by, 1)} ({word})"


def others(lens: Lens, book: Book) -> list[dict[str, Any]]:
    """NPS, very satisfied, loyalty, execution: figures of whole responses only, so not for a department or a person."""
    if not lens.is_whole:
        return []
    return [
        {
            "figure": queries.FIGURES[code],
            "shown": Shown(code, found, lens.list_url(figure=code)),
            "against": _against_other(code, found, book),
        }
        for code, found in queries.extras(lens.scope).items()
        if found.n
    ]


def _against_other(code: str, found: rules.Mean | rules.Rate, book: Book) -> str:
    """A figure beside its target in words, '' without one; a share counts in whole per cent, as it is shown."""
    if isinstance(found, rules.Rate):
        points, places = (None if found.shown is None else found.shown * 100), 0
    else:
        points, places = found.shown, 0 if code in NET else 1
    aim = against(points, book.value(code), places=places)
    if aim is None:
        return ""
    return _("target %(target)s: %(state)s") % {
        "target": formats.number(aim.target, places), "state": against_words(aim, places),
    }  # fmt: skip


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


def factor_rows(lens: Lens, tree: list[TreeLine], factors: Pair, book: Book) -> list[dict[str, Any]]:
    """The factors of the period: weight, mean with interval, own n, change, target."""
    rows = []
    for line in tree:
        now, before = factors.of(line.code)
        rows.append({
            "label": line.label,
            "weight": line.weight_text,
            "is_mixed": line.is_mixed,
            "shown": Shown("factor", now, lens.list_url(factor=line.code)),
            "change": change_words(now, before),
            "against": against(now.shown, book.value(f"factor:{line.code}")),
        })  # fmt: skip
    return rows


def ranked_items(lens: Lens, tree: list[TreeLine], items: Means) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """The three best and the three worst items of the period; none where fewer than six have enough answers."""
    shown: list[dict[str, Any]] = [
        {
            "label": question.label,
            "code": code,
            "item_url": lens.url("item", code),
            "value": items[code].value,
            "shown": Shown("item", items[code], lens.list_url(question=code)),
        }
        for line in tree
        for code, question in line.items.items()
        if items.get(code, NOTHING).is_enough
    ]
    shown.sort(key=lambda row: -row["value"])
    count = min(3, len(shown) // 2)
    return shown[:count], shown[::-1][:count]


# ---- what needs attention -------------------------------------------------------------------------------------------


def alerts(lens: Lens, tree: list[TreeLine], factors: Pair, items: Pair) -> list[dict[str, Any]]:
    """Factors and items that really fell since the period before."""
    candidates = [("factor", line.code, line.label, factors) for line in tree if lens.is_whole]
    candidates += [("question", code, question.label, items) for line in tree for code, question in line.items.items()]
    rows = []
    for name, code, label, means in candidates:
        now, before = means.of(code)
        fall = rules.change(now, before)
        if fall is not None and rules.is_alert(now, before):
            rows.append({
                "label": _("%(what)s fell by %(points)s") % {"what": label, "points": formats.score(abs(fall.by))},
                "note": f"{formats.score(before.value)} → {formats.score(now.value)}",
                "shown": Shown("factor" if name == "factor" else "item", now, lens.list_url(**{name: code})),
            })  # fmt: skip
    return rows


# ---- members --------------------------------------------------------------------------------------------------------

#: comparison -> (kind of the status, its icon, its words)
VERDICTS: dict[str, tuple[str, str, str | Promise]] = {
    "above": ("ok", "arrow-up", gettext_lazy("above the mean")),
    "below": ("bad", "arrow-down", gettext_lazy("below the mean")),
    "same": ("plain", "", gettext_lazy("no difference")),
    "few": ("warn", "", gettext_lazy("small sample")),
    "none": ("", "slash-circle", gettext_lazy("sample too small")),
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


def axis_of(means: list[rules.Mean], centre: Decimal | None) -> Axis | None:
    """Round ends around every interval that is drawn and the mean; None where nobody has enough answers."""
    ends = [end for found in means if found.is_enough for end in (found.low, found.high) if end is not None]
    if not ends or centre is None:
        return None
    ends.append(centre)
    return Axis(max(int(min(ends)) // 5 * 5, 0), min(-(-int(max(ends) + 1) // 5) * 5, 100), centre)
