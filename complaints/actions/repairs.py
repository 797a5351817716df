"""三包: somebody says which repairs of a car were for the problem of a ticket."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.actions import ticket
from complaints.models import Complaint
from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken
from customers.models import RepairOrder


@transaction.atomic
def count_repairs(
    complaint_id: int, *, orders: Collection[RepairOrder], by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """Say which repair orders of the car were for the problem of this ticket; the latest choice counts.

    Refuses orders of another car. The choice stands in the ticket's log, so nothing about it is ever overwritten.
    """
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "count_repairs", change, fields=["orders"])
    if any(order.vehicle_id != complaint.vehicle_id for order in orders):
        raise RuleBroken(_("Choose repair orders of this car only."), code="store", field="orders")
    keys = sorted(order.pk for order in orders)
    numbers = _(", ").join(sorted(order.order_number for order in orders))
    return ticket.finish(complaint, "count_repairs", change, touches=["orders"], note=numbers, orders=keys)
