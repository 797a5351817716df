"""The edit form of a card: the columns and the own facts that its store has switched on, group by group."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from copy import deepcopy
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from crm_site.core.forms import DateField, NameField
from customers import profile
from customers.forms.cards import CustomerForm
from customers.forms.cars import VehicleForm
from customers.models import Customer, ProfileField
from customers.questions import Question
from customers.rules import profile as rules
from customers.sight import Sight

#: columns that every card has, whatever is switched on
ALWAYS = ("name", "customer_type", "number", "value_class", "note")
PREFIX = "fact_"
YES_NO = [("", gettext_lazy("Not known")), (rules.YES, gettext_lazy("Yes")), (rules.NO, gettext_lazy("No"))]


class NumberField(forms.DecimalField):
    """A number as people write it: blanks and thousands' commas are read over."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs["widget"] = forms.TextInput(attrs={"inputmode": "decimal"})
        super().__init__(max_digits=15, decimal_places=3, **kwargs)
        self.error_messages["invalid"] = gettext_lazy("Write a number, such as 12 or 3.5.")

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value).replace(",", "").replace("\uff0c", "") if value else value)


def field_for(row: ProfileField, *, label: str = "") -> forms.Field:
    """The form field in which a fact of a card or a call is entered, by its kind."""
    common: dict[str, Any] = {"label": label or row.label, "required": False}
    if row.kind == rules.NUMBER:
        return NumberField(**common)
    if row.kind == rules.DATE:
        return DateField(**common)
    if row.kind == rules.CHOICE:
        return forms.ChoiceField(choices=[YES_NO[0], *profile.options_of(row)], **common)
    if row.kind == rules.YES_NO:
        return forms.ChoiceField(choices=YES_NO, **common)
    return forms.CharField(max_length=rules.LONGEST, **common)


def answer_field(question: Question) -> forms.Field:
    """The form field for the answer to a question of a call: as the card or the car has it, never required."""
    row, column = question.row, profile.column_of(question.row)
    if row.column == rules.DRIVER:
        field: forms.Field = NameField(max_length=80)
    elif row.column:
        known = VehicleForm.base_fields if profile.is_of_cars(row) else CustomerForm.base_fields
        field = deepcopy(known[column])
    else:
        field = field_for(row)
    field.label, field.required = row.label, False
    return field


class CardForm(CustomerForm):
    """The facts of one card with what was shown of them; what this person does not see in full is written anew only.

    `rows` are the fields in force for the card, `values` its own facts.
    """

    def __init__(
        self,
        *args: Any,
        customer: Customer,
        rows: Sequence[ProfileField],
        values: Mapping[str, str],
        sight: Sight,
        **kwargs: Any,
    ) -> None:
        self.customer, self.rows, self.values, self.sight = customer, list(rows), values, sight
        super().__init__(*args, version=customer.version, **kwargs)
        self._drop_what_is_off()
        #: names of the fields that are masked for this person
        self.masked: set[str] = set()
        for row in self.rows:
            if not row.column:
                self.fields[PREFIX + row.code] = field_for(row)
            self._show(row)
        for name in ALWAYS:
            self.initial[name] = getattr(customer, name)
        self.fields["shown"].initial = self._sealed_initial

    def _drop_what_is_off(self) -> None:
        shown = {profile.column_of(row) for row in self.rows if row.column}
        for name in set(CustomerForm.base_fields) - shown - {*ALWAYS, "version", "shown"}:
            del self.fields[name]

    def _show(self, row: ProfileField) -> None:
        """Put what stands into the field, or say it masked beside an empty field."""
        name, fact = name_of(row), profile.fact_of(row)
        self.fields[name].label = row.label
        standing = profile.text_of(self.customer, row, self.values)
        if standing and fact and not self.sight.shows(fact):
            self.masked.add(name)
            told = {"masked": self.sight.value(fact, standing)}
            self.fields[name].help_text = _("Now: %(masked)s. Write here only to correct it.") % told
        else:
            self.initial[name] = getattr(self.customer, profile.column_of(row)) if row.column else standing

    def again(self, data: Any) -> CardForm:
        """The same form, bound to what was sent."""
        return type(self)(data, customer=self.customer, rows=self.rows, values=self.values, sight=self.sight)

    # ---- what was sent -----------------------------------------------------------------------------------------------

    def seen(self) -> dict[str, str]:
        """The text that each field showed; nothing of those that were masked."""
        return {name: text for name, text in self.shown_values().items() if name not in self.masked}

    def wanted(self) -> dict[str, Any]:
        """The columns that the person changed, with their new values."""
        return {name: value for name, value in super().wanted().items() if not name.startswith(PREFIX)}

    def wanted_facts(self) -> dict[str, Any]:
        """{field's code: new value} of the own facts that the person changed."""
        changed = [name for name in self.changed_by_user() if name.startswith(PREFIX)]
        return {name.removeprefix(PREFIX): self.cleaned_data[name] for name in changed}

    def seen_facts(self) -> dict[str, str]:
        """{field's code: the text shown} of the own facts."""
        return {name.removeprefix(PREFIX): text for name, text in self.seen().items() if name.startswith(PREFIX)}

    # ---- how it is drawn ---------------------------------------------------------------------------------------------

    def sections(self) -> list[dict[str, Any]]:
        """The fields group by group: [{title, fields, is_open}]; a group in which nothing stands is folded."""
        found = [{"title": _("The card"), "fields": [self[name] for name in ALWAYS[:-1]], "is_open": True}]
        for number, group in enumerate(profile.GROUPS[self.customer.customer_type]):
            rows = [row for row in self.rows if profile.group_of(row, self.customer.customer_type) == group]
            fields = [self[name_of(row)] for row in rows]
            if fields:
                is_open = number == 0 or any(self._stands(field.name) for field in fields)
                found.append({"title": profile.group_title(group), "fields": fields, "is_open": is_open})
        return [*found, {"title": _("Note"), "fields": [self["note"]], "is_open": True}]

    def _stands(self, name: str) -> bool:
        return name in self.masked or name in self.errors or self[name].value() not in (None, "")


def name_of(row: ProfileField) -> str:
    """How the form calls a field: as the column, or by its code."""
    return profile.column_of(row) or PREFIX + row.code
