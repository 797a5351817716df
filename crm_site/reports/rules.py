"""How the month's report counts: series of posts, rates, the sum that must come out even, the frozen text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, Protocol

#: what the layout of a snapshot is called; a reader of old snapshots asks for it
FORMAT = 1

ADVISOR, TECHNICIAN, SALES, OTHER = "advisor", "technician", "sales", "other"
#: the series of the chart and the groups of the table, in their order (domain 7)
SERIES = (ADVISOR, TECHNICIAN, SALES, OTHER)
_SERIES_OF_POST = {"service_advisor": ADVISOR, "technician": TECHNICIAN, "sales_consultant": SALES}

UNDECIDED = "undecided"
#: the lines below the employees: whose fault it is where it is no single employee's, and 待定责
LINES = ("department", "manufacturer", "nobody", UNDECIDED)

#: fewer visits than this make no rate
ENOUGH_VISITS = 30
#: a sales consultant's rate looks back over so many months, since few deliver 30 cars in one
SALES_MONTHS = 3
#: 结账日: the n-th working day after the month
PUBLISH_AFTER = 5
#: how many months without a report are made up for
MAKE_UP = 3

Snapshot = dict[str, Any]


class WorkingDays(Protocol):
    """The part of the legal calendar that is needed here."""

    def add_legal_working_days(self, day: date, count: int) -> date: ...


def series_of(post: str) -> str:
    """The series that a post stands in; '' (no post known) and all others are “other”."""
    return _SERIES_OF_POST.get(post, OTHER)


def per_hundred(count: int, visits: int) -> Decimal | None:
    """Complaints for every hundred visits, two decimals; None with fewer than 30 visits."""
    if visits < ENOUGH_VISITS:
        return None
    return (Decimal(count) * 100 / visits).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


def month_start(day: date, back: int = 0) -> date:
    """The first day of the month that lies `back` months before the one of a day."""
    index = day.year * 12 + day.month - 1 - back
    return date(index // 12, index % 12 + 1, 1)


def publish_day(month: date, calendar: WorkingDays) -> date:
    """The day on which a month's report is due: the fifth working day after the month."""
    return calendar.add_legal_working_days(date.fromordinal(month_start(month, -1).toordinal() - 1), PUBLISH_AFTER)


def months_to_build(today: date, go_live_on: date, known: Collection[date]) -> list[date]:
    """The ended months without a report, oldest first: at most three back, none before the store went live."""
    months = [month_start(today, back) for back in range(MAKE_UP, 0, -1)]
    return [month for month in months if month >= month_start(go_live_on) and month not in known]


def is_over(month: date, today: date) -> bool:
    """Whether the month has ended, so that it may be published."""
    return today >= month_start(month, -1)


# ---- the sum --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """Σ employees + lines = store: the parts, the total that was counted apart from them, and whether they agree."""

    employees: int
    lines: Mapping[str, int]
    total: int
    is_even: bool


def sum_of(snapshot: Snapshot) -> Sum:
    """Add up a snapshot: every complaint stands in exactly one row or line, and together they are the store's total."""
    rows = [pk for row in snapshot["rows"] for pk in row["direct"]]
    lines = {line: snapshot["lines"][line] for line in LINES}
    listed = [*rows, *(pk for tickets in lines.values() for pk in tickets)]
    is_even = len(listed) == len(set(listed)) == snapshot["total"]
    return Sum(len(rows), {line: len(tickets) for line, tickets in lines.items()}, snapshot["total"], is_even)


# ---- freezing -------------------------------------------------------------------------------------------------------


def canonical(snapshot: Snapshot) -> bytes:
    """The one text of a snapshot: sorted keys, no blanks, UTF-8; equal content gives equal bytes.

    Raises ValueError for floats, whose text differs between machines: figures are whole numbers or text.
    """
    _refuse_floats(snapshot)
    return json.dumps(snapshot, sort_keys=True, ensure_ascii=False, separators=(",", ":")).encode()


def digest(snapshot: Snapshot) -> str:
    """SHA-256 of the canonical text, as 64 hexadecimal digits."""
    return hashlib.sha256(canonical(snapshot)).hexdigest()


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise ValueError("a snapshot holds no floats")
    parts: Iterable[Any] = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    for part in parts:
        _refuse_floats(part)


# ---- what moved since -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Moved:
    """A count that would be another today: of an employee (row) or of a line."""

    who: str
    line: str
    before: int
    now: int


def moved(frozen: Snapshot, live: Snapshot) -> list[Moved]:
    """Which direct counts a recount today would change; what was published stays as it is."""
    found = []
    before, now = _rows_by_employee(frozen), _rows_by_employee(live)
    for pk in sorted(before.keys() | now.keys()):
        old, new = (len(rows[pk]["direct"]) if pk in rows else 0 for rows in (before, now))
        if old != new:
            found.append(Moved((before.get(pk) or now[pk])["name"], "", old, new))
    for line in LINES:
        old, new = len(frozen["lines"][line]), len(live["lines"][line])
        if old != new:
            found.append(Moved("", line, old, new))
    return found


def _rows_by_employee(snapshot: Snapshot) -> dict[int, dict[str, Any]]:
    return {row["employee"]: row for row in snapshot["rows"]}
