"""The form that corrects the facts of a ticket, filled with what stands."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from complaints.forms.base import MOMENT, StepForm
from complaints.forms.fields import EmployeeField, check_year
from complaints.forms.reporting import category_choices
from complaints.models import Category, State
from crm_site.accounts.models import Department, Employee
from crm_site.core import formats
from crm_site.core.forms import ScopedChoiceField
from customers.models import Customer, Delivery, RepairOrder, Vehicle

RECENT = 12
OUTSIDE = ("external_number", "external_due_at", "external_replied_at")


def _moment(label: Any, **kwargs: Any) -> forms.DateTimeField:
    return forms.DateTimeField(
        label=label,
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        validators=[check_year],
        **kwargs,
    )


class CustomerField(ScopedChoiceField):
    """The customers on offer: the present one, and whom a search has found."""

    def label_from_instance(self, obj: Customer) -> str:
        """`李晓明 138****2107`; of a restricted card nothing but that it is one."""
        if obj.restricted:
            return obj.listed_name
        phone = next(iter(obj.phones.all()), None)
        return " ".join([obj.name, formats.masked_phone(phone.number) if phone else obj.number or ""]).strip()


class EditForm(StepForm):
    """The facts of a ticket; what is left as it stands is not written."""

    words = forms.CharField(
        label=_("In the customer's words"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    demand = forms.CharField(label=_("What the customer asks for"), max_length=500, required=False)
    typed = forms.CharField(
        label=_("Find another customer"),
        max_length=60,
        required=False,
        widget=forms.TextInput(attrs={"type": "search", "autocomplete": "off"}),
        help_text=_("Name, pinyin, phone tail, plate, VIN tail; then “Find”"),
    )
    customer = CustomerField(Customer, label=_("Customer"), required=False, empty_label="—")
    vehicle = ScopedChoiceField(Vehicle, label=_("Vehicle"), required=False, empty_label="—")
    job = forms.ChoiceField(label=_("Delivery or repair order"), required=False)
    brand = forms.CharField(label=_("Brand"), max_length=40, required=False)
    series = forms.CharField(label=_("Series"), max_length=60, required=False)
    category = forms.ChoiceField(label=_("Category"), required=False)
    department = forms.ChoiceField(label=_("Department"), required=False, choices=[("", "—"), *Department.choices])
    accused = EmployeeField(label=_("Person complained about"), required=False)
    received_at = _moment(
        _("First heard at"), help_text=_("the clock counts from here; later only by a manager, with a reason")
    )
    external_number = forms.CharField(label=_("External number"), max_length=40, required=False)
    external_due_at = _moment(_("External deadline"), required=False)
    external_replied_at = _moment(_("Replied to them at"), required=False)
    reason = forms.CharField(
        label=_("Reason"),
        max_length=200,
        required=False,
        help_text=_("needed when the words or the moment of receipt are corrected"),
    )
    machinery = ("version", "shown", "submission", "typed")
    button = _("Save the corrections")
    hint = _("what you leave as it is stays as it is")

    def prepare(self) -> None:
        complaint = self.complaint
        self.initial |= {name: getattr(complaint, name) for name in self.fields if hasattr(complaint, name)}
        self.initial |= {
            "category": complaint.category.code if complaint.category else "",
            "job": _job_of(complaint.delivery_id, complaint.repair_order_id),
            "accused": complaint.accused_id,
            "customer": complaint.customer_id,
            "vehicle": complaint.vehicle_id,
        }
        if complaint.state == State.CLOSED:
            for name in [name for name in self.fields if name not in (*OUTSIDE, "reason", *self.machinery)]:
                del self.fields[name]
            del self.fields["typed"]
            return
        if complaint.vehicle_id and not (complaint.brand or complaint.series):
            del self.fields["brand"], self.fields["series"]  # the car of the archive says it
        rows = Employee.objects.filter(store_id=complaint.store_id).employed_on(complaint.received_on)
        self.fields["accused"].offer(rows, self.day)
        self.fields["category"].choices = [("", "—"), *category_choices(complaint.store_id)]
        self.offer_customers([])
        self._offer_cars()

    def offer_customers(self, found: Iterable[int]) -> None:
        """Offer further customers of the ticket's store, by key; none whose data may no longer be used."""
        sent = self.data.get("customer", "") if self.is_bound else ""
        wanted = {self.complaint.customer_id, *found} | ({int(sent[:18])} if sent.isdecimal() else set())
        usable = Q(restricted=False) | Q(pk=self.complaint.customer_id)
        rows = Customer.objects.standing().filter(usable, store_id=self.complaint.store_id, pk__in=wanted - {None})
        self.fields["customer"].queryset = rows.prefetch_related("phones").order_by("pk")

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        if "vehicle" not in self.fields or self.errors:
            return values
        moved = getattr(values["customer"], "pk", None) != self.complaint.customer_id
        if moved and self.complaint.vehicle_id and values["vehicle"] == self.complaint.vehicle:
            cars = self._cars_of(values["customer"])
            if self.complaint.vehicle_id not in {car.pk for car in cars}:
                text = _("This car is not known to be the new customer's. Choose the car again, or none.")
                self.add_error("vehicle", ValidationError(text))
        return values

    def arguments(self) -> dict[str, Any]:
        stands = self.standing(self.complaint)
        changed = {name for name, text in self.sent().items() if text != stands.get(name)}
        values = {name: value for name, value in super().arguments().items() if name in {*changed, "reason"}}
        if "category" in values:
            code = values["category"]
            rows = (
                Category.objects.for_store(self.complaint.store_id)
                .filter(code=code)
                .order_by(F("store_id").desc(nulls_last=True))
            )
            values["category"] = rows.first() if code else None
        if "job" in values:
            kind, _colon, pk = values.pop("job").partition(":")
            values["delivery"] = Delivery.objects.get(pk=pk) if kind == "delivery" else None
            values["repair_order"] = RepairOrder.objects.get(pk=pk) if kind == "order" else None
        return values

    def _offer_cars(self) -> None:
        """The chosen customer's cars and jobs, beside those of the ticket."""
        sent = self.data.get("customer", "") if self.is_bound else ""
        chosen = int(sent[:18]) if sent.isdecimal() else self.complaint.customer_id
        cars = {car.pk for car in self._cars_of(chosen)} | {self.complaint.vehicle_id}
        rows = Vehicle.objects.filter(store_id=self.complaint.store_id, pk__in=cars - {None})
        self.fields["vehicle"].queryset = rows.order_by("pk")
        orders = RepairOrder.objects.filter(store_id=self.complaint.store_id, customer_id=chosen)
        deliveries = Delivery.objects.filter(store_id=self.complaint.store_id, customer_id=chosen)
        jobs = [
            *(_order(one) for one in orders.order_by("-checked_in_on")[:RECENT]),
            *(_delivery(one) for one in deliveries.order_by("-delivered_on")[:RECENT]),
        ]
        present = [_order(self.complaint.repair_order), _delivery(self.complaint.delivery)]
        self.fields["job"].choices = list(dict([("", "—"), *filter(None, present), *filter(None, jobs)]).items())

    def _cars_of(self, customer: Any) -> list[Vehicle]:
        pk = getattr(customer, "pk", customer)
        if pk is None:
            return []
        return list(Vehicle.objects.filter(roles__customer_id=pk, store_id=self.complaint.store_id).distinct())


def _job_of(delivery_id: int | None, order_id: int | None) -> str:
    if order_id is not None:
        return f"order:{order_id}"
    return f"delivery:{delivery_id}" if delivery_id is not None else ""


def _order(one: RepairOrder | None) -> tuple[str, str] | None:
    return (f"order:{one.pk}", f"{one.checked_in_on} {one.order_number}") if one else None


def _delivery(one: Delivery | None) -> tuple[str, str] | None:
    words = str(_("Delivery"))
    return (f"delivery:{one.pk}", f"{one.delivered_on} {words}") if one else None
