"""The rows of the editor of a draft: factors, questions, words; a row without a name is no row."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from satisfaction.models import Attribution, QuestionKind
from satisfaction.rules import designs, scales

LAST_PLACE = 999


def small(css: str = "", **attributes: Any) -> dict[str, Any]:
    """The attributes of a small control in a dense row."""
    return {"class": f"form-control form-control-sm {css}".rstrip(), "autocomplete": "off", **attributes}


def select(**attributes: Any) -> forms.Select:
    return forms.Select(attrs={"class": "form-select form-select-sm", **attributes})


def number(label: Any, *, css: str = "", **options: Any) -> forms.DecimalField:
    """A number with at most two decimals, typed as text so that no browser rounds or scrolls it."""
    widget = forms.TextInput(attrs=small(f"num {css}", inputmode="decimal"))
    messages = {"invalid": _("This is not a number. Write it like 7.5.")}
    return forms.DecimalField(
        label=label, required=False, max_digits=5, decimal_places=2, widget=widget, error_messages=messages, **options
    )


class Row(forms.Form):
    """What factors and questions have in common."""

    place = forms.IntegerField(
        label=_("Order"), min_value=1, max_value=LAST_PLACE, required=False,
        widget=forms.TextInput(attrs=small("num hf-design__place", inputmode="numeric")),
    )  # fmt: skip
    code = forms.CharField(
        label=_("Code"), max_length=40, required=False,
        widget=forms.TextInput(attrs=small("mono", spellcheck="false", placeholder=_("code"))),
    )  # fmt: skip
    label_zh = forms.CharField(
        label=_("Name in Chinese"), max_length=designs.LONGEST_LABEL, required=False,
        widget=forms.TextInput(attrs=small(lang="zh-Hans")),
    )  # fmt: skip
    label_en = forms.CharField(
        label=_("Name in English"), max_length=designs.LONGEST_LABEL, required=False,
        widget=forms.TextInput(attrs=small(lang="en")),
    )  # fmt: skip
    weight = number(_("Weight"), css="hf-design__weight")
    drop = forms.BooleanField(label=_("Take out"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name, field in self.fields.items():  # the columns have no visible label on every row
            if name not in ("drop", "is_required"):
                field.widget.attrs.setdefault("aria-label", field.label)

    @property
    def said(self) -> dict[str, Any]:
        """What could be read of the row so far."""
        return getattr(self, "cleaned_data", {})

    @property
    def is_row(self) -> bool:
        """Whether the row says anything and is to stay."""
        return any(self.said.get(name) for name in ("label_zh", "label_en")) and not self.said.get("drop")

    @property
    def order(self) -> int:
        """Its place among its like; without one it comes last."""
        return self.said.get("place") or LAST_PLACE

    @property
    def weighs(self) -> Decimal:
        return self.said.get("weight") or Decimal(0)


class FactorRow(Row):
    """One factor."""


class ItemRow(Row):
    """One question; `factor` is the number of its factor's row, '' for one without weight."""

    kind = forms.ChoiceField(label=_("Answered by"), choices=QuestionKind.choices, widget=select())
    attribution = forms.ChoiceField(label=_("Judges"), choices=Attribution.choices, widget=select())
    is_required = forms.BooleanField(label=_("needed to be valid"), required=False)
    factor = forms.ChoiceField(label=_("Its factor"), required=False, widget=select())


class WordRow(forms.Form):
    """One word that a customer may choose, best first."""

    label_zh = forms.CharField(
        max_length=scales.LONGEST_WORD, required=False, widget=forms.TextInput(attrs=small(lang="zh-Hans"))
    )
    label_en = forms.CharField(
        max_length=scales.LONGEST_WORD, required=False, widget=forms.TextInput(attrs=small(lang="en"))
    )
    points = number(_("Worth of 100"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        names = {"label_zh": _("Name in Chinese"), "label_en": _("Name in English"), "points": _("Worth of 100")}
        for name, label in names.items():
            self.fields[name].widget.attrs["aria-label"] = label

    @property
    def is_row(self) -> bool:
        """Whether anything stands in it."""
        return any(value not in ("", None) for value in getattr(self, "cleaned_data", {}).values())


#: what a formset may hold at most; the spare rows are among them
Factors = forms.formset_factory(
    FactorRow, extra=0, max_num=designs.MOST_FACTORS + 20, absolute_max=designs.MOST_FACTORS + 20
)
Items = forms.formset_factory(
    ItemRow,
    extra=0,
    max_num=designs.MOST_ITEMS + designs.MOST_FACTORS + 40,
    absolute_max=designs.MOST_ITEMS + designs.MOST_FACTORS + 40,
)
Words = forms.formset_factory(WordRow, extra=0, max_num=scales.MOST_WORDS + 3, absolute_max=scales.MOST_WORDS + 3)
