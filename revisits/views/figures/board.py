"""Turns indicators, coverage and callers into what the page and the workbook show: texts, verdicts and links."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core import formats
from revisits.models import CallResult, Target
from revisits.panels import PART_WORDS
from revisits.queries import coverage as covering
from revisits.queries import indicators
from revisits.queries.coverage import KINDS, Coverage
from revisits.queries.indicators import COUNT, Indicator
from revisits.queries.targets import targets_for
from revisits.rules.targets import is_met
from revisits.views.figures.lens import Lens
from revisits.wording import reason_word
from satisfaction.rules import ENOUGH, Rate

#: the tables of the page: title, its indicators
GROUPS: tuple[tuple[str | Promise, str, tuple[Indicator, ...]], ...] = (
    (gettext_lazy("Calling"), "calling", indicators.CALLING),
    (gettext_lazy("Dissatisfaction and tickets"), "voices", indicators.VOICES),
    (gettext_lazy("Coming back"), "returns", indicators.RETURNS),
    (gettext_lazy("Customers in care"), "stock", indicators.STOCK),
)
#: verdict -> (kind of status, word); a sign and a word, never colour alone
VERDICTS: dict[str, tuple[str, str | Promise]] = {
    "met": ("ok", gettext_lazy("reached")),
    "missed": ("bad", gettext_lazy("not reached")),
    "few": ("warn", gettext_lazy("too few to judge")),
    "watch": ("", gettext_lazy("watched")),
    "nothing": ("", gettext_lazy("nothing yet")),
}


@dataclass(frozen=True)
class Line:
    """One indicator: its value, what it comes from, its target and whether that is reached."""

    indicator: Indicator
    value: Any
    target: Target | None

    @property
    def code(self) -> str:
        """The indicator's code."""
        return self.indicator.code

    @property
    def rate(self) -> Rate | None:
        """The value where it is a share."""
        return self.value if isinstance(self.value, Rate) else None

    @property
    def text(self) -> str:
        """The value as it is read."""
        if self.rate is not None:
            return formats.percent(self.rate.value, 1)
        if isinstance(self.value, tuple):
            return f"{formats.number(self.value[0])} · {formats.money(self.value[1])}"
        return formats.number(self.value)

    @property
    def verdict(self) -> str:
        """met, missed, few, watch or nothing."""
        if self.rate is None or not self.target:
            return "" if self.rate is None else "watch" if self.rate.n else "nothing"
        if not self.rate.n:
            return "nothing"
        if self.rate.n < ENOUGH:
            return "few"
        return "met" if is_met(self.rate.value, self.target.value, self.indicator.better) else "missed"

    @property
    def verdict_word(self) -> str:
        """The verdict in words."""
        return str(VERDICTS[self.verdict][1]) if self.verdict else ""

    @property
    def target_text(self) -> str:
        """≥ 95% or ≤ 20%; – where it is only watched."""
        return target_text(self.indicator, self.target.value if self.target else None)


def target_text(indicator: Indicator, percent: Decimal | None) -> str:
    """A target as it is read."""
    if percent is None:
        return formats.EMPTY
    sign = "≤" if indicator.better == indicators.LESS else "≥"
    places = 0 if percent == percent.to_integral_value() else 1
    return f"{sign} {formats.number(percent, places)}%"


def lines(lens: Lens, chosen: tuple[Indicator, ...]) -> list[Line]:
    """The indicators of a view with their values; one asked of a role that it does not know is left out."""
    targets = targets_for(lens.scope.stores, lens.role, lens.month.start)
    scope = lens.scope
    return [Line(one, one.of(scope), targets.get(one.code)) for one in chosen if one.by_role or not lens.role]


def groups(lens: Lens) -> list[dict[str, Any]]:
    """The tables of indicators with their links."""
    found = []
    for title, code, chosen in GROUPS:
        rows = [_row(lens, line) for line in lines(lens, chosen)]
        if rows:
            note = _("as of %(day)s") % {"day": f"{indicators.cut_off(lens.scope):%Y-%m-%d}"} if code == "stock" else ""
            found.append({"title": title, "code": code, "rows": rows, "note": note})
    return found


def _row(lens: Lens, line: Line) -> dict[str, Any]:
    rate = line.rate
    number = rate.n if rate is not None else line.value[0] if isinstance(line.value, tuple) else line.value
    kind, word = VERDICTS[line.verdict] if line.verdict else ("", "")
    return {
        "line": line,
        "is_second": line.indicator.is_second,
        "hits": rate.hits if rate is not None else None,
        "n": number,
        "unit": _("fields") if line.code == "complete" else "",
        "url": lens.url("indicator", line.code) if number else "",
        "hit_url": lens.url("indicator", line.code, part="hit") if rate is not None and rate.hits else "",
        "kind": kind,
        "word": word,
    }


# ---- coverage -------------------------------------------------------------------------------------------------------


def coverages(lens: Lens) -> list[dict[str, Any]]:
    """Deliveries and service visits: the whole, its parts, and what 未成功, 免回访 and 已取消 are made of."""
    results = {row.code: row.label for row in CallResult.objects.filter(store=None)}
    scope = lens.scope
    found = []
    for code, title, total in (
        ("sales", _("Coverage: deliveries"), _("Cars delivered")),
        ("service", _("Coverage: service visits"), _("Service visits")),
    ):
        one = covering.coverage(KINDS[code], scope.stores, scope.start, scope.last, today=lens.today)
        found.append({
            "code": code,
            "title": title,
            "total": {"word": total, "count": one.total, "url": lens.url("covered", code) if one.total else ""},
            "rows": _parts(lens, code, one, results),
            "adds_up": one.adds_up,
            "sum": sum(one.parts.values()),
            "coverage": one,
        })  # fmt: skip
    return found


def _parts(lens: Lens, kind: str, found: Coverage, results: dict[str, str]) -> list[dict[str, Any]]:
    rows = []
    for part in covering.PARTS:
        count = found.parts[part]
        rows.append({
            "code": part,
            "word": PART_WORDS[part],
            "count": count,
            "share": Decimal(count) / found.total if found.total else None,
            "url": lens.url("covered", kind, part=part) if count else "",
            "details": [
                {"word": detail_word(detail, results), "count": n,
                 "url": lens.url("covered", kind, part=part, detail=detail) if detail else ""}
                for detail, n in sorted(found.details.get(part, {}).items(), key=lambda pair: (-pair[1], pair[0]))
            ],
        })  # fmt: skip
    return rows


def detail_word(code: str, results: dict[str, str]) -> str:
    """A result or reason in words."""
    return results.get(code) or reason_word(code) or _("without a reason")


# ---- callers --------------------------------------------------------------------------------------------------------


def callers(lens: Lens) -> list[dict[str, Any]]:
    """One line for each caller; the counts open their attempts."""
    rows = []
    for line in indicators.callers(lens.scope):
        cells = [
            {"number": line.counts[code],
             "url": lens.url("indicator", f"by_{code}", by=line.caller.pk) if line.counts[code] else ""}
            for code in ("dialled", "reached", "completed", "handed_on")
        ]  # fmt: skip
        rows.append({"caller": line.caller, "cells": cells, "minutes": line.minutes, "score": line.score,
                     "inspected": line.inspected})  # fmt: skip
    return rows


def is_count(indicator: Indicator) -> bool:
    """Whether an indicator is a number rather than a share."""
    return indicator.kind == COUNT
