"""What a manager says about the pool: whom to give calls to, who takes over, how much the desk can dial."""

from __future__ import annotations

import uuid
from collections.abc import Iterable, Sequence
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee
from revisits.models import DeskSettings, Revisit
from revisits.queries.team import MOST


class People(forms.ModelMultipleChoiceField):
    """Several of the desk's people."""

    def label_from_instance(self, employee: Any) -> str:
        """The name."""
        return employee.name


class Person(forms.ModelChoiceField):
    """One of the desk's people."""

    def label_from_instance(self, employee: Any) -> str:
        """The name."""
        return employee.name


class CallsForm(forms.Form):
    """Which calls; only those of `rows`."""

    revisits = forms.ModelMultipleChoiceField(
        queryset=Revisit.objects.none(),
        error_messages={
            "required": _("Tick at least one call."),
            "invalid_choice": _("One of the calls is not on this list any more. Look again."),
        },
    )

    def __init__(self, *args: Any, rows: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["revisits"].queryset = rows  # type: ignore[attr-defined]

    @property
    def ids(self) -> list[int]:
        """The keys of the ticked calls."""
        return [row.pk for row in self.cleaned_data["revisits"]][: MOST + 1]


class HandOverForm(CallsForm):
    """Which calls go to whom: nobody ticked = the pool, one = that colleague, several = in turn."""

    takers = People(
        label=_("Who takes over"),
        queryset=Employee.objects.none(),
        required=False,
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )
    submission = forms.UUIDField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, colleagues: Iterable[Employee], **kwargs: Any) -> None:
        kwargs.setdefault("initial", {"submission": uuid.uuid4()})
        super().__init__(*args, **kwargs)
        able = Employee.objects.filter(pk__in=[person.pk for person in colleagues]).order_by("name", "pk")
        self.fields["takers"].queryset = able  # type: ignore[attr-defined]


class AssignForm(CallsForm):
    """Which calls go to one person."""

    to = Person(
        label=_("Give to"),
        queryset=Employee.objects.none(),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose who makes these calls.")},
    )

    def __init__(self, *args: Any, people: Iterable[Employee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        able = Employee.objects.filter(pk__in=[person.pk for person in people]).order_by("name", "pk")
        self.fields["to"].queryset = able  # type: ignore[attr-defined]


class GiveForm(forms.Form):
    """Who makes a call that nobody at the desk may make, and why, where they served."""

    to = Person(
        label=_("Give to"),
        queryset=Employee.objects.none(),
        empty_label=_("Choose a person"),
        error_messages={"required": _("Choose who makes this call.")},
    )
    reason = forms.CharField(label=_("Why, if they served"), max_length=200, required=False)

    def __init__(self, *args: Any, people: Sequence[int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["to"].queryset = Employee.objects.filter(pk__in=people)  # type: ignore[attr-defined]


#: what a number may be where it is not 1 to 999
LIMITS = {"inspect_percent": (0, 100), "inspect_at_least": (0, 999), "inspect_first": (0, 999)}


class DeskForm(forms.ModelForm):
    """A store's numbers for the desk; carries the version that the user had before them."""

    version = forms.IntegerField(widget=forms.HiddenInput)

    class Meta:
        model = DeskSettings
        fields = (
            "dials_a_day", "new_dials_a_day", "new_days", "ramp_days",
            "inspect_percent", "inspect_at_least", "inspect_first",
        )  # fmt: skip
        labels = {
            "dials_a_day": _("Dials a day of a specialist"),
            "new_dials_a_day": _("Dials a day of a new specialist"),
            "new_days": _("New for so many days"),
            "ramp_days": _("Days over which the first reminders are spread"),
            "inspect_percent": _("Per cent of a caller's weekly calls to inspect"),
            "inspect_at_least": _("At least so many calls a week"),
            "inspect_first": _("First scored calls of a new caller, all inspected"),
        }

    def __init__(self, *args: Any, people: Sequence[Employee], own: dict[int, int], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.people = people
        for name in self.Meta.fields:
            least, most = LIMITS.get(name, (1, 999))
            self.fields[name].validators += [MinValueValidator(least), MaxValueValidator(most)]
        for person in people:
            self.fields[f"own_{person.pk}"] = forms.IntegerField(
                label=person.name, required=False, min_value=1, max_value=999, initial=own.get(person.pk)
            )

    def own_fields(self) -> list[tuple[Employee, forms.BoundField]]:
        """The number of each caller."""
        return [(person, self[f"own_{person.pk}"]) for person in self.people]

    def own(self) -> dict[int, int | None]:
        """{employee: their own number, None = the store's}."""
        return {person.pk: self.cleaned_data.get(f"own_{person.pk}") for person in self.people}
