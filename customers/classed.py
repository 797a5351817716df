"""Reads of the classes of a store: how many stand where, who moved, who fell, whom to win back."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, Exists, F, Max, OuterRef, QuerySet, Subquery, Sum, Window
from django.db.models.functions import Rank

from crm_site.core.dates import Month, add_months
from crm_site.jobs.models import Job
from customers.classing import JOB
from customers.models import ClassChange, Customer, Lifecycle, RepairOrder, ValueClass, YearValue
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE

#: scheme -> column of the card
COLUMNS = {LOYALTY: "loyalty_class", VALUE: "value_class", LIFECYCLE: "lifecycle"}
POTENTIAL = "potential"
#: classes whose loss weighs
IMPORTANT = (ValueClass.GOLD, ValueClass.A)
#: years in which somebody must have been important
LOOK_BACK = 3


def counts(user: Any, store_id: int) -> dict[str, Counter[str]]:
    """{scheme: {class: customers}} of a store, and of the potential; one query."""
    names = [*COLUMNS.values(), POTENTIAL]
    rows = Customer.objects.visible_to(user).filter(store_id=store_id).order_by().values_list(*names)
    found: dict[str, Counter[str]] = {scheme: Counter() for scheme in [*COLUMNS, POTENTIAL]}
    for *codes, number in rows.annotate(number=Count("pk")):
        for scheme, code in zip(found, codes, strict=True):
            found[scheme][code] += number
    return found


def last_reckoned(store_id: int) -> Job | None:
    """The last reckoning of a store's classes that was carried out, or the first that is under way."""
    return Job.objects.filter(kind=JOB, store_id=store_id).order_by("-pk").first()


# ---- who moved -------------------------------------------------------------------------------------------------------


def moves(user: Any, store_id: int, scheme: str, month: Month) -> QuerySet[ClassChange]:
    """The moves of a store between the classes of a scheme in one month, of cards that the user may see."""
    rows = ClassChange.objects.filter(store_id=store_id, scheme=scheme)
    rows = rows.filter(changed_on__gte=month.start, changed_on__lt=month.shift(1).start)
    return rows.filter(customer__in=Customer.objects.visible_to(user))


def matrix(rows: QuerySet[ClassChange]) -> dict[tuple[str, str], int]:
    """{(class before, class after): moves}."""
    found = rows.order_by().values_list("before", "after").annotate(number=Count("pk"))
    return {(before, after): number for before, after, number in found}


# ---- leaving and lost ------------------------------------------------------------------------------------------------


def leaving(user: Any, store_id: int, stage: str) -> QuerySet[Customer]:
    """Those at risk or lost in a store, as `stage` says; the index is made for their order."""
    return Customer.objects.visible_to(user).filter(store_id=store_id, lifecycle=stage)


def lost_important(user: Any, store_id: int, today: date, years: int = 2) -> QuerySet[Customer]:
    """Customers who were gold or A at the end of one of the last years, and were lost within two years."""
    weighty = _years(today)
    rows = leaving(user, store_id, Lifecycle.LOST).filter(lifecycle_since__gt=add_months(today, -12 * years))
    return rows.filter(Exists(weighty.filter(value_class__in=IMPORTANT)))


def _years(today: date) -> QuerySet[YearValue]:
    return YearValue.objects.filter(customer=OuterRef("pk"), year__gte=today.year - LOOK_BACK)


def with_best(rows: QuerySet[Customer], today: date) -> QuerySet[Customer]:
    """Customers with `best`, the greatest amount of the last years; for one page, as each row asks for its own."""
    best = _years(today).order_by().values("customer").annotate(best=Max("amount")).values("best")
    return rows.annotate(best=Subquery(best))


# ---- who fell --------------------------------------------------------------------------------------------------------


class Fallen(NamedTuple):
    """One of last year's top customers: the places and amounts of both years, and of the same stretch of last year."""

    customer: Customer
    place_then: int
    amount_then: Decimal
    #: what had been brought by the same day of last year
    same_then: Decimal
    place_now: int | None
    amount_now: Decimal

    @property
    def change(self) -> int | None:
        """Per cent against the same stretch of last year, negative for less; None where that was nothing."""
        if not self.same_then:
            return None
        return int(((self.amount_now - self.same_then) * 100 / self.same_then).to_integral_value())


def fallen(user: Any, store_id: int, today: date, top: int, fell: int) -> list[Fallen]:
    """Of the `top` customers of last year those who brought at least `fell` per cent less by the same day this year.

    In the order of their places then. Six queries: the places come from the index (store, year, amount).
    """
    before = YearValue.objects.filter(store_id=store_id, year=today.year - 1, amount__gt=0)
    best = list(before.order_by("-amount", "customer_id").values_list("customer_id", "amount")[:top])
    ids = [pk for pk, _amount in best]
    people = Customer.objects.visible_to(user).select_related("store").in_bulk(ids)
    now, same = _now(store_id, today.year, ids), _by_same_day(ids, today)
    found = []
    for place, (pk, amount) in enumerate(best, 1):
        if pk not in people:
            continue
        place_now, amount_now = now.get(pk, (None, Decimal(0)))
        line = Fallen(people[pk], place, amount, same.get(pk, Decimal(0)), place_now, amount_now)
        if line.change is not None and line.change <= -fell:
            found.append(line)
    return found


def _now(store_id: int, year: int, ids: Collection[int]) -> dict[int, tuple[int, Decimal]]:
    """{customer: (place, amount)} of a year; equal amounts share the better place."""
    rows = YearValue.objects.filter(store_id=store_id, year=year)
    placed = rows.annotate(place=Window(Rank(), order_by=F("amount").desc())).filter(customer__in=ids)
    return {pk: (place, amount) for pk, place, amount in placed.values_list("customer_id", "place", "amount")}


def _by_same_day(ids: Collection[int], today: date) -> dict[int, Decimal]:
    """What customers had brought in last year by the same day."""
    first, last = date(today.year - 1, 1, 1), add_months(today, -12)
    rows = RepairOrder.objects.earning().filter(customer__in=ids, released_on__range=(first, last)).order_by()
    sums = rows.values_list("customer").annotate(total=Sum("total_fee"))
    return {pk: Decimal(total or 0).quantize(Decimal("0.01")) for pk, total in sums}


def years_of(customer_ids: Iterable[int], years: Collection[int]) -> dict[int, dict[int, YearValue]]:
    """{customer: {year: what it brought}} of some customers."""
    found: dict[int, dict[int, YearValue]] = {}
    for row in YearValue.objects.filter(customer__in=list(customer_ids), year__in=years):
        found.setdefault(row.customer_id, {})[row.year] = row
    return found
