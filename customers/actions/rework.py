"""Finds 返修 that nobody ticked: orders within the guarantee of an earlier one of the same trade."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping

from crm_site.core.sql import update_rows
from customers.actions.facts import CarFacts, Order
from customers.models import RepairOrder, Workmanship
from customers.rules.guarantee import Job, candidates, reworked


def detect(known: Mapping[int, CarFacts]) -> int:
    """Set `rework_of` of the orders of some cars as the guarantee says; gives how many have got another one.

    Call it in the transaction that has locked the cars. An order that was ticked as 返修 keeps its tick and points to
    none; one whose earlier order has turned void, or was taken back, is none any more. At most three queries.
    """
    jobs = {pk: [_job(order) for order in car.orders if not order.is_void] for pk, car in known.items()}
    near = {key for of_car in jobs.values() for key in candidates(of_car)}
    items, trades = _particulars(near)
    found: dict[int, int | None] = {}
    for of_car in jobs.values():
        looked_at = [_with(job, items, trades) for job in of_car if job.key in near]
        found |= {job.key: reworked(job, looked_at) for job in looked_at}
    orders = [order for car in known.values() for order in car.orders]
    changed = [(order.pk, found.get(order.pk)) for order in orders if found.get(order.pk) != order.rework_of_id]
    update_rows(RepairOrder, ["rework_of"], changed)
    return len(changed)


def _job(order: Order) -> Job:
    return Job(
        order.pk, order.job_type, order.checked_in_on, order.released_on, order.mileage_km, is_ticked=order.is_rework
    )


def _with(job: Job, items: Mapping[int, str], trades: Mapping[int, set[str]]) -> Job:
    """A job with what was done and who did it."""
    return Job(
        job.key, job.job_type, job.checked_in_on, job.released_on, job.km,
        items=items[job.key], named_trades=frozenset(trades.get(job.key, ())), is_ticked=job.is_ticked,
    )  # fmt: skip


def _particulars(keys: set[int]) -> tuple[dict[int, str], dict[int, set[str]]]:
    """What was done, and by which trades: (order → items, order → trades); asked only for orders near to another."""
    trades: dict[int, set[str]] = defaultdict(set)
    if not keys:
        return {}, trades
    items = dict(RepairOrder.objects.filter(pk__in=keys).values_list("pk", "items"))
    for key, trade in Workmanship.objects.filter(order_id__in=keys).values_list("order_id", "trade"):
        trades[key].add(trade)
    return items, trades
