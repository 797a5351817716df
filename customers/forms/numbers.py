"""Forms of phone numbers, contacts and wishes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core import formats
from crm_site.core.forms import DateField, NameField, PhoneField, ScopedChoiceField, ShownMixin
from customers.forms.cards import SEXES
from customers.models import Contact, ContactBan, Customer, Phone, Vehicle


class PhoneForm(forms.Form):
    """A number, what line it is, and whose."""

    number = PhoneField(label=_("Phone number"))
    kind = forms.ChoiceField(label=_("Kind"), choices=Phone.Kind.choices)
    contact = ScopedChoiceField(Contact, label=_("Belongs to"), required=False)
    first = forms.BooleanField(label=_("Dial this number first"), required=False)

    def __init__(self, *args: Any, customer: Customer, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["contact"].queryset = customer.contacts.order_by("name")  # type: ignore[attr-defined]
        self.fields["contact"].empty_label = customer.name  # type: ignore[attr-defined]


class CorrectPhoneForm(ShownMixin, PhoneForm):
    """A number that stands, with what was shown of it: of its digits only what the mask leaves."""

    stands = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, data: Any = None, *, phone: Phone, customer: Customer) -> None:
        self.phone = phone
        shown = {"kind": phone.kind, "contact": phone.contact_id, "first": phone.rank == 1}
        shown["stands"] = formats.masked_phone(phone.number)
        super().__init__(data, customer=customer, initial=shown)
        self.fields["number"].required = False

    def again(self, data: Any) -> CorrectPhoneForm:
        """The same form, bound to what was sent."""
        return type(self)(data, phone=self.phone, customer=self.phone.customer)

    def seen(self) -> dict[str, str]:
        """The text that each field showed; the number as it was masked."""
        shown = self.shown_values()
        return shown | ({"number": shown["stands"]} if "stands" in shown else {})

    def wanted(self) -> dict[str, Any]:
        """What the person changed, with its new values; a number left empty stays."""
        wanted = {name: self.cleaned_data[name] for name in self.changed_by_user() if name in ("kind", "contact")}
        number = self.cleaned_data["number"]
        return wanted | {"number": number} if number else wanted

    def puts_first(self) -> bool:
        """Whether the person asks for this number to be dialled first; it may have stood there already."""
        return self.cleaned_data["first"] and "first" in self.changed_by_user()


class _ContactFields(forms.Form):
    """What may be entered of somebody around the customer."""

    name = NameField(label=_("Name"), max_length=80)
    identity = forms.ChoiceField(label=_("Who they are to the customer"), choices=Contact.Identity.choices)
    title = forms.CharField(label=_("Job title"), max_length=40, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=SEXES, required=False)
    birthday = DateField(label=_("Birthday"), required=False)


class ContactForm(ShownMixin, _ContactFields):
    """Somebody around the customer, with what was shown of them."""

    left_on = DateField(
        label=_("No longer there since"), required=False,
        help_text=_("Their roles on cars end the day before, and their numbers are dialled no more."),
    )  # fmt: skip

    @classmethod
    def of(cls, contact: Contact, data: Any = None) -> ContactForm:
        """The form filled with what is known of a contact."""
        return cls(data, initial={name: getattr(contact, name) for name in cls.base_fields if hasattr(contact, name)})

    def wanted(self) -> dict[str, Any]:
        """The fields that the person changed, with their new values."""
        return {name: self.cleaned_data[name] for name in self.changed_by_user()}


class NewContactForm(_ContactFields):
    """A contact with a number."""

    phone = PhoneField(label=_("Phone"), required=False)

    field_order = ["name", "phone", "identity", "title", "sex", "birthday"]


class BanForm(forms.Form):
    """What a customer does not want, about which car, until when."""

    purpose = forms.ChoiceField(label=_("Does not want"), choices=ContactBan.Purpose.choices)
    channel = forms.ChoiceField(label=_("By"), choices=ContactBan.Channel.choices)
    vehicle = ScopedChoiceField(Vehicle, label=_("About"), required=False, empty_label=_("All vehicles"))
    since = DateField(label=_("Since"))
    until = DateField(label=_("Until"), required=False, help_text=_("Empty: until the customer agrees again."))
    reason = forms.CharField(
        label=_("What the customer said"), max_length=200, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )

    def __init__(self, *args: Any, customer: Customer, today: date, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["since"].initial = today
        self.fields["vehicle"].queryset = Vehicle.objects.filter(roles__customer=customer).distinct()  # type: ignore[attr-defined]
