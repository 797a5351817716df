"""Keeps the classes of customers as the rules say: at night of a whole store, at once of whom a call has touched."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import partial
from typing import Any

from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee, Store
from crm_site.core import clock
from crm_site.imports.chunks import in_one
from crm_site.jobs.actions import enqueue
from crm_site.jobs.kinds import described
from crm_site.jobs.models import Job
from crm_site.jobs.runner import Run
from customers import classing
from customers.actions import years
from customers.actions.classes import set_classes
from customers.models import Customer
from customers.rules import lifecycle, value
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE
from customers.rules.value import Ranking
from revisits.queries.loyalty import facts_of
from revisits.rules import loyalty

KIND = classing.JOB
#: customers of one transaction; SQLite has one writer, and people work meanwhile
CHUNK = 5_000
#: {scheme: numbers}
Definitions = Mapping[str, Mapping[str, int]]


@dataclass(frozen=True)
class Basis:
    """What the classes of one store and day are reckoned from, read once for all its customers."""

    store_id: int
    today: date
    numbers: Definitions
    amounts: Mapping[int, Decimal]
    ranking: Ranking

    @classmethod
    def of(cls, store_id: int, today: date, numbers: Definitions | None = None) -> Basis:
        """By the numbers that hold in the store, or by others to see what they would do. Two queries."""
        amounts = classing.brought(store_id, today)
        return cls(store_id, today, numbers or classing.numbers_of(store_id), amounts, Ranking(amounts.values()))


@dataclass(frozen=True)
class Found:
    """{customer: what was found} for each scheme."""

    loyalty: dict[int, loyalty.Found]
    lifecycle: dict[int, lifecycle.Found]
    value: dict[int, value.Found]


def found_for(basis: Basis, customer_ids: list[int]) -> Found:
    """The classes of some customers in every scheme, by a fixed number of queries; writes nothing."""
    cars = classing.Cars(basis.store_id, set(customer_ids), basis.today)
    kind = _loyalty(basis.store_id, customer_ids, basis.today, basis.numbers)
    worth = classing.worth_of(customer_ids, cars, basis.amounts, {pk: one.loyalty_class for pk, one in kind.items()})
    by = basis.numbers[VALUE]
    return Found(
        kind,
        _lifecycle(customer_ids, cars, basis.today, basis.numbers),
        {pk: value.classify(one, basis.ranking, by, basis.today) for pk, one in worth.items()},
    )


def _loyalty(store_id: int, ids: list[int], today: date, numbers: Definitions) -> dict[int, loyalty.Found]:
    by = numbers[LOYALTY]
    facts = facts_of(store_id, ids, today, by["sore_months"])
    return {pk: loyalty.classify(one, today, by) for pk, one in facts.items()}


def _lifecycle(ids: list[int], cars: classing.Cars, today: date, numbers: Definitions) -> dict[int, lifecycle.Found]:
    facts = classing.life_of(ids, cars)
    return {pk: lifecycle.classify(one, numbers[LIFECYCLE], today) for pk, one in facts.items()}


def refresh(store_id: int, customer_ids: list[int], today: date) -> int:
    """Reckon anew what a call may have moved, loyalty and lifecycle; gives how many moved. Queries for any number.

    The value class looks at everybody's contribution and is reckoned at night.
    """
    numbers = classing.numbers_of(store_id)
    moved = set_classes(store_id, LOYALTY, _loyalty(store_id, customer_ids, today, numbers), on=today)
    cars = classing.Cars(store_id, set(customer_ids), today)
    return moved + set_classes(store_id, LIFECYCLE, _lifecycle(customer_ids, cars, today, numbers), on=today)


def reckon(basis: Basis, customer_ids: list[int], of_years: list[int]) -> dict[str, int]:
    """Put some customers of a store into their classes of every scheme, and keep their years; gives how many moved."""
    found = found_for(basis, customer_ids)
    each: tuple[tuple[str, Mapping[int, Any]], ...] = (
        (LOYALTY, found.loyalty), (LIFECYCLE, found.lifecycle), (VALUE, found.value),
    )  # fmt: skip
    moved = {scheme: set_classes(basis.store_id, scheme, some, on=basis.today) for scheme, some in each}
    classes = dict(Customer.objects.filter(pk__in=customer_ids).order_by().values_list("pk", "value_class"))
    years.keep_years(basis.store_id, customer_ids, of_years, basis.today, classes)
    return moved


def ask_for_classes(today: date) -> int:
    """Ask for a day's reckoning of every active store; the key makes it once a day."""
    stores = Store.objects.filter(is_active=True)
    for store in stores:
        _ask(store, str(today), None)
    return len(stores)


def ask_now(store: Store, by: Employee) -> Job:
    """Ask for a reckoning at once, as after a change of the numbers; runs behind one that is under way."""
    return _ask(store, f"{clock.now():%Y-%m-%dT%H:%M:%S}", by)


def _ask(store: Store, moment: str, by: Employee | None) -> Job:
    lane = f"classes:{store.pk}"
    return enqueue(KIND, f"{store.code}:{moment}", store=store, payload={"store": store.pk}, lane=lane, by=by)


@described(_("Class the customers"), {"years": _("adding up contributions"), "customers": _("classing customers")})
def class_customers(job: Job, run: Run) -> dict[str, Any]:
    """Reckon the classes of every customer of a store; payload {"store": id}. Safe to run again."""
    store_id, today = job.payload["store"], clock.today()
    rows = Customer.objects.standing().filter(store_id=store_id).order_by("pk").values_list("pk", flat=True)
    total, last, done = rows.count(), 0, 0
    run.progress(0, total, "years")
    in_one(run, partial(years.forget_merged, store_id))
    basis, of_years = Basis.of(store_id, today), years.years_to_reckon(store_id, today)
    moved = dict.fromkeys(basis.numbers, 0)
    while ids := list(rows.filter(pk__gt=last)[:CHUNK]):
        for scheme, count in in_one(run, partial(reckon, basis, ids, of_years)).items():
            moved[scheme] += count
        last, done = ids[-1], done + len(ids)
        run.progress(done, max(done, total), "customers")
    return {"customers": done, "moved": sum(moved.values()), "by_scheme": moved, "years": of_years}
