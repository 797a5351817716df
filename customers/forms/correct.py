"""The few facts that a call or a visit corrects: name, number, address, and of one car its plate and insurance."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core import formats
from crm_site.core.forms import DateField, NameField, PhoneField, PlateField, VersionedMixin
from customers.models import Customer, Phone, Vehicle
from customers.sight import Sight

OF_CARD = ("name", "province", "city", "district", "address")
OF_CAR = ("plate_no", "insurance_until")


class CorrectForm(VersionedMixin):
    """What stands, to be corrected in one step; a fact that the person may not read in full is only replaced.

    `beside` names a form element elsewhere on the page to which the fields belong, where they stand inside another.
    """

    name = NameField(label=_("Name"), max_length=80)
    number = PhoneField(label=_("Number the customer says"), required=False)
    instead = forms.ChoiceField(label=_("This number"), required=False)
    province = forms.CharField(label=_("Province"), max_length=30, required=False)
    city = forms.CharField(label=_("City"), max_length=30, required=False)
    district = forms.CharField(label=_("District"), max_length=30, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    plate_no = PlateField(label=_("Plate"), max_length=12, required=False)
    insurance_until = DateField(label=_("Insured until"), required=False)

    def __init__(
        self, data: Any = None, *, customer: Customer, vehicle: Vehicle | None, sight: Sight, beside: str = ""
    ) -> None:
        self.customer, self.vehicle, self.sight, self.beside = customer, vehicle, sight, beside
        #: names of the fields that are masked for this person
        self.masked: set[str] = set()
        super().__init__(data, version=customer.version, auto_id="correct_%s" if beside else "id_%s")
        if vehicle is None:
            for name in OF_CAR:
                del self.fields[name]
        for name in self.fields.keys() & {*OF_CARD, *OF_CAR}:
            self._show(name)
        self.fields["instead"].choices = self._numbers()  # type: ignore[attr-defined]
        self.fields["shown"].initial = self._sealed_initial
        if beside:
            for field in self.fields.values():
                field.widget.attrs["form"] = beside

    def _show(self, name: str) -> None:
        row: Any = self.customer if name in OF_CARD else self.vehicle
        standing = getattr(row, name)
        if name == "address" and standing and not self.sight.shows("address"):
            self.masked.add(name)
            told = {"masked": self.sight.value("address", standing)}
            self.fields[name].help_text = _("Now: %(masked)s. Write here only to correct it.") % told
        else:
            self.initial[name] = standing

    def _numbers(self) -> list[tuple[str, Any]]:
        rows = Phone.objects.filter(customer=self.customer).order_by("rank", "pk")
        known = [(str(row.pk), _("replaces %(number)s") % {"number": formats.masked_phone(row.number)}) for row in rows]
        return [("", _("is added and dialled first")), *known]

    def again(self, data: Any) -> CorrectForm:
        """The same form, bound to what was sent."""
        return type(self)(data, customer=self.customer, vehicle=self.vehicle, sight=self.sight, beside=self.beside)

    # ---- what was sent -----------------------------------------------------------------------------------------------

    def seen(self) -> dict[str, str]:
        """The text that each field showed; nothing of those that were masked."""
        return {name: text for name, text in self.shown_values().items() if name not in self.masked}

    def of_card(self) -> dict[str, Any]:
        """The facts of the card that the person changed, with their new values."""
        return {name: self.cleaned_data[name] for name in self.changed_by_user() if name in OF_CARD}

    def of_car(self) -> dict[str, Any]:
        """The facts of the car that the person changed."""
        return {name: self.cleaned_data[name] for name in self.changed_by_user() if name in OF_CAR}

    def instead_of(self) -> int | None:
        """The key of the number that the one said replaces; None: it is added."""
        chosen = self.cleaned_data["instead"]
        return int(chosen) if chosen else None
