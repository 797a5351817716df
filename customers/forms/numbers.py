"""Forms of phone numbers, contacts and wishes."""

from __future__ import annotations

from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import DateField, NameField, PhoneField, ScopedChoiceField
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


class ContactForm(forms.Form):
    """Somebody around the customer."""

    name = NameField(label=_("Name"), max_length=80)
    identity = forms.ChoiceField(label=_("Who they are to the customer"), choices=Contact.Identity.choices)
    title = forms.CharField(label=_("Job title"), max_length=40, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=SEXES, required=False)
    birthday = DateField(label=_("Birthday"), required=False)
    left_on = DateField(
        label=_("No longer there since"), required=False,
        help_text=_("Their roles on cars end the day before, and their numbers are dialled no more."),
    )  # fmt: skip


class NewContactForm(ContactForm):
    """A contact with a number."""

    left_on = None  # type: ignore[assignment]
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
