"""The tables that pages ask for, by month, store, factor, item, member and employee; each cell equals its Figure."""

from __future__ import annotations

from dataclasses import dataclass

from crm_site.accounts.models import Employee
from crm_site.core.dates import parse_month
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.queries import raw
from satisfaction.queries.figures import mean_from
from satisfaction.queries.labels import TreeLine, tree_of
from satisfaction.queries.members import by_member, extras_by_member, factors_by_member, items_by_member
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
    "low_items",
    "tree_of",
]
NOTHING = rules.Mean(0, None)


@dataclass(frozen=True)
class EmployeeLine:
    """One employee in one part: the score now and in the month before, how many very satisfied, how many low."""

    employee: Employee
    part: str
    now: rules.Mean
    before: rules.Mean
    very_satisfied: rules.Rate
    low: int


def employees(scope: Scope) -> list[EmployeeLine]:
    """Everybody whose work the scope's month judges, best first, those with too few answers last.

    The score is the mean over responses of Σ(his items × weight) / Σ(weights of his answered items).
    """
    month = scope.month
    rows = raw.employee_rows(scope.during(month.shift(-1), month))
    found = {(row["employee"], row["part"], parse_month(row["month"])): row for row in rows}
    wishes = raw.very_satisfied_by_person(scope)
    people = Employee.objects.in_bulk({pk for pk, _part, at in found if at == month})
    lines = [
        EmployeeLine(
            employee=people[pk],
            part=part,
            now=mean_from(row),
            before=mean_from(found[pk, part, month.shift(-1)]) if (pk, part, month.shift(-1)) in found else NOTHING,
            very_satisfied=wishes.get((pk, part), rules.rate_of(0, 0)),
            low=row["low"],
        )
        for (pk, part, at), row in found.items()
        if at == month
    ]
    return sorted(lines, key=lambda one: (one.now.shown is None, -(one.now.shown or 0), one.employee.number))
