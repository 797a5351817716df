"""The steps of a script: each with its name, when it is read and what is said."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.core.errors import RuleBroken
from revisits.models import ScriptVersion
from revisits.scripts import MOST_STEPS, StepValues
from revisits.wording import BRANCHES

#: empty rows at the end, for new steps
SPARE = 2


class StepForm(forms.Form):
    """One step; a row without text is no step."""

    place = forms.IntegerField(
        label=_("Place"), min_value=1, max_value=99, required=False, widget=forms.NumberInput(attrs={"class": "num"})
    )
    label_zh = forms.CharField(label=_("Step in Chinese"), max_length=20, required=False)
    label_en = forms.CharField(label=_("Step in English"), max_length=40, required=False)
    when = forms.ChoiceField(label=_("Read"), choices=list(BRANCHES.items()), required=False)
    body = forms.CharField(
        label=_("What is said"), max_length=600, required=False, widget=forms.Textarea(attrs={"rows": 2})
    )
    drop = forms.BooleanField(label=_("Leave this step out"), required=False)

    @property
    def is_step(self) -> bool:
        """Whether the row says anything and is to stay."""
        said = self.cleaned_data
        texts = (said.get("label_zh"), said.get("label_en"), said.get("body"))
        return any(texts) and not said.get("drop")

    def clean(self) -> dict[str, Any]:
        """A step has a name in both languages and a text."""
        said = super().clean() or {}
        if self.is_step:
            for name in ("label_zh", "label_en", "body"):
                if not said.get(name) and name not in self.errors:
                    self.add_error(name, _("A step has a name in both languages and a text."))
        return said

    def values(self) -> StepValues:
        """The step under the names of the model's fields."""
        said = self.cleaned_data
        return StepValues(said["label_zh"], said["label_en"], said["when"], said["body"].strip())


class StepsFormSet(forms.BaseFormSet):
    """All steps of a script, in the order of their places."""

    def ordered(self) -> list[StepForm]:
        """The rows that are steps, by place; those without one come last."""
        rows = [form for form in self.forms if form.is_step]
        return sorted(rows, key=lambda form: form.cleaned_data.get("place") or MOST_STEPS * 10)

    def values(self) -> list[StepValues]:
        """The steps as they are to be."""
        return [form.values() for form in self.ordered()]

    def refuse(self, refused: RuleBroken) -> None:
        """Show what an action refused at the step that it is about."""
        if refused.field.isdecimal():
            self.ordered()[int(refused.field)].add_error("body", refused.message)
        else:
            self.non_form_errors().append(refused.message)


Steps = forms.formset_factory(
    StepForm, formset=StepsFormSet, extra=SPARE, max_num=MOST_STEPS + SPARE, absolute_max=MOST_STEPS + 2 * SPARE
)


def initial_of(version: ScriptVersion) -> list[dict[str, Any]]:
    """The steps of a version as the form shows them."""
    return [
        {
            "place": row.position,
            "label_zh": row.label_zh,
            "label_en": row.label_en,
            "when": row.when,
            "body": row.body,
        }
        for row in version.steps.all()
    ]
