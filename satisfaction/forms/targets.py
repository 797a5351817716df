"""The targets of one place from one month on: a field for each figure; empty = what holds more generally."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from satisfaction.models import Target


@dataclass(frozen=True)
class Aim:
    """A figure that can have a target: its code, the part whose people it holds for, its words and its scale."""

    figure: str
    part: str
    label: Any
    low: int = 0
    high: int = 100

    @property
    def name(self) -> str:
        """The name of its field; codes hold letters, digits, _ and :, which no field name may clash over."""
        return f"{self.figure}@{self.part}"


class TargetsForm(forms.Form):
    """A number for each aim, and the version of the row that the page showed."""

    def __init__(self, *args: Any, aims: Sequence[Aim], own: Mapping[str, Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.aims = aims
        for aim in aims:
            row = own.get(aim.name)
            words = {code: _("Write a number on the figure's scale, such as 90.") for code in _CODES}
            self.fields[aim.name] = forms.DecimalField(
                label=aim.label,
                required=False,
                min_value=aim.low,
                max_value=aim.high,
                max_digits=6,
                decimal_places=2,
                initial=f"{row.value.normalize():f}" if row else None,
                error_messages=words,
            )
            look = {"inputmode": "decimal", "step": "any", "class": "form-control form-control-sm"}
            self.fields[aim.name].widget.attrs |= look
            version = forms.IntegerField(widget=forms.HiddenInput, required=False, initial=row.version if row else 0)
            self.fields[f"{aim.name}@version"] = version

    def values(self) -> list[tuple[Aim, Decimal | None, int]]:
        """(aim, value, version that was shown), of every aim whose field was sent changed or not."""
        sent = self.cleaned_data
        return [(aim, sent.get(aim.name), sent.get(f"{aim.name}@version") or 0) for aim in self.aims]


_CODES = ("invalid", "min_value", "max_value", "max_digits", "max_decimal_places", "max_whole_digits")
