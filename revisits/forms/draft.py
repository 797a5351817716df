"""What may stand in a draft: the fields of the call form as plain text, whatever their values."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from django import forms
from django.utils.datastructures import MultiValueDict

from revisits.forms.call import CallForm

#: fields that depend on the call at hand begin with one of these
PREFIXES = ("answer_", "reason_", "gap_", "purpose_", "chase_")
#: what was heard so far and is worth resuming with; the rest belongs to the one attempt
HEARD = ("decision", "decision_reason", "category", "accused", "demand", "confirm_result")
HEARD_PREFIXES = ("answer_", "reason_")
#: an honest page has fewer and shorter fields
MOST_FIELDS, LONGEST = 200, 2000


class DraftForm(forms.Form):
    """The frame of a draft; its fields are read by `values`."""

    number = forms.IntegerField(min_value=1, max_value=1_000_000)
    submission = forms.UUIDField()
    started_at = forms.DateTimeField(required=False)

    def values(self) -> dict[str, str]:
        """The call form's fields as they were sent; only after is_valid()."""
        return values_of(self.data)

    def started(self, now: datetime) -> datetime:
        """Since when the caller speaks, as the page tells it."""
        return self.cleaned_data["started_at"] or now


def values_of(data: Mapping[str, str] | MultiValueDict) -> dict[str, str]:
    """Of everything that was posted what belongs to the call form, without what is empty."""
    known = set(CallForm.base_fields) - {"started_at", "purposes_shown"}
    found = [(name, data.get(name) or "") for name in data if name in known or name.startswith(PREFIXES)]
    return {name: value[:LONGEST].replace("\0", "") for name, value in found[:MOST_FIELDS] if value}


def heard(data: Mapping[str, str] | MultiValueDict) -> dict[str, str]:
    """What a call that was broken off leaves for its resume: the answers given; {} where there are none."""
    values = values_of(data)
    if not any(name.startswith("answer_") for name in values):
        return {}
    return {name: value for name, value in values.items() if name in HEARD or name.startswith(HEARD_PREFIXES)}
