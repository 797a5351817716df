"""How the month's report counts: series of posts, rates, the sum that must come out even, the frozen text."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

#: what the layout of a snapshot is called; `reading` brings older ones to this one's shape
FORMAT = 2

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
#: a complaint that is closed counts as solved at once when it neither is reopened nor comes back within so many days
SOLVED_DAYS = 30
#: a complaint repeats one on the same matter that was received at most so many days before it (a store may set another)
REPEAT_DAYS = 90
#: what is decided later is made up for in the months after, so many months back
ADJUST_BACK = 12

Snapshot = dict[str, Any]


def series_of(post: str) -> str:
    """The series that a post stands in; '' (no post known) and all others are “other”."""
    return _SERIES_OF_POST.get(post, OTHER)


def per_hundred(count: int, visits: int) -> Decimal | None:
    """Complaints for every hundred visits, two decimals; None with fewer than 30 visits."""
    if visits < ENOUGH_VISITS:
        return None
    return (Decimal(count) * 100 / visits).quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)


# ---- the sum --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Sum:
    """Σ employees + lines = store = company: the parts, the totals counted apart from them, and whether they agree."""

    employees: int
    lines: Mapping[str, int]
    total: int
    company: int
    is_even: bool

    def as_json(self) -> dict[str, Any]:
        """As it stands in a snapshot, so that lists of months need not read the whole of it."""
        return {
            "employees": self.employees,
            "lines": dict(self.lines),
            "total": self.total,
            "company": self.company,
            "is_even": self.is_even,
        }


def sum_of(snapshot: Snapshot) -> Sum:
    """Add up a snapshot: every complaint stands in exactly one row or line, and together they are the store's total.

    `company` is the store's part of the company's count; a snapshot of the first format has none of its own.
    """
    rows = [pk for row in snapshot["rows"] for pk in row["direct"]]
    lines = {line: snapshot["lines"][line] for line in LINES}
    listed = [*rows, *(pk for tickets in lines.values() for pk in tickets)]
    company: int = snapshot["company"] if "company" in snapshot else snapshot["total"]
    is_even = len(listed) == len(set(listed)) == snapshot["total"] == company
    return Sum(len(rows), {line: len(tickets) for line, tickets in lines.items()}, snapshot["total"], company, is_even)


def version_of(snapshot: Snapshot) -> str:
    """规则版本: the format and the fingerprint of the rules it was counted by; '' for the first format."""
    counted_by = snapshot.get("rules")
    return f"R{snapshot['format']}-{digest(counted_by)[:8]}" if counted_by else ""


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
