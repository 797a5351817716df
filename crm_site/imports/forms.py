"""Bringing a file: for which store, as which list."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.core.forms import ScopedChoiceField, SubmissionMixin
from crm_site.imports import layout


class UploadForm(SubmissionMixin):
    """A spreadsheet, its store, and what it is (by its columns unless said)."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("An .xlsx, .xls or .csv file of up to 50 MB, as your dealer system exports it."),
        widget=forms.ClearableFileInput(attrs={"accept": ".xlsx,.xls,.xlsm,.csv,.tsv,.txt,.htm,.html,.ods"}),
        error_messages={
            "required": _("Choose a file."),
            "empty": _("The file has no content (0 bytes). Export it again, and check that it opens."),
        },
    )
    store = ScopedChoiceField(
        Store,
        label=_("Store"),
        empty_label=None,
        error_messages={
            "required": _("Choose the store that the file is of."),
            "invalid_choice": _("Choose one of the entries offered here."),
        },
    )
    layout = forms.ChoiceField(label=_("Kind of list"), required=False, help_text=_("Left open, the columns tell."))
    historical = forms.BooleanField(
        label=_("Old data only: schedule no revisits for it"),
        required=False,
        help_text=_("For the first filling of the archive, or years gone by."),
    )

    def __init__(self, *args: Any, stores: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if len(stores) > 1:  # the first of several would be taken by mistake
            self.fields["store"].empty_label = "–"  # type: ignore[attr-defined]
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        known = [(code, one.label) for code, one in layout.layouts().items()]
        self.fields["layout"].choices = [("", _("Recognise by the columns")), *known]  # type: ignore[attr-defined]
