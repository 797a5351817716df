"""Forms of the page that says which facts the cards of a store hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.forms import VersionedMixin
from customers.models import CustomerType, ProfileField
from customers.questions import NOT_ASKABLE

#: places among the questions of calls; two questions of one place keep the order of the card
PLACES = [("", "–"), *((str(place), str(place)) for place in range(1, 10))]
SWITCHES = ("is_on", "counts", "ask_position")
#: what a Chinese keyboard writes for |
WIDE_BAR = "\uff5c"


def place(written: str) -> int | None:
    """A chosen place among the questions; None for none."""
    return int(written) if written else None


def _place_field(label: Any = "") -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, choices=PLACES, coerce=place, empty_value=None, required=False)


class FieldsForm(VersionedMixin):
    """The switches of every field on one page: `is_on_code`, `counts_code`, `ask_position_code`."""

    def __init__(self, *args: Any, rows: Sequence[ProfileField], **kwargs: Any) -> None:
        self.rows = list(rows)
        super().__init__(*args, version=1, **kwargs)
        for row in self.rows:
            self.fields[f"is_on_{row.code}"] = forms.BooleanField(required=False)
            self.fields[f"counts_{row.code}"] = forms.BooleanField(required=False)
            self.fields[f"ask_position_{row.code}"] = _place_field()
            self.fields[f"ask_position_{row.code}"].disabled = row.column in NOT_ASKABLE
            self.initial.update({f"{name}_{row.code}": getattr(row, name) for name in SWITCHES})
        self.fields["shown"].initial = self._sealed_initial

    def again(self, data: Any) -> FieldsForm:
        """The same form, bound to what was sent."""
        return FieldsForm(data, rows=self.rows)

    def _split(self, name: str) -> tuple[str, str]:
        """(code, switch) of a field of the form."""
        switch = next(one for one in SWITCHES if name.startswith(one + "_"))
        return name.removeprefix(switch + "_"), switch

    def wanted(self) -> dict[str, dict[str, Any]]:
        """{code: {switch: value}} of what the person changed."""
        found: dict[str, dict[str, Any]] = {}
        for name in self.changed_by_user():
            code, switch = self._split(name)
            found.setdefault(code, {})[switch] = self.cleaned_data[name]
        return found

    def seen(self) -> dict[str, dict[str, str]]:
        """{code: {switch: text}} as the page showed it."""
        found: dict[str, dict[str, str]] = {}
        for name, text in self.shown_values().items():
            code, switch = self._split(name)
            found.setdefault(code, {})[switch] = _standing(switch, text)
        return found


def _standing(switch: str, text: str) -> str:
    """What was shown, in the words of editing.as_text: a tick that is not set stands there as False."""
    return text if switch == "ask_position" else str(bool(text))


class FieldForm(VersionedMixin):
    """The switches and the question of one field."""

    is_on = forms.BooleanField(label=_("Shown on the card and asked"), required=False)
    counts = forms.BooleanField(label=_("Counts for the completeness of the card"), required=False)
    ask_position = _place_field(_("Place among the questions of a call"))
    question_zh = forms.CharField(label=_("The question in Chinese"), max_length=200, required=False)
    question_en = forms.CharField(label=_("The question in English"), max_length=200, required=False)

    @classmethod
    def of(cls, row: ProfileField, data: Any = None) -> FieldForm:
        """The form filled with what holds."""
        shown = {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}
        form = cls(data, version=row.version, initial=shown)
        form.fields["ask_position"].disabled = row.column in NOT_ASKABLE
        return form

    def wanted(self) -> dict[str, Any]:
        """What the person changed, with its new values."""
        return {name: self.cleaned_data[name] for name in self.changed_by_user()}

    def seen(self) -> dict[str, str]:
        """What the form showed, in the words of editing.as_text."""
        ticks = ("is_on", "counts")
        return {name: str(bool(text)) if name in ticks else text for name, text in self.shown_values().items()}


class _OwnNames(forms.Form):
    """What a store says of a field of its own."""

    label_zh = forms.CharField(label=_("Name in Chinese"), max_length=40)
    label_en = forms.CharField(label=_("Name in English"), max_length=60, required=False)
    customer_type = forms.ChoiceField(
        label=_("For"), choices=[("", _("Individuals and enterprises")), *CustomerType.choices], required=False
    )
    kind = forms.ChoiceField(label=_("Kind of answer"), choices=ProfileField.Kind.choices)
    options = forms.CharField(
        label=_("Entries to choose from"), required=False, widget=forms.Textarea(attrs={"rows": 5}), max_length=2000,
        help_text=_("One a line, only for the kind “choice”. Chinese | English; the English may be left out."),
    )  # fmt: skip

    def clean(self) -> dict[str, Any]:
        """An English name that was left out is the Chinese one."""
        cleaned = super().clean() or {}
        cleaned["label_en"] = cleaned.get("label_en") or cleaned.get("label_zh", "")
        return cleaned


class NewFieldForm(_OwnNames):
    """A new field of a store's own."""

    counts = forms.BooleanField(label=_("Counts for the completeness of the card"), required=False)
    ask_position = _place_field(_("Place among the questions of a call"))
    question_zh = forms.CharField(label=_("The question in Chinese"), max_length=200, required=False)
    question_en = forms.CharField(label=_("The question in English"), max_length=200, required=False)

    def values(self) -> dict[str, Any]:
        """The values of the new row."""
        return {**self.cleaned_data, "options": lines_to_options(self.cleaned_data["options"], [])}


class OwnFieldForm(FieldForm, _OwnNames):
    """A field of a store's own: everything may be set."""

    #: the entries as the row has them
    standing: Sequence[dict[str, str]] = ()
    field_order = (
        "label_zh", "label_en", "customer_type", "kind", "options", "is_on", "counts", "ask_position", "question_zh",
        "question_en",
    )  # fmt: skip

    @classmethod
    def of(cls, row: ProfileField, data: Any = None) -> OwnFieldForm:
        """The form filled with what holds."""
        shown = {name: getattr(row, name) for name in cls.base_fields if hasattr(row, name)}
        form = cls(data, version=row.version, initial=shown | {"options": options_to_lines(row.options)})
        form.standing = row.options
        form.fields["options"].help_text = _(
            "One a line: Chinese | English. Change a line to give an entry another wording, or take it out; add new "
            "ones at the end."
        )
        return form

    def wanted(self) -> dict[str, Any]:
        """What the person changed, with its new values."""
        found = super().wanted()
        if "options" in found:
            found["options"] = lines_to_options(found["options"], self.standing)
        return found

    def seen(self) -> dict[str, str]:
        """What the form showed; entries that are still the same count as the row holds them."""
        seen = super().seen()
        if seen.get("options") == options_to_lines(self.standing):
            seen["options"] = str(self.standing)
        return seen


def options_to_lines(options: Sequence[dict[str, str]]) -> str:
    """The entries of a choice, one a line."""
    return "\n".join(
        one["label_zh"] if one["label_en"] == one["label_zh"] else f"{one['label_zh']} | {one['label_en']}"
        for one in options
    )


def lines_to_options(text: str, standing: Sequence[dict[str, str]]) -> list[dict[str, str]]:
    """The entries that are meant: the same words keep their code, and so does a line that was only reworded.

    A line counts as reworded where no line was taken away and its place held an entry that no other line names.
    """
    lines = [_entry(line) for line in text.replace("\r\n", "\n").split("\n") if line.strip(f" |{WIDE_BAR}")]
    codes = {one["label_zh"]: one["code"] for one in standing}
    named = {codes[zh] for zh, _en in lines if zh in codes}
    fresh = (code for number in range(1, 1000) if (code := f"o{number}") not in set(codes.values()))
    reworded = [one["code"] for one in standing] if len(lines) >= len(standing) else []
    found = []
    for spot, (zh, en) in enumerate(lines):
        code = codes.get(zh, "")
        if not code and spot < len(reworded) and reworded[spot] not in named:
            code = reworded[spot]
        found.append({"code": code or next(fresh), "label_zh": zh, "label_en": en or zh})
    return found


def _entry(line: str) -> tuple[str, str]:
    zh, _bar, en = (part.strip() for part in line.replace(WIDE_BAR, "|").partition("|"))
    return (zh or en)[:60], en[:60]
