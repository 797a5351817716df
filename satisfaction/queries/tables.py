"""The tables that pages ask for, by month, store, factor, item, member and employee; each cell equals its Figure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from crm_site.accounts.models import Employee
from crm_site.core.dates import Month, month_of, months_between, parse_month
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.models import Dimension
from satisfaction.queries import members, raw, summed
from satisfaction.queries.axis import axis_of
from satisfaction.queries.figures import mean_from
from satisfaction.queries.labels import TreeLine, tree_of
from satisfaction.queries.members import Means, Scores
from satisfaction.queries.summaries import are_built, can_answer

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
    "scores_by_member",
    "tree_of",
]
NOTHING = rules.Mean(0, None)
#: the filters that leave out responses, so that the sums of all that count do not say the extras
_NARROWING = ("question", "factor")


def by_month(scope: Scope) -> dict[Month, rules.Mean]:
    """The period score of every month in the scope that has a response."""
    return (summed if _is_summed(scope) else raw).by_month(scope)


def by_store(scope: Scope) -> dict[int, rules.Mean]:
    """The period score of every store of the scope that has a response."""
    return (summed if _is_summed(scope) else raw).by_store(scope)


def factors_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """The mean of every factor in every month, by (factor code, month)."""
    return (summed if _is_summed(scope) and not _is_narrowed(scope) else raw).factors_by_month(scope)


def items_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """The mean of every weighted item in every month, by (question code, month)."""
    return (summed if _are_items_summed(scope) else raw).items_by_month(scope)


def extras(scope: Scope) -> dict[str, rules.Mean | rules.Rate]:
    """The figures that read unweighted questions, by their code: very satisfied, NPS, loyalty, execution."""
    return (summed if _is_summed(scope) and not _is_narrowed(scope) else raw).extras(scope)


def low_items(scope: Scope) -> dict[str, int]:
    """How many low answers each item has, by question code."""
    return (summed if _are_items_summed(scope) else raw).low_items(scope)


def by_member(scope: Scope, dimension: str) -> dict[str, rules.Mean]:
    """The period score of every member of a dimension (see `members`) with a response."""
    return (summed if _is_summed(scope, dimension) else members).by_member(scope, dimension)


def factors_by_member(scope: Scope, dimension: str) -> Means:
    """The mean of every factor for every member, by (factor code, member)."""
    use_sums = _is_summed(scope, dimension) and not _is_narrowed(scope)
    return (summed if use_sums else members).factors_by_member(scope, dimension)


def items_by_member(scope: Scope, dimension: str) -> Means:
    """The mean of every weighted item for every member, by (question code, member)."""
    return (summed if _are_items_summed(scope, dimension) else members).items_by_member(scope, dimension)


def extras_by_member(scope: Scope, dimension: str) -> dict[str, dict[str, rules.Mean | rules.Rate]]:
    """Very satisfied, NPS, loyalty and execution of the responses that count for each member, by member and code."""
    use_sums = _is_summed(scope, dimension) and not _is_narrowed(scope)
    return (summed if use_sums else members).extras_by_member(scope, dimension)


def low_by_member(scope: Scope, dimension: str) -> dict[str, int]:
    """How many responses with a low answer each member has; of a department, low in its own items."""
    use_sums = _is_summed(scope, dimension) and not _is_narrowed(scope)
    return (summed if use_sums else members).low_by_member(scope, dimension)


def scores_by_member(scope: Scope, dimension: str) -> Scores:
    """`by_member` and `low_by_member`, read at once where that is possible."""
    if not _is_summed(scope, dimension):
        return members.scores_by_member(scope, dimension)
    lows = members if _is_narrowed(scope) else summed
    return summed.by_member(scope, dimension), lows.low_by_member(scope, dimension)


def _is_summed(scope: Scope, dimension: str = "") -> bool:
    """Whether the sums say the scores of a scope and are built."""
    return can_answer(scope, dimension) and are_built(scope.stores)


def _are_items_summed(scope: Scope, dimension: str = "") -> bool:
    """Whether the sums say the items of a scope; an item judges one department, so several may be seen together."""
    return not _is_narrowed(scope) and axis_of(scope, dimension) is not None and are_built(scope.stores)


def _is_narrowed(scope: Scope) -> bool:
    return any(scope.get(name) for name in _NARROWING)


# ---- people ---------------------------------------------------------------------------------------------------------


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
    source = summed if _is_summed(scope, Dimension.EMPLOYEE) and not _is_narrowed(scope) else raw
    rows = source.employee_rows(scope.during(scope.month.shift(-months), last))
    found = _added_up(row for row in rows if parse_month(row["month"]) >= scope.month)
    before = _added_up(row for row in rows if parse_month(row["month"]) < scope.month)
    wishes = source.very_satisfied_by_person(scope)
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
