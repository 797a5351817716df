"""The tables that pages ask for, by month, store, factor, item, member and employee; each cell equals its Figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crm_site.accounts.models import Employee
from crm_site.core.dates import month_of, months_between, parse_month
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.queries import raw
from satisfaction.queries.figures import mean_from
from satisfaction.queries.labels import TreeLine, tree_of
from satisfaction.queries.members import by_member, extras_by_member, factors_by_member, items_by_member, low_by_member
from satisfaction.queries.raw import by_month, by_store, extras, factors_by_month, items_by_month, low_items

__all__ = [
    "EmployeeLine",
    "TreeLine",
    "by_member",
    "by_month",
    "by_store",
    "employees",
    "extras",
    "extras_by_member",
    "factors_by_member",
    "factors_by_month",
    "items_by_member",
    "items_by_month",
    "low_by_member",
    "low_items",
    "tree_of",
]
NOTHING = rules.Mean(0, None)


@dataclass(frozen=True)
class EmployeeLine:
    """One employee in one part: the score now and in the period before, how many very satisfied, how many low."""

    employee: Employee
    part: str
    now: rules.Mean
    before: rules.Mean
    very_satisfied: rules.Rate
    low: int


def employees(scope: Scope) -> list[EmployeeLine]:
    """Everybody whose work the scope's months judge, best first, those with too few answers last.

    The score is the mean over responses of Σ(his items × weight) / Σ(weights of his answered items). Before: the same
    over as many months just before.
    """
    last = month_of(scope.last)
    months = len(list(months_between(scope.month, last)))
    rows = raw.employee_rows(scope.during(scope.month.shift(-months), last))
    found = _added_up(row for row in rows if parse_month(row["month"]) >= scope.month)
    before = _added_up(row for row in rows if parse_month(row["month"]) < scope.month)
    wishes = raw.very_satisfied_by_person(scope)
    people = Employee.objects.in_bulk({pk for pk, _part in found})
    lines = [
        EmployeeLine(
            employee=people[pk],
            part=part,
            now=mean_from(row),
            before=mean_from(before[pk, part]) if (pk, part) in before else NOTHING,
            very_satisfied=wishes.get((pk, part), rules.rate_of(0, 0)),
            low=row["low"],
        )
        for (pk, part), row in found.items()
    ]
    return sorted(lines, key=lambda one: (one.now.shown is None, -(one.now.shown or 0), one.employee.number))


def _added_up(rows: Iterable[dict[str, Any]]) -> dict[tuple[int, str], dict[str, Any]]:
    """The sums of some months by (employee, part)."""
    found: dict[tuple[int, str], dict[str, Any]] = {}
    for row in rows:
        one = found.setdefault((row["employee"], row["part"]), dict.fromkeys(("n", "total", "squares", "low"), 0))
        for name in one:
            one[name] += row[name] or 0
    return found
