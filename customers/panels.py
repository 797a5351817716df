"""What the archive itself tells on a customer's timeline: deliveries, visits, and corrections by field name only."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.audit.models import Entry
from crm_site.core import clock, formats
from crm_site.core.timeline import Event
from customers.forms import CustomerForm, VehicleForm
from customers.models import Customer, Delivery, OrderState, RepairOrder, VehicleRole

MOST = 100

#: action of the trail → what is told of it; actions without a word (looks at a number) are not
CHANGES: dict[str, str | Promise] = {
    "customer.created": gettext_lazy("Card made"),
    "customer.changed": gettext_lazy("Facts corrected"),
    "customer.filled_in_call": gettext_lazy("Facts completed in a call"),
    "customer.merged": gettext_lazy("Another card merged into this one"),
    "customer.unmerged": gettext_lazy("Merge taken back"),
    "customer.restricted": gettext_lazy("Card restricted"),
    "customer.unrestricted": gettext_lazy("Restriction taken back"),
    "customer.refuses_calls": gettext_lazy("Wants no more calls"),
    "customer.phone_check_asked": gettext_lazy("Number to be checked at the next visit"),
    "customer.phone_checked": gettext_lazy("Number checked"),
    "phone.added": gettext_lazy("Number added"),
    "phone.changed": gettext_lazy("Number corrected"),
    "phone.removed": gettext_lazy("Number removed"),
    "phone.found_good": gettext_lazy("Number good again"),
    "contact.added": gettext_lazy("Contact added"),
    "contact.changed": gettext_lazy("Contact corrected"),
    "consent.given": gettext_lazy("Consent noted"),
    "consent.refused": gettext_lazy("Refusal noted"),
    "customer.keeper_named": gettext_lazy("Named who looks after the customer"),
    "ban.set": gettext_lazy("Wish noted"),
    "ban.lifted": gettext_lazy("Wish taken back"),
    "vehicle.role_added": gettext_lazy("Role on a vehicle noted"),
    "vehicle.role_ended": gettext_lazy("Role on a vehicle ended"),
    "vehicle.created": gettext_lazy("Vehicle entered"),
    "vehicle.changed": gettext_lazy("Vehicle's facts corrected"),
    "vehicle.filled_in_call": gettext_lazy("Vehicle's facts completed in a call"),
    "vehicle.mileage_told": gettext_lazy("Mileage told by the customer"),
    "vehicle.state_changed": gettext_lazy("Vehicle's state changed"),
    "vehicle.sold_on": gettext_lazy("Vehicle sold on"),
}


def events(_user: Any, customer: Customer) -> list[Event]:
    """Everything that the archive knows of a customer, each kind newest first and cut off at MOST."""
    return [*_deliveries(customer), *_visits(customer), *_changes(customer)]


def _deliveries(customer: Customer) -> Iterable[Event]:
    rows = customer.deliveries.select_related("vehicle", "sales_consultant").order_by("-delivered_on")[:MOST]
    return [_delivered(row) for row in rows]


def _delivered(delivery: Delivery) -> Event:
    seller = delivery.sales_consultant.name if delivery.sales_consultant else delivery.sales_consultant_name
    said = [str(delivery.vehicle), delivery.vehicle.model]
    if seller:
        said.append(_("Sales consultant %(name)s") % {"name": seller})
    return Event(
        clock.at(delivery.delivered_on, 12), "car-front", _("Delivery"), body=_joined(said), kind="ok", day_only=True
    )


def _visits(customer: Customer) -> Iterable[Event]:
    rows = customer.repair_orders.exclude(state=OrderState.VOID).select_related("vehicle", "service_advisor")
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
        clock.at(day, 12), "wrench", title % {"job": order.get_job_type_display()}, body=_joined(said),
        kind="now" if is_open else "", day_only=True,
    )  # fmt: skip


def _changes(customer: Customer) -> Iterable[Event]:
    cars = list(VehicleRole.objects.filter(customer=customer).values_list("vehicle_id", flat=True))
    cards = [customer.pk, *customer.merged_cards.values_list("pk", flat=True)]  # what was done to merged cards too
    own = Q(subject_type="customers.customer", subject_id__in=cards)
    of_cars = Q(subject_type="customers.vehicle", subject_id__in=cars)
    rows = Entry.objects.filter(own | of_cars, store_id=customer.store_id, action__in=CHANGES)
    return [_changed(entry) for entry in rows.order_by("-at")[:MOST]]


def _changed(entry: Entry) -> Event:
    fields = entry.detail.get("fields", []) if isinstance(entry.detail.get("fields"), list) else []
    labels = [label for label in map(field_label, fields) if label]
    body = _joined([_(", ").join(labels), entry.actor_name])
    return Event(entry.at, "pencil", str(CHANGES[entry.action]), body=body)


def field_label(name: str) -> str:
    """How a field of a card or a car is called on its form; '' for one that is on neither."""
    field = CustomerForm.base_fields.get(name) or VehicleForm.base_fields.get(name)
    return str(field.label) if field else ""


def _joined(parts: Iterable[str]) -> str:
    return " · ".join(part for part in parts if part)
