"""The form by which anybody reports what a customer is unhappy about."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from complaints import people
from complaints.forms.steps import EmployeeField
from complaints.models import Category, Kind, Source
from crm_site.accounts.models import Employee, Store
from crm_site.core.forms import ScopedChoiceField, SubmissionMixin
from customers.models import Customer, Delivery, RepairOrder, Vehicle

MOMENT = "%Y-%m-%dT%H:%M"
RECENT = 12


class ReportForm(SubmissionMixin, forms.Form):
    """What is to be known of a ticket on the first day; only the words are needed."""

    customer = forms.IntegerField(widget=forms.HiddenInput, required=False)
    words = forms.CharField(
        label=_("In the customer's words"), max_length=4000, widget=forms.Textarea(attrs={"rows": 4})
    )
    demand = forms.CharField(label=_("What the customer asks for"), max_length=500, required=False)
    kind = forms.ChoiceField(label=_("Nature"), choices=Kind.choices, initial=Kind.COMPLAINT, widget=forms.RadioSelect)
    vehicle = ScopedChoiceField(Vehicle, label=_("Vehicle"), required=False, empty_label="—")
    job = forms.ChoiceField(label=_("Delivery or repair order"), required=False)
    source = forms.ChoiceField(label=_("Source"), choices=Source.choices, initial=Source.PHONE)
    received_at = forms.DateTimeField(
        label=_("First heard at"),
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        help_text=_("when the first of us heard of it; the clock starts then"),
    )
    category = forms.ChoiceField(label=_("Category"), required=False)
    level = forms.ChoiceField(label=_("Level"), required=False, help_text=_("empty: proposed by the words"))
    accused = EmployeeField(label=_("Person complained about"), required=False)
    external_number = forms.CharField(label=_("External number"), max_length=40, required=False)
    external_due_at = forms.DateTimeField(
        label=_("External deadline"),
        required=False,
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
    )
    store = ScopedChoiceField(Store, label=_("Store"))

    def __init__(
        self, *args: Any, stores: Any, customer: Customer | None, now: datetime, day: date, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.chosen = customer
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

    def clean(self) -> dict[str, Any]:
        values = super().clean() or {}
        store, accused = values.get("store"), values.get("accused")
        if store and accused and accused.store_id != store.pk:
            self.add_error("accused", ValidationError(_("This belongs to another store. Choose one of this store.")))
        return values

    def arguments(self) -> dict[str, Any]:
        """The clean values as arguments of open_ticket, all but who, when and as what."""
        values = self.cleaned_data
        kind, _colon, pk = values["job"].partition(":")
        category = Category.objects.for_store(values["store"].pk).filter(code=values["category"]).first()
        return {
            "store_id": values["store"].pk,
            "kind": values["kind"],
            "source": values["source"],
            "words": values["words"],
            "demand": values["demand"],
            "received_at": values["received_at"],
            "submission": values["submission"],
            "level_code": values["level"] if values["kind"] == Kind.COMPLAINT else "",
            "category": category,
            "customer": self.chosen,
            "vehicle": values["vehicle"],
            "delivery": Delivery.objects.get(pk=pk) if kind == "delivery" else None,
            "repair_order": RepairOrder.objects.get(pk=pk) if kind == "order" else None,
            "accused": values["accused"],
            "external_number": values["external_number"],
            "external_due_at": values["external_due_at"],
        }

    def _offer(self, day: date) -> None:
        rows = Employee.objects.filter(store_id__in=self.store_ids).employed_on(day)
        self.fields["accused"].offer(rows, day)
        self.fields["category"].choices = [("", "—"), *category_choices(self.store_ids[0] if self.store_ids else 0)]
        levels = people.level_choices(self.store_ids[0] if self.store_ids else 0)
        self.fields["level"].choices = [("", "—"), *levels]
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


def category_choices(store_id: int) -> list[tuple[str, Any]]:
    """The category tree as grouped form choices: each top category with itself and its children."""
    rows = list(Category.objects.for_store(store_id).filter(is_active=True).select_related("parent"))
    groups = []
    for top in (row for row in rows if row.parent_id is None):
        children = [(row.code, row.label) for row in rows if row.parent_id == top.pk]
        groups.append((top.label, [(top.code, top.label), *children]) if children else (top.code, top.label))
    return groups
