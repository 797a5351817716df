"""The form that gives ticked tickets, or all of a list, to one handler."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints import people
from crm_site.accounts.models import Employee
from crm_site.core.forms import ScopedChoiceField

TICKED, ALL = "ticked", "all"


class HandlerField(ScopedChoiceField):
    """The people who handle tickets, each with the store."""

    def label_from_instance(self, obj: Employee) -> str:
        """`何志远`, and the store where there are several to choose from."""
        return f"{obj.name} · {obj.store.short_name}" if self.with_store else obj.name

    with_store = False


class TicksField(forms.TypedMultipleChoiceField):
    """Ticked keys; each is judged at once, so that thousands of them cost no more than what they are."""

    known: frozenset[str] = frozenset()

    def valid_value(self, value: Any) -> bool:
        """Whether it is one of the keys."""
        return str(value) in self.known


class AssignForm(forms.Form):
    """Which tickets, and to whom."""

    handler = HandlerField(
        Employee,
        label=_("New handler"),
        empty_label=_("Choose a handler"),
        error_messages={"required": _("Choose who takes the complaints.")},
    )
    scope = forms.ChoiceField(choices=[(TICKED, ""), (ALL, "")], required=False)
    tickets = TicksField(coerce=int, required=False)

    def __init__(self, *args: Any, stores: list[int], day: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        handling = Employee.objects.none()
        for store_id in stores:
            handling |= people.members(store_id, people.HANDLING_ROLES, day)
        keys = list(handling.order_by().values_list("pk", flat=True))
        self.fields["handler"].with_store = len(stores) > 1
        self.fields["handler"].queryset = (
            Employee.objects.filter(pk__in=keys).select_related("store").order_by("store_id", "number")
        )
        sent = self.data.getlist("tickets") if self.is_bound else []
        numbers = [one for one in sent if one.isascii() and one.isdecimal() and len(one) < 12]
        self.fields["tickets"].choices = [(one, one) for one in numbers]
        self.fields["tickets"].known = frozenset(numbers)

    @property
    def wants_all(self) -> bool:
        """Whether all of the list are meant, not only the ticked ones."""
        return self.data.get("scope") == ALL

    @property
    def ticked(self) -> list[int]:
        """The keys that were ticked, as far as they are keys."""
        return [int(one) for one, _same in self.fields["tickets"].choices]
