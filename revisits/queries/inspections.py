"""Reads of 回访抽检: what was drawn and found by caller and week, the open ones first, and what is strong or weak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from django.db.models import Avg, Count, Q, QuerySet

from crm_site.accounts.models import Employee
from revisits.models import Inspection, InspectionItem
from revisits.rules.inspection import PASSES_AT

#: so many weeks back can be chosen, and make up "all"
WEEKS = 12
#: lines at or above the first are 优势项目, below the second 劣势项目
STRONG, WEAK = Decimal(90), Decimal(80)
#: fewer marks of a line than that say nothing about it
ENOUGH = 3
OPEN, DONE = "open", "done"
#: as a week: all that can be chosen; as a part: open and done
ALL_WEEKS = "all"
_TENTH = Decimal("0.1")


@dataclass(frozen=True)
class CallerWeek:
    """One caller's inspections of a period."""

    caller: Employee
    drawn: int
    done: int
    #: mean of those that got a score; None without any
    mean: Decimal | None
    scored: int
    passed: int
    false: int

    @property
    def open(self) -> int:
        """Those that nobody has looked at yet."""
        return self.drawn - self.done


@dataclass(frozen=True)
class Line:
    """How one line of the sheet is kept: per cent of its points over all inspections that judged it."""

    item: InspectionItem
    mean: Decimal | None
    n: int
    by_caller: Mapping[int, Decimal]

    @property
    def standing(self) -> str:
        """ "strong", "weak" or "" in between and where too few were judged."""
        if self.mean is None or self.n < ENOUGH:
            return ""
        return "strong" if self.mean >= STRONG else "weak" if self.mean < WEAK else ""


def of_weeks(stores: Iterable[int], first: date, last: date, caller_id: int | None = None) -> QuerySet[Inspection]:
    """The inspections drawn for the weeks that begin first…last (Mondays)."""
    rows = Inspection.objects.filter(store_id__in=list(stores), week__range=(first, last))
    return rows.filter(caller_id=caller_id) if caller_id else rows


def shown(rows: QuerySet[Inspection], show: str) -> QuerySet[Inspection]:
    """Only the open or only the finished ones; all for anything else."""
    return rows.filter(inspected_at__isnull=show == OPEN) if show in (OPEN, DONE) else rows


def loaded(rows: QuerySet[Inspection]) -> QuerySet[Inspection]:
    """With what a list shows of each: call, customer, rule, result, people."""
    return rows.select_related(
        "caller", "inspector", "store", "attempt__result", "attempt__revisit__rule", "attempt__revisit__customer",
        "attempt__response",
    )  # fmt: skip


def by_caller(rows: QuerySet[Inspection]) -> list[CallerWeek]:
    """Drawn, done, mean and passed by caller, the most open ones first; two queries."""
    done = Q(inspected_at__isnull=False)
    found = {
        row["caller"]: row
        for row in rows.order_by().values("caller").annotate(
            drawn=Count("pk"), done=Count("pk", filter=done), mean=Avg("score"), scored=Count("score"),
            passed=Count("pk", filter=Q(score__gte=PASSES_AT)), false=Count("pk", filter=Q(verdict="false")),
        )
    }  # fmt: skip
    people = Employee.objects.in_bulk(found)
    lines = [_caller_week(people[pk], row) for pk, row in found.items()]
    return sorted(lines, key=lambda line: (-line.open, line.caller.number))


def _caller_week(caller: Employee, row: Mapping[str, Any]) -> CallerWeek:
    mean = None if row["mean"] is None else _rounded(Decimal(str(row["mean"])))
    return CallerWeek(caller, row["drawn"], row["done"], mean, row["scored"], row["passed"], row["false"])


def lines(rows: QuerySet[Inspection], sheet: Sequence[InspectionItem]) -> list[Line]:
    """Each line of the sheet with its mean per cent, of all and by caller; one query."""
    given: dict[str, dict[int, list[Decimal]]] = defaultdict(lambda: defaultdict(list))
    for caller_id, marks in rows.filter(inspected_at__isnull=False).values_list("caller_id", "marks"):
        for code, mark in marks.items():
            if mark["of"]:
                given[code][caller_id].append(Decimal(100 * mark["points"]) / mark["of"])
    return [_line(item, given[item.code]) for item in sheet]


def _line(item: InspectionItem, given: Mapping[int, list[Decimal]]) -> Line:
    everybody = [one for marks in given.values() for one in marks]
    means = {caller: _rounded(_mean(marks)) for caller, marks in given.items()}
    return Line(item, _rounded(_mean(everybody)) if everybody else None, len(everybody), means)


def measures(rows: QuerySet[Inspection]) -> QuerySet[Inspection]:
    """The inspections that led to a measure, the one due first on top."""
    return rows.exclude(measure="").select_related("responsible", "caller").order_by("measure_due_on", "pk")


def own(employee_ids: Sequence[int]) -> QuerySet[Inspection]:
    """The finished inspections of one person's calls, newest first; what is still open stays unsaid."""
    return Inspection.objects.filter(caller_id__in=employee_ids, inspected_at__isnull=False)


def weeks(today: date) -> list[date]:
    """The Mondays that can be chosen, the running week first."""
    monday = today - timedelta(days=today.weekday())
    return [monday - timedelta(weeks=back) for back in range(WEEKS)]


def _mean(values: Sequence[Decimal]) -> Decimal:
    return sum(values, Decimal(0)) / len(values)


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(_TENTH, ROUND_HALF_UP)
