"""The form by which anybody reports what a customer is unhappy about."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from complaints import people, settings
from complaints.forms.attaching import FilesField
from complaints.forms.fields import EmployeeField, check_year
from complaints.models import Category, Kind, Source
from crm_site.accounts.models import Employee, Store
from crm_site.core.forms import NameField, PhoneField, PlateField, ScopedChoiceField, SubmissionMixin
from customers.models import Customer, Delivery, RepairOrder, Vehicle

MOMENT = "%Y-%m-%dT%H:%M"
RECENT = 12
#: sources that give a number and a deadline of their own
OUTSIDE = (Source.HOTLINE, Source.AUTHORITY)
#: what is written of somebody who is not in the archive
STRANGER = ("customer_name", "customer_phone", "plate_no", "brand", "series")


def _moment(label: Any, **kwargs: Any) -> forms.DateTimeField:
    widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT)
    formats = [MOMENT, "%Y-%m-%d %H:%M"]
    return forms.DateTimeField(label=label, input_formats=formats, widget=widget, validators=[check_year], **kwargs)


class ReportForm(SubmissionMixin, forms.Form):
    """What is to be known of a ticket on the first day; only the words are needed."""

    customer = forms.IntegerField(widget=forms.HiddenInput, required=False)
    customer_name = NameField(label=_("Name"), required=False, max_length=80)
    customer_phone = PhoneField(label=_("Phone"), required=False)
    plate_no = PlateField(label=_("Plate"), required=False)
    brand = forms.CharField(label=_("Brand"), required=False, max_length=40)
    series = forms.CharField(label=_("Series"), required=False, max_length=60)
    words = forms.CharField(
        label=_("In the customer's words"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    demand = forms.CharField(label=_("What the customer asks for"), max_length=500, required=False)
    kind = forms.ChoiceField(label=_("Nature"), choices=Kind.choices, initial=Kind.COMPLAINT, widget=forms.RadioSelect)
    category = forms.ChoiceField(
        label=_("Category"), required=False, help_text=_("by keyboard: type its number, 31 for instance")
    )
    vehicle = ScopedChoiceField(Vehicle, label=_("Vehicle"), required=False, empty_label="—")
    job = forms.ChoiceField(label=_("Delivery or repair order"), required=False)
    accused = EmployeeField(label=_("Person complained about"), required=False)
    source = forms.ChoiceField(
        label=_("Source"), choices=Source.choices, initial=Source.PHONE, widget=forms.RadioSelect
    )
    received_at = _moment(_("First heard at"), help_text=_("when the first of us heard of it; the clock starts then"))
    external_number = forms.CharField(label=_("External number"), max_length=40, required=False)
    external_due_at = _moment(_("External deadline"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False, help_text=_("empty: proposed by the words"))
    files = FilesField(required=False)
    store = ScopedChoiceField(Store, label=_("Store"))

    def __init__(
        self, *args: Any, stores: Any, customer: Customer | None, now: datetime, day: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.chosen, self.now = customer, now
        self.fields["store"].queryset = stores
        self.fields["received_at"].initial = now
        store = customer.store if customer else (stores[0] if len(stores) == 1 else None)
        if store is not None:
            self.fields["store"].queryset = stores.filter(pk=store.pk)
            self.fields["store"].widget = forms.HiddenInput()
            self.fields["store"].initial = store.pk
        self.store_ids = [one.pk for one in stores] if store is None else [store.pk]
        self._offer(day)
        if customer is not None:
            self._offer_of(customer)

    @property
    def is_stranger(self) -> bool:
        """Whether something is written of somebody who is not in the archive."""
        return any(self[name].value() for name in STRANGER)

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        store, accused = values.get("store"), values.get("accused")
        if store and accused and accused.store_id != store.pk:
            self.add_error("accused", ValidationError(_("This belongs to another store. Choose one of this store.")))
        return values

    def arguments(self) -> dict[str, Any]:
        """The clean values as arguments of open_ticket, all but who, when and as what."""
        values = self.cleaned_data
        names = ("kind", "source", "words", "demand", "received_at", "submission", "accused")
        taken = {name: values[name] for name in names}
        outside = values["source"] in OUTSIDE
        return (
            taken
            | self.occasion()
            | {
                "store_id": values["store"].pk,
                "level_code": values["level"] if values["kind"] == Kind.COMPLAINT else "",
                "external_number": values["external_number"] if outside else "",
                "external_due_at": values["external_due_at"] if outside else None,
            }
        )

    def occasion(self) -> dict[str, Any]:
        """Who and what it is about, as far as it is known and clean: category, customer, job, or a stranger's name."""
        values = self.cleaned_data
        store = values.get("store")
        code = values.get("category")
        tree = settings.categories(store.pk) if store and code else []
        kind, _colon, pk = (values.get("job") or "").partition(":")
        stranger = {} if self.chosen else {name: values.get(name) or "" for name in STRANGER}
        delivery = Delivery.objects.filter(customer=self.chosen, pk=pk).first() if kind == "delivery" else None
        order = RepairOrder.objects.filter(customer=self.chosen, pk=pk).first() if kind == "order" else None
        job = delivery or order
        return stranger | {
            "category": next((row for row in tree if row.code == code), None),
            "customer": self.chosen,
            "vehicle": values.get("vehicle") or (job.vehicle if job else None),
            "delivery": delivery,
            "repair_order": order,
        }

    def _offer(self, day: date) -> None:
        rows = Employee.objects.filter(store_id__in=self.store_ids).employed_on(day)
        self.fields["accused"].offer(rows, day)
        first = self.store_ids[0] if self.store_ids else 0
        self.fields["category"].choices = [("", "—"), *category_choices(first)]
        self.fields["level"].choices = [("", "—"), *people.level_choices(first)]
        self.fields["job"].choices = [("", "—")]

    def _offer_of(self, customer: Customer) -> None:
        """The customer's cars, and what happened to them lately."""
        self.fields["customer"].initial = customer.pk
        cars = Vehicle.objects.filter(roles__customer=customer, store_id=customer.store_id).distinct()
        self.fields["vehicle"].queryset = cars.order_by("pk")
        if len(cars) == 1:
            self.fields["vehicle"].initial = cars[0].pk
        orders = RepairOrder.objects.filter(customer=customer).order_by("-checked_in_on")[:RECENT]
        deliveries = Delivery.objects.filter(customer=customer).order_by("-delivered_on")[:RECENT]
        self.fields["job"].choices = [
            ("", "—"),
            (_("Repair orders"), [(f"order:{one.pk}", f"{one.checked_in_on} {one.order_number}") for one in orders]),
            (_("Deliveries"), [(f"delivery:{one.pk}", f"{one.delivered_on}") for one in deliveries]),
        ]


#: the first signs of the top categories: typing one in the closed list goes there, whatever the input method
SIGNS = "1234567890ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def category_choices(store_id: int) -> list[tuple[str, Any]]:
    """The category tree as grouped form choices, each with its number: 3 for a top category, 31 for its first child."""
    rows = settings.categories(store_id)
    tops = [row for row in rows if row.parent_id is None]
    return [_group(top, sign, rows) for top, sign in zip(tops, SIGNS, strict=False)]


def _group(top: Category, sign: str, rows: Iterable[Category]) -> tuple[str, Any]:
    """A top category: alone, or with itself and its children as a group."""
    children = [row for row in rows if row.parent and row.parent.code == top.code]
    own = (top.code, f"{sign} {top.label}")
    below = [(row.code, f"{sign}{number} {row.label}") for number, row in zip(SIGNS, children, strict=False)]
    return (f"{sign} {top.label}", [own, *below]) if below else own
