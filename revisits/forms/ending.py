"""Ending a call by hand."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from revisits.rules.codes import BY_HAND, State
from revisits.wording import REASONS


class EndForm(forms.Form):
    """Why a call is taken off the list."""

    how = forms.TypedChoiceField(
        label=_("Reason"), coerce=lambda code: tuple(code.split(":")), empty_value=("", ""), required=True
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        words = {State.EXCUSED: _("Not to be called"), State.CANCELLED: _("Cancelled")}
        groups = [
            (words[state], [(f"{state}:{reason}", REASONS[reason]) for reason in reasons])
            for state, reasons in BY_HAND.items()
        ]
        self.fields["how"].choices = [("", _("Choose a reason")), *groups]  # type: ignore[attr-defined]
