"""Forms of a customer's card."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.accounts.models import Store, User
from crm_site.core.forms import DateField, NameField, PhoneField, ScopedChoiceField, SubmissionMixin, VersionedMixin
from customers.models import Customer, CustomerType, ValueClass

SEXES = [("", _("Not known")), ("m", _("Male")), ("f", _("Female"))]
CLASSES = [("", _("Not classed")), *ValueClass.choices]
CONSENTS = [("", _("Never asked")), ("True", _("Agrees")), ("False", _("Does not agree"))]


def as_bool(written: str) -> bool | None:
    """A choice of yes, no and not known."""
    return {"True": True, "False": False}.get(written)


class CustomerForm(VersionedMixin):
    """The facts of a card, with what was shown of them."""

    name = NameField(label=_("Name"), max_length=80)
    customer_type = forms.ChoiceField(label=_("Customer type"), choices=CustomerType.choices)
    number = forms.CharField(label=_("Customer number"), max_length=40, required=False)
    value_class = forms.ChoiceField(label=_("Customer class"), choices=CLASSES, required=False)
    salutation = forms.CharField(label=_("Salutation"), max_length=20, required=False)
    sex = forms.ChoiceField(label=_("Sex"), choices=SEXES, required=False)
    birthday = DateField(label=_("Birthday"), required=False)
    province = forms.CharField(label=_("Province"), max_length=30, required=False)
    city = forms.CharField(label=_("City"), max_length=30, required=False)
    district = forms.CharField(label=_("District"), max_length=30, required=False)
    address = forms.CharField(label=_("Address"), max_length=200, required=False)
    employer = forms.CharField(label=_("Employer"), max_length=80, required=False)
    industry = forms.CharField(label=_("Industry"), max_length=40, required=False)
    occupation = forms.CharField(label=_("Occupation"), max_length=40, required=False)
    email = forms.EmailField(label=_("E-mail"), max_length=120, required=False)
    source = forms.CharField(label=_("Customer source"), max_length=40, required=False)
    hobbies = forms.CharField(label=_("Hobbies"), max_length=120, required=False)
    preferred_time = forms.CharField(label=_("Preferred time"), max_length=60, required=False)
    marketing_consent = forms.TypedChoiceField(
        label=_("Marketing consent"), choices=CONSENTS, required=False, coerce=as_bool, empty_value=None
    )
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    @classmethod
    def of(cls, customer: Customer, data: Any = None) -> CustomerForm:
        """The form filled with what stands on a card."""
        shown = {name: getattr(customer, name) for name in cls.base_fields if hasattr(customer, name)}
        return cls(data, version=customer.version, initial=shown)

    def wanted(self) -> dict[str, Any]:
        """The fields that the person changed, with their new values."""
        return {name: self.cleaned_data[name] for name in self.changed_by_user()}


class NewCustomerForm(SubmissionMixin):
    """A new card: who, where, and a first number."""

    store = ScopedChoiceField(Store, label=_("Store"))
    name = NameField(label=_("Name"), max_length=80)
    phone = PhoneField(label=_("Phone"), required=False)
    customer_type = forms.ChoiceField(label=_("Customer type"), choices=CustomerType.choices)
    sex = forms.ChoiceField(label=_("Sex"), choices=SEXES, required=False)
    number = forms.CharField(label=_("Customer number"), max_length=40, required=False)
    city = forms.CharField(label=_("City"), max_length=30, required=False)
    source = forms.CharField(label=_("Customer source"), max_length=40, required=False)
    note = forms.CharField(label=_("Note"), max_length=500, required=False, widget=forms.Textarea(attrs={"rows": 2}))

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = Store.objects.filter(pk__in=policy.stores_allowing(user, "customers.edit"))
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        if len(stores) == 1:
            self.fields["store"].initial = stores[0]
            self.fields["store"].widget = self.fields["store"].hidden_widget()


class ReasonForm(forms.Form):
    """Why something grave is done."""

    reason = forms.CharField(label=_("Reason"), max_length=200, widget=forms.Textarea(attrs={"rows": 2}))
