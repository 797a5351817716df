"""Turns a report into the table of its page: groups of rows with texts and links, their sums, the chart's groups."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.core import formats
from crm_site.core.charts import Group
from crm_site.reports import reading, rules, wording
from crm_site.reports.lens import Lens, Row
from satisfaction import rules as scores

Cell = dict[str, Any]
#: the columns about tickets that are shown as plain numbers
NUMBERS = ("direct", "joint", "grievances")


def groups(lens: Lens) -> list[dict[str, Any]]:
    """The table: one group for each series that has people, its rows and its sum."""
    found = []
    for series in rules.SERIES:
        rows = lens.of_series(series)
        if rows:
            total = _total(lens, series, rows)
            found.append({"label": wording.SERIES[series], "rows": [_row(lens, row) for row in rows], "total": total})
    return found


def _row(lens: Lens, row: Row) -> dict[str, Any]:
    """One employee: texts, and links to the rows behind each number."""
    who = {"employee": row["employee"], "series": row["series"]}
    return {
        "name": row["name"],
        "number": row["number"],
        "post": wording.post_word(row["post"]),
        "held": held(row),
        "left": row["left"],
        "visits": _cell(row["visits"], list_url(lens, "visits", **who)),
        "score": score(row),
        "n": _cell(len(row["responses"]), list_url(lens, "answers", column="responses", **who)),
        "very_satisfied": share(row),
        "low": _cell(len(row["low"]), list_url(lens, "answers", column="low", **who)),
        **{name: _cell(len(row[name]), list_url(lens, "tickets", column=name, **who)) for name in NUMBERS},
        "shares": [_share(lens, row, part, whole, **who) for part, whole in wording.SHARES.values()],
        "per_hundred": formats.number(row["per_hundred"], 2),
        "took": took([row]),
        "change": change(row),
    }


def held(row: Row) -> str:
    """08-01 – 08-14 where the post was held for a part of the month only."""
    if not row.get("held"):
        return ""
    first, last = (date.fromisoformat(day) for day in row["held"])
    return f"{first:%m-%d} – {last:%m-%d}"


def _share(lens: Lens, row: Row, part: str, whole: str, **who: Any) -> dict[str, Any]:
    """2 / 3, both numbers with their lists; nothing where the whole is empty."""
    counts = share_of(lens, row, part, whole)
    names = zip(counts, (part, whole), strict=True)
    cells = [_cell(count, list_url(lens, "tickets", column=name, **who)) for count, name in names]
    return {"part": cells[0], "whole": cells[1]}


def share_of(lens: Lens, row: Row, part: str, whole: str) -> tuple[int, int]:
    """Part and whole of a share; nothing of nothing where the report is of the first format, which had none."""
    if lens.snapshot["format"] < rules.FORMAT:
        return 0, 0
    return len(row[part]), len(row[whole])


def _total(lens: Lens, series: str, rows: list[Row]) -> dict[str, Any]:
    """The sum below a group; a visit or response that several of them share counts once, where all may be seen."""
    direct = sum(len(row["direct"]) for row in rows)
    is_whole = _is_whole(lens, series)
    visits = lens.snapshot["visits"][series] if is_whole else None
    together = lens.snapshot["scores"][series] if is_whole else None
    rate = rules.per_hundred(direct, visits) if series != rules.SALES and visits is not None else None
    return {
        "visits": visits,
        "n": len(together["responses"]) if together else None,
        "low": len(together["low"]) if together else None,
        "score": score(together) if together else None,
        **{name: sum(len(row[name]) for row in rows) for name in NUMBERS},
        "shares": [
            [sum(counts) for counts in zip(*(share_of(lens, row, *pair) for row in rows), strict=True)]
            for pair in wording.SHARES.values()
        ],
        "per_hundred": formats.number(rate, 2),
        "took": took(rows),
        "change": formats.signed(direct - sum(row["before"] for row in rows)),
    }


def _is_whole(lens: Lens, series: str) -> bool:
    """Whether everybody of a series may be seen, so that its visits may be added up."""
    return len(lens.of_series(series)) == sum(row["series"] == series for row in lens.snapshot["rows"])


def _cell(number: int, url: str) -> Cell:
    """A number that opens its list; a zero has none."""
    return {"number": number, "url": url if number else ""}


def list_url(lens: Lens, name: str, **query: Any) -> str:
    """The list behind a number of this report; codes and ids only."""
    text = urlencode({key: value for key, value in query.items() if value not in (None, "")})
    url = reverse(f"reports:{name}", args=[lens.report.pk])
    return f"{url}?{text}" if text else url


def score(row: Row) -> dict[str, Any]:
    """The mean score: what is shown, its interval, its band, whether the sample is small."""
    low, high = row["interval"]
    mean = scores.Mean(len(row["responses"]), _decimal(row["score"]), _decimal(low), _decimal(high))
    interval = f"{formats.score(mean.low)}–{formats.score(mean.high)}" if mean.shown is not None else ""
    return {"value": mean.shown, "interval": interval, "is_few": mean.is_few, "band": mean.band}


def _decimal(text: str | None) -> Decimal | None:
    return None if text is None else Decimal(text)


def share(row: Row) -> str:
    """非常满意率: of those asked for the overall; – where too few were."""
    return formats.percent(scores.rate_of(row["very_satisfied"], row["overall"]).shown)


def took(rows: list[Row]) -> str:
    """The mean handling time of the complaints closed in the month; – where none is."""
    closed = sum(reading.took_of(row) for row in rows)
    return wording.hours(sum(row["minutes"] for row in rows) // closed) if closed else formats.EMPTY


def change(row: Row) -> str:
    """Against the month before; “new” for who was hired in the month."""
    return _("new") if row["new"] else formats.signed(len(row["direct"]) - row["before"])


# ---- the chart ------------------------------------------------------------------------------------------------------


def chart_groups(lens: Lens) -> list[Group]:
    """Employees across, 投诉次数 up, by series; zeros too."""
    found = []
    tones = {rules.ADVISOR: "accent", rules.TECHNICIAN: "ok", rules.SALES: "mute", rules.OTHER: "pause"}
    for series in rules.SERIES:
        rows = lens.of_series(series)
        count = sum(len(row["direct"]) for row in rows)
        label = _("%(series)s: %(count)d") % {"series": wording.SERIES[series], "count": count}
        found.append(Group(label, [(row["name"], len(row["direct"])) for row in rows], tones[series]))
    return found


def chart_words(lens: Lens) -> str:
    """What the picture says, for who does not see it."""
    return "; ".join(group.label for group in chart_groups(lens) if group.bars)
