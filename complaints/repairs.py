"""三包: the repairs that a ticket's car has had, which of them are the same problem, and how they count."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date

from complaints.models import Complaint
from complaints.rules import three_guarantees as rules
from customers.models import OrderState, RepairOrder, Trade

#: category -> the trades whose work is about the same problem; 产品质量 is repaired by mechanics and electricians
_TRADES = {"repair.body": Trade.BODY, "repair.paint": Trade.PAINT, "repair.mechanical": Trade.MECHANICAL}
_OF_PRODUCT = {"product.body": Trade.BODY}


def chosen(complaint: Complaint) -> list[int] | None:
    """The keys of the orders that somebody chose last; None where nobody has."""
    step = complaint.steps.filter(action="count_repairs").order_by("-sequence").first()
    return list(step.detail.get("orders", ())) if step else None


def orders_of(complaint: Complaint) -> list[RepairOrder]:
    """The repair orders of the ticket's car that may be repairs of quality, the oldest first."""
    if complaint.vehicle_id is None:
        return []
    rows = RepairOrder.objects.filter(vehicle_id=complaint.vehicle_id, job_type__in=rules.JOB_TYPES)
    rows = rows.exclude(state=OrderState.VOID)
    return list(rows.prefetch_related("technicians").order_by("checked_in_on", "pk"))


def tally(complaint: Complaint, orders: Collection[RepairOrder], today: date) -> rules.Tally | None:
    """The count of a ticket; None where the archive does not say how long the car is under guarantee."""
    car = complaint.vehicle
    term = rules.term_of(car.warranty_from or car.purchased_on, car.warranty_until) if car else None
    if term is None:
        return None
    visits = [_visit(order) for order in orders]
    own = complaint.repair_order_id
    return rules.tally(visits, term, today, trades=trades_of(complaint), own=own, ticked=chosen(complaint))


def trades_of(complaint: Complaint) -> set[str]:
    """The trades that repair what the ticket's category names; none where it names no part of the car."""
    code = complaint.category.code if complaint.category else ""
    if code in _TRADES:
        return {_TRADES[code]}
    if code.startswith("product."):
        return {_OF_PRODUCT.get(code, Trade.MECHANICAL)}
    return set()


def _visit(order: RepairOrder) -> rules.Visit:
    left = order.handed_back_on or order.released_on or order.settled_on
    if left is None and order.state != OrderState.OPEN:
        left = order.checked_in_on
    trades = frozenset(work.trade for work in order.technicians.all())
    return rules.Visit(order.pk, order.checked_in_on, left, order.job_type, trades)
