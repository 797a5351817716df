"""What a what-if is asked: under which version, for which store, over which months."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms

from crm_site.accounts import policy
from crm_site.accounts.models import Store
from crm_site.core.dates import Month, parse_month
from satisfaction.models import Questionnaire, QuestionnaireVersion

#: no more months than this at once
MOST_MONTHS = 12
SPANS = (1, 3, 6, MOST_MONTHS)


class WhatIfForm(forms.Form):
    """Read from the address; a value that is not offered is refused."""

    version = forms.ModelChoiceField(QuestionnaireVersion.objects.none(), empty_label=None)
    store = forms.ModelChoiceField(Store.objects.none(), empty_label=None)
    month = forms.ChoiceField()
    span = forms.TypedChoiceField(coerce=int)

    def __init__(
        self, *args: Any, versions: Sequence[QuestionnaireVersion], stores: Sequence[Store], months: Sequence[Month],
        **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        fields: Any = self.fields
        fields["version"].queryset = QuestionnaireVersion.objects.filter(pk__in=[one.pk for one in versions])
        fields["store"].queryset = Store.objects.filter(pk__in=[one.pk for one in stores])
        fields["month"].choices = [(str(month), str(month)) for month in months]
        fields["span"].choices = [(span, span) for span in SPANS]

    def clean_version(self) -> QuestionnaireVersion:
        """A version with its tree."""
        chosen = self.cleaned_data["version"]
        rows = QuestionnaireVersion.objects.select_related("questionnaire")
        return rows.prefetch_related("questions__factor", "factors").get(pk=chosen.pk)

    def clean(self) -> dict[str, Any]:
        """A store's own questionnaire is tried on that store only."""
        cleaned = super().clean() or {}
        version, store = cleaned.get("version"), cleaned.get("store")
        if version and store and version.questionnaire.store_id not in (None, store.pk):
            self.add_error("store", forms.ValidationError("", code="foreign"))
        return cleaned

    @property
    def months(self) -> tuple[Month, Month]:
        """The first and last month; only after is_valid()."""
        last = parse_month(self.cleaned_data["month"])
        return last.shift(1 - self.cleaned_data["span"]), last


def scored_versions(user: Any) -> list[QuestionnaireVersion]:
    """The versions of scored questionnaires that a user may try, drafts among them, the newest first."""
    mine = policy.open_to(user, "satisfaction.whatif", "questionnaire__store")
    rows = QuestionnaireVersion.objects.visible_to(user).filter(mine).select_related("questionnaire")
    scored = rows.exclude(questionnaire__kind=Questionnaire.Kind.UNSCORED)
    return list(scored.order_by("questionnaire__code", "-number"))
