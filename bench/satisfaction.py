"""Satisfaction on a million responses of eight answers: pages read from the sums, beside adding up the raw answers.

`RESPONSES=50000 make bench-satisfaction` measures less. Each page is asked by a manager of one store and by a director
of twenty. "raw" is the same table of figures made from the answers in the same run; the sums must be 20 times as fast.
"""

from __future__ import annotations

import os
import statistics
import sys
import time
import uuid
from collections.abc import Callable
from functools import partial
from typing import Any

from bench import _answers
from bench._night import archive
from bench.complaints import ask, tidy
from bench.figure import figure
from bench.pages import PASSWORD, Client
from tests.stack import Stack

RESPONSES = int(os.environ.get("RESPONSES", "1000000"))
STORES, ROUNDS, SAVES = 20, 9, 200
GOAL_PAGE_MS, GOAL_SAVE_MS, GOAL_REBUILD_S, GOAL_RATIO = 300, 5, 60, 1 / 20
#: with fewer responses there is little to add up, and the ratio says nothing
ENOUGH = 300_000

DASHBOARD = "/satisfaction/?kind=service"
FILTERS = {"series": "S1", "job_type": "body", "department": "service"}
DIMENSIONS = ("employee", "department", "series", "job_type")


def main() -> int:
    """Fill, build, ask every page; 1 when a goal is missed."""
    with archive(embedded=False) as stack:
        return 0 if all(measure(stack)) else 1


def measure(stack: Stack) -> list[bool]:
    """Whether each figure meets its goal."""
    from crm_site.accounts.models import Store
    from crm_site.core import clock

    today, now = clock.today(), clock.now()
    stores = [
        Store.objects.create(code=f"B{number}", name=f"店{number}", short_name=f"店{number}", go_live_on=today)
        for number in range(1, STORES + 1)
    ]
    took = seconds(lambda: _answers.fill(stores, RESPONSES, now=now, today=today, password=PASSWORD))
    print(f"{RESPONSES} responses with {len(_answers.ASKED)} answers each written in {took:.0f} s", flush=True)
    print(f"tidied in {seconds(tidy):.0f} s", flush=True)
    met = [*build(stores), *tables(stores, today), *pages(stack)]
    return [*met, *saves(stores[0])]


def build(stores: list[Any]) -> list[bool]:
    """All sums from nothing, and the proof that they are right."""
    from django.core.management import call_command

    from satisfaction.actions import folding

    took = seconds(lambda: call_command("rebuild_summaries", workers=os.cpu_count() or 1))
    wrong: list[str] = []
    proof = seconds(lambda: wrong.extend(folding.differences(stores[0].pk)))
    tidy()
    return [
        figure("satisfaction-rebuild", took, "s", goal=GOAL_REBUILD_S),
        figure("satisfaction-check-one-store", proof, "s"),
        figure("satisfaction-sums-that-differ", len(wrong), "sums", goal=0),
    ]


def tables(stores: list[Any], today: Any) -> list[bool]:
    """The tables of a director's and a manager's pages: from the sums, and from the raw answers."""
    from crm_site.core.dates import month_of
    from crm_site.core.figures import Scope
    from satisfaction.queries import members, raw, tables

    month, met = month_of(today).shift(-1), []
    for who, own in (("director", stores), ("manager", stores[:1])):
        one = Scope.of_month([store.pk for store in own], month, kind="service")
        year = one.during(month.shift(-11), month)
        asked: dict[str, tuple[Callable, Callable]] = {
            "trend-year": (partial(tables.by_month, year), partial(raw.by_month, year)),
            "items-year": (partial(tables.items_by_month, year), partial(raw.items_by_month, year)),
        }
        for dimension in DIMENSIONS:
            if dimension == "department" and len(own) > 1:
                continue  # from the answers of all stores it takes minutes
            asked[f"{dimension}-year"] = (
                partial(tables.by_member, year, dimension), partial(members.by_member, year, dimension),
            )  # fmt: skip
            asked[f"{dimension}-items-month"] = (
                partial(tables.items_by_member, one, dimension), partial(members.items_by_member, one, dimension),
            )  # fmt: skip
        for name, (summed, plain) in asked.items():
            expected: list[Any] = []
            took = 1000 * seconds(lambda plain=plain, expected=expected: expected.append(plain()))  # type: ignore[misc]
            if summed() != expected[0]:
                raise RuntimeError(f"{name}: the sums do not say what the answers say")
            is_bound = who == "director" and name.endswith("year") and RESPONSES >= ENOUGH
            ratio = GOAL_RATIO if is_bound else None
            met.append(figure(f"satisfaction-{name}-{who}", median_ms(summed), "ms", other=took, goal=ratio))
    return met


def pages(stack: Stack) -> list[bool]:
    """What people look at, from a client's side."""
    stack.start_web()
    paths = {"dashboard": DASHBOARD, "heat-year": "/satisfaction/heat/?kind=service"}
    paths |= {f"by-{name}": f"/satisfaction/by/{name}/?kind=service" for name in (*DIMENSIONS, "store")}
    paths |= {
        f"dashboard-of-{name}": f"{DASHBOARD}&{name}={value}"
        for name, value in (("series", "S1"), ("job_type", "body"))
    }
    met = []
    for role in ("director", "manager"):
        client = Client(stack.port, f"bench-{role}")
        for name, path in paths.items():
            if role == "manager" and name == "by-store":
                continue
            took = median_ms(partial(ask, client, path))
            met.append(figure(f"satisfaction-{name}-{role}-median", took, "ms", goal=GOAL_PAGE_MS))
    return met


def saves(store: Any) -> list[bool]:
    """What the note for the sums costs a save, how fast notes are folded, and a page before that."""
    from unittest import mock

    from satisfaction.actions import folding, summing
    from satisfaction.models import SummaryDelta

    act = saver(store)
    plain_times, noted_times = [], []
    for _turn in range(SAVES):  # in turns, so that both have the machine in the same mood
        with mock.patch.object(summing, "counted"):
            plain_times.append(1000 * seconds(act))
        noted_times.append(1000 * seconds(act))
    plain, noted = statistics.median(plain_times), statistics.median(noted_times)
    print(f"a save takes {plain:.1f} ms without and {noted:.1f} ms with its note", flush=True)
    SummaryDelta.objects.all().delete()
    folding.rebuild([store.pk], now=_now())
    for _turn in range(SAVES):
        act()
    unfolded = looks(store)
    took = seconds(lambda: folding.fold(store.pk))
    return [
        figure("satisfaction-save-with-note", noted - plain, "ms", goal=GOAL_SAVE_MS),
        figure(f"satisfaction-trend-beside-{SAVES}-unfolded", unfolded, "ms"),
        figure(f"satisfaction-fold-{SAVES}", took, "s"),
        figure("satisfaction-sums-that-differ-after-saves", len(folding.differences(store.pk)), "sums", goal=0),
    ]


def looks(store: Any) -> float:
    """The trend of a store's year beside what is not folded."""
    from crm_site.core import clock
    from crm_site.core.dates import month_of
    from crm_site.core.figures import Scope
    from satisfaction import queries

    month = month_of(clock.today())
    year = Scope.of_month([store.pk], month, kind="service").during(month.shift(-11), month)
    return median_ms(partial(queries.by_month, year))


def saver(store: Any) -> Callable[[], None]:
    """What saves one call's answers about an order of known people."""
    from crm_site.accounts.models import Employee
    from crm_site.core import clock
    from customers.models import Customer, RepairOrder, Vehicle
    from satisfaction import actions, rules
    from satisfaction.queries import current_version

    now, staff = clock.now(), list(Employee.objects.filter(store=store).order_by("pk"))
    customer = Customer.objects.create(store=store, name="测试", created_at=now)
    car = Vehicle.objects.create(store=store, plate_no="京A00000", series="S1", created_at=now)
    order = RepairOrder.objects.create(
        store=store, order_number="Q1", vehicle=car, customer=customer, job_type="general", service_advisor=staff[0],
        checked_in_on=clock.today(), recorded_on=clock.today(),
    )  # fmt: skip
    order.technicians.create(store=store, trade="mechanical", technician=staff[-1], technician_name=staff[-1].name)
    version = current_version("CSI", store.pk)
    answers = [
        rules.Given(one.code, rules.GIVEN, rules.ZERO + 9)
        if one.code in _answers.ASKED
        else rules.Given(one.code, rules.NOT_APPLICABLE)
        for one in version.questions.all()
    ]

    def save() -> None:
        actions.record_response(
            current_version("CSI", store.pk), store_id=store.pk, customer=customer, vehicle=car, repair_order=order,
            asked_by=staff[0], channel="phone", at=now, answers=answers, submission=uuid.uuid4(),
        )  # fmt: skip

    return save


def _now() -> Any:
    from crm_site.core import clock

    return clock.now()


def seconds(act: Callable[[], Any]) -> float:
    """How long something takes."""
    began = time.perf_counter()
    act()
    return time.perf_counter() - began


def median_ms(act: Callable[[], Any]) -> float:
    """The median time of something in milliseconds; the first two times warm up and do not count."""
    return statistics.median([1000 * seconds(act) for _turn in range(ROUNDS + 2)][2:])


if __name__ == "__main__":
    sys.exit(main())
