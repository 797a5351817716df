"""The score of the archive: counted by night for a store and for its people, read by day; and the cards behind it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from django.db.models import BigIntegerField, Case, IntegerField, OuterRef, Q, QuerySet, Subquery, Value, When
from django.db.models.functions import Coalesce

from crm_site.accounts.models import Employee
from customers.care.items import Item, items
from customers.models import Customer, Delivery, OrderState, QualityFigure, RepairOrder
from customers.rules import quality as rules

#: (good, total) by employee (None: the whole store) and check
Counts = dict[tuple[int | None, str], tuple[int, int]]
#: ends the code of a graded check's row in per cent: good is the sum of the grades, total a hundred a card
PER_CENT = "%"
#: months of the trend
MONTHS = 13


def cards(store_ids: Iterable[int]) -> QuerySet[Customer]:
    """The cards that are judged: those that stand, are used and still name a person."""
    return Customer.objects.standing().filter(store_id__in=store_ids, restricted=False, anonymised_on=None)


# ---- whose customers ------------------------------------------------------------------------------------------------


def whose() -> Coalesce:
    """Whose customer a card is: its named owner; else who advised its latest visit; else who sold its latest car; else
    who made the card. NULL where nobody of these is known."""
    visits = RepairOrder.objects.filter(customer=OuterRef("pk"), service_advisor__isnull=False)
    visits = visits.exclude(state=OrderState.VOID).order_by("-checked_in_on", "-pk")
    sales = Delivery.objects.filter(customer=OuterRef("pk"), sales_consultant__isnull=False)
    return Coalesce(
        "keeper_id",
        Subquery(visits.values("service_advisor_id")[:1]),
        Subquery(sales.order_by("-delivered_on", "-pk").values("sales_consultant_id")[:1]),
        "created_by_id",
        output_field=BigIntegerField(),
    )


def of_employee(rows: QuerySet[Customer], employee: Employee) -> QuerySet[Customer]:
    """Those of the cards that are this employee's; only who has to do with them is asked whose they are."""
    visited = RepairOrder.objects.filter(store_id=employee.store_id, service_advisor=employee, customer__isnull=False)
    bought = Delivery.objects.filter(store_id=employee.store_id, sales_consultant=employee)
    touched = (
        Q(keeper=employee)
        | Q(created_by=employee)
        | Q(pk__in=visited.values("customer_id"))
        | Q(pk__in=bought.values("customer_id"))
    )
    return rows.filter(touched).annotate(whose=whose()).filter(whose=employee.pk)


# ---- counting -------------------------------------------------------------------------------------------------------


def count(store_id: int, ids: Sequence[int], today: date) -> Counts:
    """Count some cards of a store, by employee and for the whole store: one query for any number of cards."""
    checks = items()
    rows = cards([store_id]).filter(pk__in=ids).annotate(whose=whose())
    rows = rows.annotate(**{f"q_{item.code}": _verdict(item, today) for item in checks})
    graded = [item for item in checks if item.graded_by]
    codes = [item.code for item in checks] + [item.code + PER_CENT for item in graded]
    columns = [f"q_{item.code}" for item in checks] + [item.graded_by for item in graded]
    found: dict[tuple[int | None, str], list[int]] = defaultdict(lambda: [0, 0])
    for employee, *verdicts in rows.order_by().values_list("whose", *columns):
        for code, verdict in zip(codes, verdicts, strict=True):
            if verdict is not None:
                for key in {(None, code), (employee, code)}:
                    found[key][0] += verdict
                    found[key][1] += 1 if code[-1] != PER_CENT else 100
    return {key: (good, total) for key, (good, total) in found.items()}


def _verdict(item: Item, today: date) -> Case:
    """1 for a good card, 0 for one that fails, NULL for one that the check does not look at."""
    return Case(
        When(~item.looked_at(today) if item.looked_at(today) else Q(pk__in=()), then=Value(None)),
        When(item.failing(today), then=Value(0)),
        default=Value(1),
        output_field=IntegerField(),
    )


def add(sums: Counts, more: Counts) -> Counts:
    """Two counts as one."""
    for key, (good, total) in more.items():
        before = sums.get(key, (0, 0))
        sums[key] = (before[0] + good, before[1] + total)
    return sums


# ---- reading --------------------------------------------------------------------------------------------------------


@dataclass
class Standing:
    """What one night counted of a store or of an employee's customers: (good, total) by check."""

    day: date
    counts: dict[str, tuple[int, int]] = field(default_factory=dict)

    @property
    def score(self) -> Decimal | None:
        """The mean of the shares."""
        return rules.score(self._graded(code) for code in self.counts if code[-1] != PER_CENT)

    @property
    def n(self) -> int:
        """How many cards were judged: every check looks at no more, and the first looks at all."""
        return max((total for code, (_good, total) in self.counts.items() if code[-1] != PER_CENT), default=0)

    def share(self, code: str) -> Decimal | None:
        """Per cent of one check; None where it looked at nothing."""
        return rules.share(*self._graded(code))

    def _graded(self, code: str) -> tuple[int, int]:
        """What the share of a check is made of."""
        return self.counts.get(code + PER_CENT) or self.counts.get(code, (0, 0))

    def to_mend(self, code: str) -> int:
        """How many cards failed a check."""
        good, total = self.counts.get(code, (0, 0))
        return total - good


def latest(store_id: int) -> Standing | None:
    """The store as the last night counted it; None before the first night."""
    day = QualityFigure.objects.filter(store_id=store_id).order_by("-day").values_list("day", flat=True).first()
    return _of_days(store_id, [day])[0] if day else None


def trend(store_id: int, today: date) -> list[Standing]:
    """The last night of each month that has one, oldest first; two queries."""
    first = date(today.year - 1, today.month, 1)
    days = QualityFigure.objects.filter(store_id=store_id, employee=None, day__gte=first).values_list("day", flat=True)
    last = {(day.year, day.month): day for day in sorted(set(days.order_by("day").distinct()))}
    return _of_days(store_id, sorted(last.values()))[-MONTHS:]


def _of_days(store_id: int, days: Sequence[date]) -> list[Standing]:
    found = {day: Standing(day) for day in days}
    rows = QualityFigure.objects.filter(store_id=store_id, employee=None, day__in=days)
    for day, code, good, total in rows.values_list("day", "item", "good", "total"):
        found[day].counts[code] = (good, total)
    return list(found.values())


def people(store_id: int, day: date) -> list[tuple[Employee, Standing]]:
    """The employees with customers on a day, by score, the best first; one query."""
    rows = QualityFigure.objects.filter(store_id=store_id, day=day, employee__isnull=False).select_related("employee")
    found: dict[int, tuple[Employee, Standing]] = {}
    for row in rows:
        employee: Any = row.employee
        _employee, standing = found.setdefault(employee.pk, (employee, Standing(day)))
        standing.counts[row.item] = (row.good, row.total)
    return sorted(found.values(), key=lambda one: (-(one[1].score or 0), one[0].name, one[0].pk))
