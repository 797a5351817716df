"""Bringing a file, and saying what its sheets, columns and words mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.functional import cached_property
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Store
from crm_site.core.forms import ScopedChoiceField, SubmissionMixin
from crm_site.imports import layout
from crm_site.imports.layout import Layout
from crm_site.imports.models import ImportBatch
from crm_site.imports.pages.mapping import Column, Sheet
from crm_site.imports.pages.questions import EMPTY, KEEP, Question, Word
from crm_site.imports.wording import listed

#: Of a line that may be the header so much is shown.
LINE_SIGNS = 60


DISK_FULL = _("The file could not be stored: the disk is full or not writable. Tell whoever looks after the server.")


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

    def __init__(
        self, *args: Any, stores: Any, rights: Mapping[str, Collection[int]], disk_full: bool = False, **kwargs: Any
    ) -> None:
        """`rights`: by the code of a list the keys of the stores in which the user may have its rows written."""
        super().__init__(*args, **kwargs)
        self.rights = rights
        if disk_full:  # the file was left out (see files.uploading)
            self.fields["file"].error_messages["required"] = DISK_FULL
        if len(stores) > 1:  # the first of several would be taken by mistake
            self.fields["store"].empty_label = "–"  # type: ignore[attr-defined]
        self.fields["store"].queryset = stores  # type: ignore[attr-defined]
        known = [(code, one.label) for code, one in layout.layouts().items() if rights[code]]
        self.fields["layout"].choices = [("", _("Recognise by the columns")), *known]  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Refuse a list that the user may not have written in this store."""
        cleaned = super().clean() or {}
        store, code = cleaned.get("store"), cleaned.get("layout")
        if store and code and store.pk not in self.rights[code]:
            self.add_error("layout", _("In this store your role may not bring this list."))
        return cleaned


class MappingForm(forms.Form):
    """Which sheets are taken, where their header stands, and what each column means.

    `shown` names the list and the headers of which the columns were shown: others must be looked at first.
    """

    layout = forms.ChoiceField(label=_("Kind of list"), required=False)
    remember = forms.BooleanField(label=_("Remember this for the next file with these columns"), required=False)
    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(
        self,
        *args: Any,
        sheets: Sequence[Sheet],
        wanted: Layout | None,
        given: Sequence[tuple[tuple[str, ...], str]] = (),
        **kwargs: Any,
    ) -> None:
        super().__init__(*args, **kwargs)
        self.sheets, self.wanted, self.given = sheets, wanted, given
        known = [(code, one.label) for code, one in layout.layouts().items()]
        self.fields["layout"].choices = [("", "–"), *known]  # type: ignore[attr-defined]
        self.initial = {"layout": wanted.code if wanted else "", "shown": self.state, "remember": True, **self.initial}
        for sheet in sheets:
            self._add(sheet)
        for place, (_way, words) in enumerate(given):
            self.fields[f"forget_{place}"] = forms.BooleanField(label=words, required=False)

    @property
    def forgotten(self) -> list[tuple[str, ...]]:
        """The answers that are to be asked again."""
        return [way for place, (way, _words) in enumerate(self.given) if self.cleaned_data[f"forget_{place}"]]

    @property
    def ticks(self) -> list[Any]:
        """The answers given, as bound fields."""
        return [self[f"forget_{place}"] for place in range(len(self.given))]

    @property
    def state(self) -> str:
        """What the columns shown are those of."""
        return "|".join([self.wanted.code if self.wanted else "", *(str(sheet.header) for sheet in self.sheets)])

    def is_looked_at(self) -> bool:
        """Whether the columns sent are those of the list and the headers sent with them."""
        return self.data.get("shown") == self.state

    def _add(self, sheet: Sheet) -> None:
        """The fields of a sheet: its ticks, its header, its columns."""
        mark = sheet.place
        self.fields[f"take_{mark}"] = forms.BooleanField(required=False, initial=sheet.is_taken)
        self.fields[f"rows_{mark}"] = forms.BooleanField(required=False, initial=sheet.takes_rows)
        self.fields[f"columns_{mark}"] = forms.BooleanField(required=False, initial=sheet.takes_columns)
        lines = [(str(number), f"{number} · {words[:LINE_SIGNS]}") for number, words in sheet.lines]
        self.fields[f"header_{mark}"] = forms.ChoiceField(
            choices=[("", "–"), *lines], required=False, initial=str(sheet.header or "")
        )
        for column in sheet.columns:
            if not column.as_in:
                self.fields[self.name_of(sheet, column)] = forms.ChoiceField(
                    choices=self.options, required=False, initial=column.field
                )

    @cached_property
    def options(self) -> list[tuple[str, Any]]:
        """What a column may mean; the needed fields are marked."""
        fields = self.wanted.fields if self.wanted else ()
        needed = [(one.name, format_lazy("{} *", one.label) if one.required else one.label) for one in fields]
        return [("", _("do not import")), *needed]

    @staticmethod
    def name_of(sheet: Sheet, column: Column) -> str:
        """The name of a column's field."""
        return f"column_{sheet.place}_{column.place}"

    def clean(self) -> dict[str, Any]:
        """One sheet at least; in each no field twice and none of the needed ones missing."""
        cleaned = super().clean() or {}
        taken = [sheet for sheet in self.sheets if cleaned.get(f"take_{sheet.place}")]
        if self.wanted is None:
            self.add_error("layout", _("Choose which kind of list this is."))
        elif not taken:
            self.add_error(None, _("Tick at least one sheet to be taken."))
        else:
            chosen = self._by_title(cleaned)
            for sheet in taken:
                self._check(self.wanted, sheet, chosen, takes_hidden=cleaned[f"columns_{sheet.place}"])
        return cleaned

    def _by_title(self, cleaned: dict[str, Any]) -> dict[str, str]:
        """Title → field, over all sheets: the first sheet with a title decides."""
        return {
            column.title: cleaned.get(self.name_of(sheet, column), "")
            for sheet in self.sheets
            for column in sheet.columns
            if not column.as_in
        }

    def _check(self, wanted: Layout, sheet: Sheet, chosen: dict[str, str], *, takes_hidden: bool) -> None:
        """Refuse a field that two columns of a sheet have, and a sheet that lacks what the list needs."""
        seen: dict[str, str] = {}
        for column in sheet.columns:
            name = "" if column.is_hidden and not takes_hidden else chosen.get(column.title, "")
            if name in seen and not column.as_in:
                words = {"field": wanted.by_name[name].label, "title": seen[name]}
                said = _("“%(field)s” is chosen for the column “%(title)s” already.") % words
                self.add_error(self.name_of(sheet, column), said)
            elif name:
                seen[name] = column.title
        lacking = wanted.missing(list(seen))
        if lacking:
            words = {"sheet": sheet.label, "fields": listed([wanted.by_name[name].label for name in lacking])}
            self.add_error(None, _("%(sheet)s: choose the columns for %(fields)s.") % words)

    def said(self) -> dict[str, Any]:
        """The answers: what is said of each sheet, and of each column by its title."""
        cleaned = self.cleaned_data
        sheets = {
            sheet.name: {
                "take": cleaned[f"take_{sheet.place}"],
                "header": int(cleaned[f"header_{sheet.place}"] or 0) or None,
                "hidden_rows": cleaned[f"rows_{sheet.place}"],
                "hidden_columns": cleaned[f"columns_{sheet.place}"],
            }
            for sheet in self.sheets
        }
        return {"sheets": sheets, "columns": self._by_title(cleaned)}


class QuestionsForm(forms.Form):
    """The questions of a file; each may be left for later.

    `reading` is how often the file has been read: answers to the questions of an earlier reading are not taken.
    """

    remember = forms.BooleanField(label=_("Remember the answers for the next file of this source"), required=False)
    reading = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, questions: Sequence[Question], reading: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.questions, self.number = questions, reading
        self.initial = {"reading": reading, "remember": True, **self.initial}
        for one in questions:
            if one.options:
                self.fields[one.key] = forms.ChoiceField(choices=[("", ""), *one.options], required=False)
            for word in one.words:
                known = [option for _heading, group in word.groups for option in group]
                self.fields[word.key] = forms.ChoiceField(choices=[("", ""), *known], required=False)

    def clean(self) -> dict[str, Any]:
        """Refuse answers to questions that are no longer those of the file, and a form without any."""
        cleaned = super().clean() or {}
        if cleaned.get("reading") != self.number:
            raise forms.ValidationError(_("The file has been read again meanwhile. Look at its questions once more."))
        if not any(value for name, value in cleaned.items() if name.startswith("q")):
            raise forms.ValidationError(_("Choose an answer first."))
        return cleaned

    def said(self, batch: ImportBatch) -> dict[str, Any]:
        """The answers by their kinds (see docs/importing.md)."""
        found: dict[str, Any] = {}
        for one in self.questions:
            asked = batch.questions[int(one.key[1:])]
            answer = self.cleaned_data.get(one.key)
            if answer and one.kind == "amounts":
                found["amounts"] = answer
            elif answer:
                found.setdefault("date_order", {})[asked["field"]] = answer
            for word in one.words:
                self._say(found, asked, word, self.cleaned_data.get(word.key))
        return found

    @staticmethod
    def _say(found: dict[str, Any], asked: dict[str, Any], word: Word, answer: str | None) -> None:
        if not answer:
            return
        if asked["kind"] == "employee":
            found.setdefault("employee", {})[word.word] = None if answer == KEEP else int(answer)
        else:
            meant = "" if answer == EMPTY else answer
            found.setdefault("values", {}).setdefault(asked["field"], {})[word.word] = meant
