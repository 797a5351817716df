"""What the form of every step has: what it showed, which sending it is, and how it comes back when it was overtaken."""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Any, Self

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from complaints.models import Complaint
from crm_site.core.forms import HiddenNumbersMixin, VersionedMixin

MOMENT = "%Y-%m-%dT%H:%M"


@dataclass(frozen=True)
class Conflict:
    """A field that two people changed, in words: the original, theirs, mine, and whose theirs is."""

    name: str
    label: str
    original: str
    theirs: str
    mine: str
    who: str
    when: datetime | None


class StepForm(HiddenNumbersMixin, VersionedMixin):
    """What one action needs to be told; it sends along the ticket's version and the values as they were shown."""

    #: names this rendering: the same one sent twice is one click
    submission = forms.UUIDField(widget=forms.HiddenInput, required=False)
    #: the words on the button, and one grey line on what follows
    button: str | Promise = ""
    hint: str | Promise = ""
    #: fields that are no arguments of the action
    machinery: tuple[str, ...] = ("version", "shown", "submission")

    def __init__(
        self, *args: Any, complaint: Complaint, day: date, action: str, reader: Any = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, version=complaint.version, auto_id=f"id_{action}_%s", **kwargs)
        self.complaint, self.day, self.action = complaint, day, action
        #: the user who has the form before them: choices show no ticket that they may not see
        self.reader = reader
        self.fields["submission"].initial = uuid.uuid4
        #: it came back with hits of a search and not to be mended
        self.searched = False
        #: who was faster with what, once this form has come second
        self.faster = ""
        self.conflicts: list[Conflict] = []
        #: what only others changed, in words: it stays as they left it
        self.combined: list[tuple[str, str]] = []
        self.prepare()
        self.hide_numbers()
        if self.is_bound:
            self.data = self._decided(self.data)

    def prepare(self) -> None:
        """Fill choices and initial values from the ticket."""

    def arguments(self) -> dict[str, Any]:
        """The clean values as arguments of the action."""
        return {name: value for name, value in self.cleaned_data.items() if name not in self.machinery}

    def sent(self) -> dict[str, str]:
        """The clean values as comparable texts, by field."""
        return {name: self._as_text(name, self.cleaned_data.get(name)) for name in self._own_fields()}

    def standing(self, complaint: Complaint) -> dict[str, str]:
        """What a fresh form of the ticket would fill in, as comparable texts; fields that begin empty are left out."""
        fresh = self.again(complaint)
        filled = [
            name for name in fresh._own_fields() if name in fresh.initial or fresh.fields[name].initial is not None
        ]
        initial = {name: fresh.get_initial_for_field(fresh.fields[name], name) for name in filled}
        return {name: fresh._as_text(name, value) for name, value in initial.items()}

    def arguments_with(self, complaint: Complaint, kept: Mapping[str, str]) -> dict[str, Any]:
        """The arguments with some fields as others left them."""
        if not kept:
            return self.arguments()
        form = self.again(complaint, self._patched(kept))
        return form.arguments() if form.is_valid() else self.arguments()

    def again(self, complaint: Complaint, data: Any = None) -> Self:
        """The same form for the ticket as it is now."""
        return type(self)(data, complaint=complaint, day=self.day, action=self.action, reader=self.reader)

    def overtaken(self, complaint: Complaint, kept: Mapping[str, str]) -> Self:
        """The form as it comes back: what was typed, what only others changed, and the values as they stand now."""
        fresh = self.again(complaint)
        data = self._patched(kept)
        data["version"] = str(complaint.version)
        data["shown"] = fresh.get_initial_for_field(fresh.fields["shown"], "shown")
        form = self.again(complaint, data)
        form.is_valid()
        form.combined = [(form.label_of(name), form.words_of(name, text)) for name, text in kept.items()]
        return form

    def label_of(self, name: str) -> str:
        """What a field is called."""
        return str(self.fields[name].label or name) if name in self.fields else name

    def words_of(self, name: str, text: str) -> str:
        """A field's comparable text as people read it."""
        field = self.fields.get(name)
        if isinstance(field, forms.ModelChoiceField):
            row = next((one for one in field.queryset or () if str(one.pk) == text), None)
            return field.label_from_instance(row) if row else text
        if isinstance(field, forms.BooleanField):
            return _("Yes") if text else _("No")
        if isinstance(field, forms.ChoiceField):
            return str(_flat(field.choices).get(text, text)) if text else ""
        return text.replace("T", " ") if isinstance(field, forms.DateTimeField) else text

    def _own_fields(self) -> list[str]:
        return [name for name in super()._own_fields() if name not in self.machinery]

    def _decided(self, data: Any) -> Any:
        """The data with each field that the person gives up (keep-<field> = theirs) as it was shown."""
        given_up = [name for name in self._own_fields() if data.get(f"keep-{name}") == "theirs"]
        if not given_up:
            return data
        shown = self._unsealed(data.get("shown"))
        return self._patched({name: shown[name] for name in given_up if name in shown})

    def _unsealed(self, seal: str | None) -> dict[str, str]:
        self.cleaned_data = {"shown": seal}
        shown = self.shown_values()
        del self.cleaned_data
        return shown

    def _patched(self, texts: Mapping[str, str]) -> Any:
        """The sent data with some fields put to comparable texts."""
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        for name, text in texts.items():
            data[self.add_prefix(name)] = text
            data.pop(f"keep-{name}", None)
            if isinstance(self.fields.get(name), forms.BooleanField) and not text:
                del data[self.add_prefix(name)]
        return data

    def _as_text(self, name: str, value: Any) -> str:
        """Amounts and moments compare as what they mean, not as they were typed."""
        if isinstance(value, Decimal):
            return f"{value.normalize():f}"
        prepared = self.fields[name].prepare_value(value)
        return prepared.strftime(MOMENT) if isinstance(prepared, datetime) else super()._as_text(name, value)


def _flat(choices: Any) -> dict[str, Any]:
    """{value: word} of choices that may stand in groups."""
    found: dict[str, Any] = {}
    for value, word in choices:
        if isinstance(word, list | tuple):
            found |= _flat(word)
        else:
            found[str(value)] = word
    return found
