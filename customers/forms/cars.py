"""Forms of a car and of who is what to it."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import DateField, PlateField, ScopedChoiceField, VersionedMixin, VinField
from customers.forms.cards import as_bool
from customers.models import Contact, Customer, Vehicle, VehicleRole
from customers.sight import Sight

UNKNOWN = ("", _("Not known"))
YES_NO = [UNKNOWN, ("True", _("Yes")), ("False", _("No"))]


class _CarFields(forms.Form):
    """What may be entered of a car."""

    plate_no = PlateField(label=_("Plate"), max_length=12, required=False)
    vin = VinField(label=_("VIN"), required=False)
    brand = forms.CharField(label=_("Brand"), max_length=40, required=False)
    series = forms.CharField(label=_("Series"), max_length=60, required=False)
    model = forms.CharField(label=_("Model"), max_length=80, required=False)
    colour = forms.CharField(label=_("Colour"), max_length=30, required=False)
    power = forms.ChoiceField(label=_("Power"), required=False)
    usage = forms.ChoiceField(label=_("Usage"), required=False)
    engine_no = forms.CharField(label=_("Engine number"), max_length=30, required=False)
    purchased_on = DateField(label=_("Purchased on"), required=False)
    registered_on = DateField(label=_("Registered on"), required=False)
    warranty_until = DateField(label=_("Warranty until"), required=False)
    insurance_until = DateField(label=_("Insured until"), required=False)
    inspection_due_on = DateField(label=_("Inspection due on"), required=False)
    sold_here = forms.TypedChoiceField(
        label=_("Sold here"), choices=YES_NO, required=False, coerce=as_bool, empty_value=None
    )

    #: whether the car has a VIN that this person does not see in full
    has_hidden_vin = False

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("power", "usage"):
            column: Any = Vehicle._meta.get_field(name)
            self.fields[name].choices = [UNKNOWN, *column.choices]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """A car is known by its VIN, or at least by its plate."""
        cleaned = super().clean() or self.cleaned_data
        if not self.errors and not cleaned.get("vin") and not cleaned.get("plate_no") and not self.has_hidden_vin:
            raise ValidationError(_("Enter the VIN, or the plate where the VIN is not known yet."), code="car_unnamed")
        return cleaned


class VehicleForm(VersionedMixin, _CarFields):
    """The facts of a car, with what was shown of them."""

    @classmethod
    def of(cls, vehicle: Vehicle, data: Any = None, *, sight: Sight) -> VehicleForm:
        """The form filled with what is known of a car; a hidden VIN is written anew only."""
        shown = {name: getattr(vehicle, name) for name in cls.base_fields if hasattr(vehicle, name)}
        hides_vin = bool(vehicle.vin) and not sight.shows("vin")
        if hides_vin:
            del shown["vin"]
        form = cls(data, version=vehicle.version, initial=shown)
        if hides_vin:
            form.has_hidden_vin = True
            told = {"masked": sight.value("vin", vehicle.vin)}
            form.fields["vin"].help_text = _("Now: %(masked)s. Write here only to correct it.") % told
        return form

    def seen(self) -> dict[str, str]:
        """The text that each field showed; nothing of a VIN that was hidden."""
        return {name: text for name, text in self.shown_values().items() if name != "vin" or not self.has_hidden_vin}

    def wanted(self) -> dict[str, Any]:
        """The fields that the person changed, with their new values."""
        return {name: self.cleaned_data[name] for name in self.changed_by_user()}


class NewVehicleForm(_CarFields):
    """A car for a customer, and what they are to it."""

    role = forms.ChoiceField(label=_("The customer is"), choices=VehicleRole.Kind.choices)
    since = DateField(label=_("Since"), required=False)

    field_order = ["role", "since"]


class RoleForm(forms.Form):
    """What the customer, or one of their contacts, is to a car."""

    who = ScopedChoiceField(Contact, label=_("Person"), required=False)
    role = forms.ChoiceField(label=_("Relation"), choices=VehicleRole.Kind.choices)
    since = DateField(label=_("Since"), required=False)
    until = DateField(label=_("Until"), required=False, help_text=_("Empty: it still holds."))

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["who"].queryset = customer.contacts.order_by("name")  # type: ignore[attr-defined]
        self.fields["who"].empty_label = customer.name  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Only the customer owns the car; a contact who does is a customer of their own."""
        cleaned = super().clean() or self.cleaned_data
        if cleaned.get("who") and cleaned.get("role") == VehicleRole.Kind.OWNER:
            raise ValidationError(
                _("A contact cannot be the owner. Add them as a customer and give them the car."), code="contact_owner"
            )
        return cleaned


class EndRoleForm(forms.Form):
    """The last day of a role."""

    until = DateField(label=_("Until"))
