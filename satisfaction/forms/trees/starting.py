"""How a draft begins: a new questionnaire, a copy for a store, a workbook."""

from __future__ import annotations

from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.core.forms import ScopedChoiceField
from satisfaction.models import Questionnaire

#: the largest workbook that is taken; a tree of 80 questions has about 12 KB
LARGEST_WORKBOOK = 1024 * 1024


class NewQuestionnaireForm(forms.Form):
    """Code, names, what it counts for and whose it is."""

    code = forms.CharField(
        label=_("Code"), max_length=20, help_text=_("Capital letters, digits and _, such as CSI_EV. It never changes."),
    )  # fmt: skip
    label_zh = forms.CharField(label=_("Name in Chinese"), max_length=120)
    label_en = forms.CharField(label=_("Name in English"), max_length=120)
    kind = forms.ChoiceField(label=_("Counts for"), choices=Questionnaire.Kind.choices)
    store = ScopedChoiceField(Store, label=_("Holds for"), required=False, empty_label=_("All stores"))

    def __init__(self, *args: Any, stores: Any, for_company: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        offer(self, stores, for_company=for_company)


class CopyForm(forms.Form):
    """For whom a version is copied: the same questionnaire, or a store's own in its place."""

    store = ScopedChoiceField(Store, required=False)

    def __init__(self, *args: Any, stores: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(ScopedChoiceField, self.fields["store"]).queryset = stores


class WorkbookForm(forms.Form):
    """A workbook that becomes a new draft of a questionnaire."""

    questionnaire = ScopedChoiceField(Questionnaire, label=_("Questionnaire"), empty_label=_("Choose a questionnaire"))
    workbook = forms.FileField(
        label=_("Workbook"),
        help_text=_("An .xlsx file of at most 1 MB in the form in which a version is sent out."),
        widget=forms.FileInput(attrs={"accept": ".xlsx"}),
        error_messages={"empty": _("The file is empty. Choose the workbook with the questionnaire.")},
    )

    def __init__(self, *args: Any, questionnaires: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        cast(ScopedChoiceField, self.fields["questionnaire"]).queryset = questionnaires

    def clean_workbook(self) -> Any:
        """Refuse what is too large before anybody opens it."""
        found = self.cleaned_data["workbook"]
        if found.size > LARGEST_WORKBOOK:
            raise forms.ValidationError(_("The file is larger than 1 MB, and no questionnaire is. Check the choice."))
        return found


def offer(form: forms.Form, stores: Any, *, for_company: bool) -> None:
    """Let a form choose among the stores of the user; "all stores" is the company's, for who may make that."""
    field = cast(ScopedChoiceField, form.fields["store"])
    field.queryset = stores
    if not for_company:
        field.required, field.empty_label = True, None
