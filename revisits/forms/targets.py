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
    """Per cent for each indicator; empty = what holds more generally."""

    def __init__(self, *args: Any, own: Mapping[str, Target], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for one in WITH_TARGET:
            self.fields[one.code] = forms.DecimalField(
                label=one.label,
                required=False,
                min_value=0,
                max_value=100,
                max_digits=5,
                decimal_places=2,
                initial=own[one.code].value.normalize() if one.code in own else None,
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

    def values(self) -> dict[str, Decimal | None]:
        """{indicator: per cent, None for an empty field}."""
        return {one.code: self.cleaned_data.get(one.code) for one in WITH_TARGET}
