"""What a user types about hours, rota and calendar, turned into values that the actions take."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from crm_site.accounts.models import Employee, Store
from crm_site.worktime import official, rules
from crm_site.worktime.models import (
    OFFICIAL_KINDS,
    STORE_KINDS,
    Absence,
    CalendarDay,
    Covers,
    DayEntry,
    DayKind,
    Weekday,
)

BAD_LINE = {
    "form": gettext_lazy("Write the date, the name and “off” or “work”, with blanks between."),
    "date": gettext_lazy("There is no such date."),
    "order": gettext_lazy("The last day is before the first."),
    "long": gettext_lazy("That is longer than a month."),
    "word": gettext_lazy("The last word must be “off” or “work”."),
    "year": gettext_lazy("The date is not in this year."),
    "twice": gettext_lazy("A day of this line stands in an earlier line already."),
}


def time_field(label: Any) -> forms.TimeField:
    """A time of day; `label` is for screen readers where the table's head says it to the eye."""
    widget = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "form-control", "aria-label": label})
    return forms.TimeField(label=label, required=False, widget=widget)


def date_field(label: Any) -> forms.DateField:
    """A day, picked from the browser's own calendar."""
    return forms.DateField(label=label, widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}))


@dataclass(frozen=True)
class DayRow:
    """One weekday of a WeekForm as the template draws it: from and to of each shift."""

    label: str | Promise
    shifts: list[tuple[forms.BoundField, forms.BoundField]]


class WeekForm(forms.Form):
    """The hours of a week: per weekday one or more shifts, an empty pair is no shift.

    ``shown`` carries the hours that the user had before them through the form; after is_valid()
    ``cleaned_data["week"]`` is what the actions take.
    """

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, week: rules.Week, shifts: int, **kwargs: Any) -> None:
        self.shifts = max([shifts, *map(len, week.values())])
        kwargs["initial"] = {"shown": rules.week_text(week)} | self._initial(week)
        super().__init__(*args, **kwargs)
        for weekday, number, edge in self._places():
            words = {"day": Weekday(weekday).label, "number": number + 1}
            label = _("%(day)s, shift %(number)s, from") if edge == "begins" else _("%(day)s, shift %(number)s, to")
            self.fields[self._key(weekday, number, edge)] = time_field(label % words)

    def clean(self) -> dict[str, Any]:
        """Put the pairs together and say on which day they do not fit."""
        cleaned = super().clean() or {}
        cleaned["week"] = {weekday: self._segments(weekday, cleaned) for weekday in range(7)}
        return cleaned

    @property
    def shift_numbers(self) -> range:
        """The shifts of a day as the table's head counts them."""
        return range(1, self.shifts + 1)

    def rows(self) -> list[DayRow]:
        """The weekdays with their fields, Monday first."""
        return [self._row(day) for day in Weekday]

    def _row(self, day: Weekday) -> DayRow:
        pairs = [
            (self[self._key(day, number, "begins")], self[self._key(day, number, "ends")])
            for number in range(self.shifts)
        ]
        return DayRow(day.label, pairs)

    def _segments(self, weekday: int, cleaned: dict[str, Any]) -> rules.Segments:
        found: dict[rules.Segment, int] = {}
        for number in range(self.shifts):
            begins = cleaned.get(self._key(weekday, number, "begins"))
            ends = cleaned.get(self._key(weekday, number, "ends"))
            if begins and ends and begins < ends:
                found[rules.Segment(begins, ends)] = number
            elif begins and ends:
                self._refuse(weekday, number, "ends", _("The end must be after the beginning."))
            elif begins or ends:
                self._refuse(weekday, number, "ends" if begins else "begins", _("Enter both times, or none."))
        clash = rules.overlapping(found)
        if clash:
            texts = dict(zip(("one", "two"), map(rules.segment_text, clash), strict=True))
            self._refuse(weekday, found[clash[1]], "begins", _("%(one)s and %(two)s overlap.") % texts)
        return rules.sorted_segments(found)

    def _refuse(self, weekday: int, number: int, edge: str, message: str) -> None:
        key = self._key(weekday, number, edge)
        if key not in self.errors:
            self.add_error(key, message)

    def _places(self) -> Iterator[tuple[int, int, str]]:
        return (
            (weekday, number, edge)
            for weekday in range(7)
            for number in range(self.shifts)
            for edge in ("begins", "ends")
        )

    @classmethod
    def _initial(cls, week: rules.Week) -> dict[str, Any]:
        return {
            cls._key(weekday, number, edge): getattr(segment, edge)
            for weekday, segments in week.items()
            for number, segment in enumerate(segments)
            for edge in ("begins", "ends")
        }

    @staticmethod
    def _key(weekday: int, number: int, edge: str) -> str:
        return f"day{int(weekday)}_{number}_{edge}"


class EntryForm(forms.Form):
    """The fields that every form about a marked day shares."""

    name = forms.CharField(label=gettext_lazy("Occasion"), max_length=60, required=False)

    def entry(self) -> DayEntry:
        """The cleaned values as the actions take them."""
        data = self.cleaned_data
        return DayEntry(
            kind=DayKind(data["kind"]),
            name=data["name"],
            covers=Covers(data.get("covers") or Covers.BOTH),
            opens=data.get("opens"),
            closes=data.get("closes"),
        )


class StoreEntryForm(EntryForm):
    """What an exception of a store is."""

    kind = forms.ChoiceField(label=gettext_lazy("This day is"), choices=[(k.value, k.label) for k in STORE_KINDS])
    covers = forms.ChoiceField(label=gettext_lazy("Holds for"), choices=Covers.choices)
    opens = time_field(gettext_lazy("Own hours from"))
    closes = time_field(gettext_lazy("Own hours to"))

    field_order = ["stores", "first", "last", "kind", "covers", "opens", "closes", "name"]

    def clean(self) -> dict[str, Any]:
        """Own hours come in pairs and only on an open day."""
        cleaned = super().clean() or {}
        opens, closes = cleaned.get("opens"), cleaned.get("closes")
        if (opens or closes) and cleaned.get("kind") == DayKind.CLOSED:
            self.add_error("opens", _("A closed day has no hours. Leave them empty, or choose “Open”."))
        elif (opens is None) != (closes is None):
            self.add_error("closes", _("Enter both times, or none for the usual hours."))
        elif opens and closes and opens >= closes:
            self.add_error("closes", _("The end must be after the beginning."))
        return cleaned


class CompanyEntryForm(EntryForm):
    """What a day of all stores is."""

    kind = forms.ChoiceField(label=gettext_lazy("This day is"), choices=[(k.value, k.label) for k in OFFICIAL_KINDS])

    field_order = ["first", "last", "kind", "name"]


class StretchForm(forms.Form):
    """One day, or all days from the first to the last."""

    first = date_field(pgettext_lazy("stretch", "First day"))
    last = date_field(pgettext_lazy("stretch", "Last day"))
    last.required = False
    last.help_text = gettext_lazy("Empty: this one day.")

    def stretch(self) -> tuple[date, date]:
        """The first and the last day, both included."""
        first = self.cleaned_data["first"]
        return first, self.cleaned_data["last"] or first


class AddStoreDaysForm(StretchForm, StoreEntryForm):
    """Marks days in one or more stores in which the user may do so."""

    stores = forms.ModelMultipleChoiceField(
        label=gettext_lazy("Stores"), queryset=Store.objects.none(), widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, *args: Any, stores: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stores"].queryset = stores  # type: ignore[attr-defined]


class AddCompanyDaysForm(StretchForm, CompanyEntryForm):
    """Marks holidays or make-up workdays of all stores."""


class _ChangeForm(forms.Form):
    """Carries the state that the user had before them through the form."""

    shown = forms.CharField(widget=forms.HiddenInput)


class ChangeStoreDayForm(StoreEntryForm, _ChangeForm):
    """Changes one exception of a store."""


class ChangeCompanyDayForm(CompanyEntryForm, _ChangeForm):
    """Changes one holiday or make-up workday."""


def initial_of(row: CalendarDay) -> dict[str, Any]:
    """A marked day as the initial values of its change form."""
    return {"kind": row.kind, "covers": row.covers, "opens": row.opens, "closes": row.closes, "name": row.name}


class ListForm(forms.Form):
    """A whole year's list as text, one stretch a line."""

    lines = forms.CharField(
        label=gettext_lazy("Holidays and make-up workdays"),
        widget=forms.Textarea(attrs={"rows": 16, "spellcheck": "false"}),
    )

    def __init__(self, *args: Any, year: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.year = year

    def clean_lines(self) -> list[official.OfficialDay]:
        """The days of the list; the message names the first line that cannot be read."""
        try:
            return official.read_lines(self.cleaned_data["lines"], self.year)
        except official.BadLine as bad:
            raise forms.ValidationError(
                _("Line %(number)s, “%(text)s”: %(reason)s"),
                params={"number": bad.number, "text": bad.text, "reason": BAD_LINE[bad.reason]},
            ) from bad


class _EmployeeField(forms.ModelChoiceField):
    """Somebody of the roster, with number and store, so that two of the same name can be told apart."""

    def label_from_instance(self, employee: Any) -> str:
        """Name, number, store."""
        return f"{employee.name} · {employee.number} · {employee.store.short_name}"


class AbsenceForm(forms.Form):
    """Who is away, why, and from when to when."""

    employee = _EmployeeField(label=gettext_lazy("Who is away"), queryset=Employee.objects.none())
    kind = forms.ChoiceField(label=gettext_lazy("Reason of absence"), choices=Absence.Kind.choices)
    first = date_field(gettext_lazy("First day away"))
    last = date_field(gettext_lazy("Last day away"))
    note = forms.CharField(
        label=gettext_lazy("Note"),
        max_length=200,
        required=False,
        help_text=gettext_lazy("Seen by managers. No diagnosis."),
    )

    def __init__(self, *args: Any, employees: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["employee"].queryset = employees  # type: ignore[attr-defined]
