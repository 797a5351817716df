"""The targets of one place (store or company, role, month): a field for each indicator that can have one."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revisits.models import Target
from revisits.queries.indicators import INDICATORS

#: the indicators that can have a target, in the order of the page
WITH_TARGET = tuple(one for one in INDICATORS.values() if one.better)


class TargetsForm(forms.Form):
    """Per cent for each indicator, and what the page showed in its field; empty = what holds more generally."""

    def __init__(self, *args: Any, own: Mapping[str, Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in WITH_TARGET:
            shown = f"{own[one.code].value.normalize():f}" if one.code in own else None
            self.fields[f"{one.code}@shown"] = forms.DecimalField(
                widget=forms.HiddenInput, required=False, initial=shown
            )
            self.fields[one.code] = forms.DecimalField(
                label=one.label,
                required=False,
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                initial=shown,
                error_messages={
                    "invalid": _("Write a number from 0 to 100, such as 95."),
                    "min_value": _("Write a number from 0 to 100, such as 95."),
                    "max_value": _("Write a number from 0 to 100, such as 95."),
                },
            )
            self.fields[one.code].widget.attrs |= {
                "inputmode": "decimal",
                "step": "any",
                "class": "form-control form-control-sm",
            }

    def values(self) -> dict[str, tuple[Decimal | None, Decimal | None]]:
        """{indicator: (per cent as the page showed it, as it was sent)}, None for an empty field."""
        sent = self.cleaned_data
        return {one.code: (sent.get(f"{one.code}@shown"), sent.get(one.code)) for one in WITH_TARGET}
