"""Fills stores with as many cars, customers and facts as a measurement wants, straight through the bulk door."""

from __future__ import annotations

import random
import uuid
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from itertools import repeat
from typing import Any

from django.db import connection, models

#: facts are spread over so many days
DELIVERY_DAYS, ORDER_DAYS = 1_460, 540
ORDERS_A_CAR = 2
YEAR = 365


@dataclass
class Seed:
    """What was written, by what a measurement asks for afterwards."""

    stores: list[Any]
    specialists: list[Any] = field(default_factory=list)
    vehicles: int = 0

    @property
    def facts(self) -> int:
        """Deliveries and repair orders."""
        return self.vehicles * (1 + ORDERS_A_CAR)


def fill(*, vehicles: int, stores: int, today: date, now: datetime, live_days: int) -> Seed:
    """So many cars, each with an owner who has a number, one delivery and two orders; live since `live_days` days."""
    from crm_site.accounts.models import Store
    from crm_site.worktime.models import DeskRota

    rows = [
        Store.objects.create(
            code=f"B{number}",
            name=f"店{number}",
            short_name=f"店{number}",
            go_live_on=today - timedelta(days=live_days),
        )
        for number in range(1, stores + 1)
    ]
    DeskRota.objects.bulk_create(DeskRota(store=store, weekday=day) for store in rows for day in range(7))
    _archive(vehicles, rows, today, now)
    _visits(vehicles, rows, today)
    for model in ("customers.Customer", "customers.Vehicle", "customers.RepairOrder", "customers.Delivery"):
        _go_on_counting(model)
    analyse()
    return Seed(rows, vehicles=vehicles)


def analyse() -> None:
    """Let the engine's planner know the tables as they are."""
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")


def load(model: type[models.Model], fixed: dict[str, Any], names: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
    """Write rows of one model: `names` differ by row, everything else is `fixed` or the model's default."""
    from crm_site.core import sql

    plain = model(**fixed)
    others = [one for one in model._meta.concrete_fields if one.name not in names and not one.primary_key]
    same = tuple(getattr(plain, one.attname) for one in others)
    columns = [*names, *(one.name for one in others)]
    sql.load_rows(model, columns, ((*row, *same) for row in rows))


def _archive(count: int, stores: Sequence[Any], today: date, now: datetime) -> None:
    from customers.models import Customer, Phone, Vehicle, VehicleRole

    at = {number: stores[number % len(stores)].pk for number in range(len(stores))}
    numbers = range(1, count + 1)
    place = [at[number % len(stores)] for number in numbers]
    load(
        Customer, {"created_at": now}, ("id", "store", "name"),
        ((number, place[number - 1], f"客户{number}") for number in numbers),
    )  # fmt: skip
    load(
        Phone, {}, ("store", "customer", "number"),
        ((place[number - 1], number, f"139{number:08d}") for number in numbers),
    )  # fmt: skip
    days = ("first_service_on", "next_maintenance_on", "last_visit_on", "last_seen_on", "insurance_until")
    names = ("id", "store", "vin", "plate_no", "power", *days, "inspection_due_on", "warranty_until")
    load(
        Vehicle, {"created_at": now, "series": "E5", "last_mileage_km": 20_000}, names,
        (_car(number, place[number - 1], today) for number in numbers),
    )  # fmt: skip
    load(
        VehicleRole, {"role": "owner"}, ("store", "vehicle", "customer"),
        ((place[number - 1], number, number) for number in numbers),
    )  # fmt: skip


def _car(number: int, store_id: int, today: date) -> tuple[Any, ...]:
    sold = delivered_on(number, today)
    seen = max(released_on(number, visit, today) for visit in range(ORDERS_A_CAR))
    insured = today + timedelta(days=number * 31 % YEAR - 20)
    return (
        number, store_id, f"LBENCH{number:011d}", f"京A{number:06d}", ("fuel", "ev")[number % 2],
        sold + timedelta(days=180), seen + timedelta(days=180), seen, max(seen, sold), insured,
        today + timedelta(days=number * 17 % (2 * YEAR) - 60), sold + timedelta(days=3 * YEAR),
    )  # fmt: skip


def _visits(count: int, stores: Sequence[Any], today: date) -> None:
    from customers.models import Delivery, RepairOrder

    numbers = range(1, count + 1)
    place = [store.pk for store in stores]
    load(
        Delivery, {}, ("store", "vehicle", "customer", "delivered_on", "recorded_on"),
        (
            (place[number % len(place)], number, number, day, day)
            for number in numbers for day in [delivered_on(number, today)]
        ),
    )  # fmt: skip
    names = ("store", "order_number", "vehicle", "customer", "checked_in_on", "settled_on", "handed_back_on")
    load(
        RepairOrder, {"job_type": "scheduled"}, (*names, "released_on", "recorded_on", "mileage_km"),
        (row for number in numbers for row in _orders(number, place[number % len(place)], today)),
    )  # fmt: skip


def _orders(number: int, store_id: int, today: date) -> Iterator[tuple[Any, ...]]:
    for visit in range(ORDERS_A_CAR):
        day = released_on(number, visit, today)
        yield (store_id, f"RO{number}-{visit}", number, number, *repeat(day, 5), 10_000 * (visit + 1))


def delivered_on(number: int, today: date) -> date:
    """The day on which a car was delivered, spread evenly up to today."""
    return today - timedelta(days=number * 7_919 % DELIVERY_DAYS)


def released_on(number: int, visit: int, today: date) -> date:
    """The day of a car's n-th visit, spread evenly up to today."""
    return today - timedelta(days=(number * 104_729 + visit * 271) % ORDER_DAYS)


def _go_on_counting(label: str) -> None:
    """Let new rows get keys behind those that were given; SQLite does so by itself."""
    from django.apps import apps
    from django.core.management.color import no_style

    model = apps.get_model(label)
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), [model]):
            cursor.execute(statement)


# ---- a desk at work --------------------------------------------------------------------------------------------------


def specialists(seed: Seed, count: int, password: str) -> None:
    """Sign-ins for callers, spread over the stores."""
    from crm_site.accounts.models import Employee, Membership, User

    for number in range(count):
        store = seed.stores[number % len(seed.stores)]
        user = User(username=f"bench{number}", name=f"专员{number}")
        user.set_password(password)
        user.save()
        Membership.objects.create(user=user, store=store, role="specialist")
        seed.specialists.append(Employee.objects.create(store=store, number=f"S{number}", name=user.name, user=user))


def past_calls(seed: Seed, count: int, *, today: date, now: datetime) -> None:
    """Calls that were made long ago: done tasks of orders, each with one attempt of a caller of the store."""
    from revisits.models import CallAttempt, CallResult, Revisit

    done = CallResult.objects.get(code="SUCCESS", store=None)
    told = list(_tasks(count, today))
    fixed = {"state": "done", "created_at": now, "ended_at": now, "last_result": done}
    load(Revisit, _rule() | fixed, _TASK, told)
    callers = {store.pk: [one.pk for one in seed.specialists if one.store_id == store.pk] for store in seed.stores}
    dice = random.Random(5)
    load(
        CallAttempt, {"result": done, "channel": "phone", "started_at": now, "ended_at": now},
        ("store", "revisit", "by", "called_on", "submission"),
        ((row[1], row[0], dice.choice(callers[row[1]]), row[-2], uuid.UUID(int=row[0])) for row in told),
    )  # fmt: skip
    _go_on_counting("revisits.Revisit")
    _go_on_counting("revisits.CallAttempt")


_TASK = (
    "id", "store", "anchor_key", "anchor_on", "repair_order", "vehicle", "customer", "phone", "due_on", "expires_on",
)  # fmt: skip


def _rule() -> dict[str, Any]:
    from revisits.models import RevisitRule
    from satisfaction.models import QuestionnaireVersion

    rule = RevisitRule.objects.get(code="SVC_D3", store=None)
    form = QuestionnaireVersion.objects.published().get(questionnaire__code="CSI_SHORT")
    version = rule.versions.get()
    return {"rule": rule, "rule_version": version, "priority": rule.priority, "questionnaire_version": form}


def _tasks(count: int, today: date) -> Iterator[tuple[Any, ...]]:
    """Tasks of so many orders older than two months; a car's owner and number have its key."""
    from customers.models import RepairOrder

    orders = RepairOrder.objects.filter(released_on__lt=today - timedelta(days=60)).order_by("pk")[:count]
    rows = orders.values_list("pk", "store_id", "vehicle_id", "released_on")
    for key, (pk, store_id, car, day) in enumerate(rows, start=1):
        due_on = day + timedelta(days=3)
        yield (key, store_id, f"order:{pk}", day, pk, car, car, car, due_on, due_on + timedelta(days=2))


def due_calls(count: int, *, today: date, now: datetime) -> None:
    """So many calls due today, of the newest orders, one of each car (its owner is called once), over the stores.

    Not of cars whose owners were called lately: those calls would be held back.
    """
    from customers.models import RepairOrder
    from revisits.models import CallAttempt, Revisit

    calls = CallAttempt.objects.filter(called_on__gte=today - timedelta(days=30), revisit__vehicle__isnull=False)
    lately = calls.values("revisit__vehicle")
    orders = RepairOrder.objects.filter(order_number__endswith="-0").exclude(vehicle__in=lately).order_by("-pk")
    rows = orders.values_list("pk", "store_id", "vehicle_id")[:count]
    told = (
        (store_id, f"order:{pk}:again:{uuid.uuid4().hex[:8]}", today, pk, car, car, car, today, today)
        for pk, store_id, car in rows
    )
    load(Revisit, _rule() | {"state": "due", "created_at": now}, _TASK[1:], told)


def tickets(seed: Seed, count: int, *, today: date, now: datetime) -> None:
    """Tickets that were closed, one of every so many customers."""
    from complaints.models import Complaint

    fixed = {"kind": "complaint", "source": "phone", "state": "closed", "words": "空调异响", "received_at": now}
    names = ("store", "number", "customer", "vehicle", "received_on", "submission", "reported_by")
    by = {store.pk: next(one.pk for one in seed.specialists if one.store_id == store.pk) for store in seed.stores}
    step = max(1, seed.vehicles // count)
    place = [store.pk for store in seed.stores]
    cars = range(step, seed.vehicles + 1, step)
    load(
        Complaint, fixed | {"closed_at": now, "closing_due_at": now}, names,
        (
            (store_id, f"T{car}", car, car, today - timedelta(days=car % YEAR), uuid.UUID(int=car), by[store_id])
            for car in cars for store_id in [place[car % len(place)]]
        ),
    )  # fmt: skip
