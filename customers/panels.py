"""What the archive itself tells on a customer's timeline: deliveries, visits, the list it came from, and changes."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.translation import gettext as _

from crm_site.core import clock, formats
from crm_site.core.timeline import CHANGES, WORKSHOP, Event
from crm_site.imports.models import Attribution
from customers import past
from customers.models import Customer, Delivery, OrderState, RepairOrder

MOST = 100


def events(user: Any, customer: Customer) -> list[Event]:
    """Everything that the archive knows of a customer, each kind newest first and cut off at MOST."""
    return [*_deliveries(customer), *_visits(customer), *_taken_over(customer), *past.changes(user, customer)]


def _deliveries(customer: Customer) -> Iterable[Event]:
    rows = customer.deliveries.select_related("vehicle", "sales_consultant", "batch__file").order_by("-delivered_on")[
        :MOST
    ]
    return [_delivered(row) for row in rows]


def _delivered(delivery: Delivery) -> Event:
    seller = delivery.sales_consultant.name if delivery.sales_consultant else delivery.sales_consultant_name
    said = [str(delivery.vehicle), delivery.vehicle.model]
    if seller:
        said.append(_("Sales consultant %(name)s") % {"name": seller})
    return Event(
        clock.at(delivery.delivered_on, 12), "car-front", _("Delivery"), body=_joined([*said, source_of(delivery)]),
        kind="ok", day_only=True, tab=WORKSHOP,
    )  # fmt: skip


def _visits(customer: Customer) -> Iterable[Event]:
    rows = customer.repair_orders.exclude(state=OrderState.VOID).select_related(
        "vehicle", "service_advisor", "batch__file"
    )
    return [_visited(row) for row in rows.order_by("-checked_in_on", "-pk")[:MOST]]


def _visited(order: RepairOrder) -> Event:
    advisor = order.service_advisor.name if order.service_advisor else order.service_advisor_name
    said = [order.order_number, str(order.vehicle), order.items[:80]]
    if order.total_fee is not None:
        said.append(formats.money(order.total_fee))
    if advisor:
        said.append(_("Service advisor %(name)s") % {"name": advisor})
    day = order.released_on or order.checked_in_on
    is_open = order.state == OrderState.OPEN
    title = _("%(job)s, in the workshop") if is_open else "%(job)s"
    return Event(
        clock.at(day, 12), "wrench", title % {"job": order.get_job_type_display()},
        body=_joined([*said, source_of(order)]), kind="now" if is_open else "", day_only=True, tab=WORKSHOP,
    )  # fmt: skip


def _taken_over(customer: Customer) -> Iterable[Event]:
    """From which line of which list the card itself came."""
    source = source_of(customer)
    title = _("Card taken over from a list")
    return [Event(customer.created_at, "box-arrow-in-down", title, body=source, tab=CHANGES)] if source else []


def source_of(row: Attribution) -> str:
    """The spreadsheet's line that a row came from; '' for what was entered by hand."""
    if row.batch is None:
        return ""
    told = {"file": row.batch.file.name, "row": row.row}
    return _("from %(file)s, row %(row)s") % told if row.row else _("from %(file)s") % {"file": told["file"]}


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)
