"""For a card: what was done to the customer's cars before they were theirs, as far as it is the car's."""

from __future__ import annotations

from typing import Any

from customers import holders
from customers.models import Customer, OrderState, RepairOrder, VehicleRole

#: visits shown; the page of the car has them all
FEW = 8


def visits_before(customer: Customer) -> dict[str, Any]:
    """The newest visits of the cars that the customer owns now and that others had brought: without their people.

    {"rows": [Visit], "more": whether there are more}. Two queries.
    """
    owned = VehicleRole.objects.filter(customer=customer, role=VehicleRole.Kind.OWNER, until=None)
    orders = RepairOrder.objects.filter(vehicle__in=owned.values("vehicle_id"), customer__isnull=False)
    others = orders.exclude(customer=customer).exclude(state=OrderState.VOID).select_related("vehicle", "customer")
    found = list(others.order_by("-checked_in_on", "-pk")[: FEW + 1])
    names = frozenset(order.customer.name for order in found if order.customer)
    nobody = holders.Holders([], frozenset(), names)
    return {"rows": holders.visits(found[:FEW], nobody), "more": len(found) > FEW}
