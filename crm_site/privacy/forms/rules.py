"""The form of a store's rules about personal data: its numbers, and which role reads what in full."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import DataRules, Role
from crm_site.core.forms import VersionedMixin
from customers import sight

#: (column, words, help, least, most)
NUMBERS = (
    ("reveals_a_day", _("Hidden facts one person may look at on one day"), _("Claimed calls do not count."), 0, 1_000),
    ("reveals_told_from", _("From how many on managers are told"), "", 1, 1_000),
    ("export_rows", _("Rows that one export may hold"), "", 0, 1_000_000),
    ("export_rows_a_day", _("Rows that one person may export on one day"), "", 0, 10_000_000),
    ("keep_days", _("Days for which uploads, drafts and exports are kept"), "", 1, 3_650),
    ("unmerge_days", _("Days for which a merge can be taken back"), "", 1, 3_650),
    ("archive_years", _("Years for which archives must be kept"), _("By law at least 10."), 10, 100),
)


class DataRulesForm(VersionedMixin):
    """What holds for the personal data of a store, or of the company."""

    def __init__(self, *args: Any, row: DataRules, **kwargs: Any) -> None:
        super().__init__(*args, version=row.version, **kwargs)
        for name, label, note, least, most in NUMBERS:
            self.fields[name] = forms.IntegerField(
                label=label, help_text=note, min_value=least, max_value=most, initial=getattr(row, name)
            )
        for fact, word in sight.FACTS.items():
            self.fields[f"seen_{fact}"] = forms.MultipleChoiceField(
                label=str(word),
                choices=Role.choices,
                required=False,
                initial=sorted(sight.roles_for(fact, row.seen_by)),
                widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
            )

    @property
    def number_fields(self) -> list[Any]:
        """The numbers, as drawn."""
        return [self[name] for name, *_rest in NUMBERS]

    @property
    def fact_fields(self) -> list[Any]:
        """Who reads what, as drawn."""
        return [self[f"seen_{fact}"] for fact in sight.FACTS]

    def values(self) -> dict[str, Any]:
        """The columns of DataRules as set."""
        clean = self.cleaned_data
        numbers = {name: clean[name] for name, *_rest in NUMBERS}
        return numbers | {"seen_by": {fact: sorted(clean[f"seen_{fact}"]) for fact in sight.FACTS}}
