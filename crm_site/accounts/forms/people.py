"""Forms of the roster and of sign-ins."""

from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _

from crm_site.accounts import policy
from crm_site.accounts.models import Department, Employee, Post, Role, Store, User
from crm_site.core.forms import DateField, NameField, PhoneField, ScopedChoiceField

SEXES = [("", _("Not known")), ("m", _("Male")), ("f", _("Female"))]


class EmployeeForm(forms.Form):
    """An employee's own facts."""

    number = forms.CharField(label=_("Employee number"), max_length=30)
    name = NameField(label=_("Name"), max_length=60)
    sex = forms.ChoiceField(label=_("Sex"), choices=SEXES, required=False)
    phone = PhoneField(label=_("Phone"), required=False)
    hired_on = DateField(label=_("Hired on"))

    @classmethod
    def of(cls, employee: Employee, data: Any = None) -> "EmployeeForm":
        """The form filled with what is known of an employee."""
        return cls(data, initial={name: getattr(employee, name) for name in cls.base_fields})


class PostForm(forms.Form):
    """A post and the department it belongs to."""

    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    post = forms.ChoiceField(label=_("Post"), choices=Post.choices)
    since = DateField(label=_("From"))


class NewEmployeeForm(EmployeeForm):
    """A new employee with the store and the first post; offers only stores that the user administers."""

    store = ScopedChoiceField(Store, label=_("Store"))
    department = forms.ChoiceField(label=_("Department"), choices=Department.choices)
    post = forms.ChoiceField(label=_("Post"), choices=Post.choices)

    field_order = ["store", "number", "name", "sex", "phone", "hired_on", "department", "post"]

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        stores = Store.objects.filter(pk__in=policy.stores_allowing(user, "people.edit"))
        self.fields["store"].queryset = stores
        if len(stores) == 1:
            self.fields["store"].initial = stores[0]


class LeftForm(forms.Form):
    """An employee's last day."""

    left_on = DateField(label=_("Last day"))


class SignInNameForm(forms.Form):
    """A sign-in name and a role."""

    username = forms.CharField(
        label=_("Sign-in name"),
        max_length=40,
        validators=[
            RegexValidator(r"^[A-Za-z0-9._-]{3,40}$", _("Use 3 to 40 letters, digits, dots, dashes or underscores."))
        ],
    )
    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)


class RoleForm(forms.Form):
    """A role."""

    role = forms.ChoiceField(label=_("Role"), choices=Role.choices)
