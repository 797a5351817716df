"""Turns indicators, coverage and callers into what the page and the workbook show: texts, verdicts and links."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from revisits.judged import VERDICTS, Line, lines
from revisits.lens import Lens
from revisits.parts import PART_WORDS
from revisits.queries import coverage as covering
from revisits.queries import indicators
from revisits.queries.coverage import KINDS, Coverage
from revisits.queries.indicators import COUNT, Indicator
from revisits.queries.results import words_of
from revisits.wording import reason_word

#: the tables of the page: title, its indicators
GROUPS: tuple[tuple[str | Promise, str, tuple[Indicator, ...]], ...] = (
    (gettext_lazy("Calling"), "calling", indicators.CALLING),
    (gettext_lazy("Dissatisfaction and tickets"), "voices", indicators.VOICES),
    (gettext_lazy("Coming back"), "returns", indicators.RETURNS),
    (gettext_lazy("Customers in care"), "stock", indicators.STOCK),
)


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
    results = words_of(store.pk for store in lens.stores)
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
