"""Form pieces for every room: one effect a submission, optimistic checks, and fields that read what people type."""

import uuid
from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.signing import BadSignature, Signer
from django.utils.translation import gettext_lazy as _

from crm_site.core import clock, dates, masking, names, phones, plates, vins
from crm_site.core.errors import RuleBroken
from crm_site.core.verdicts import Verdict

_SIGNER = Signer(salt="core.forms.shown")


class SubmissionMixin(forms.Form):
    """Adds the hidden `submission` UUID, new for each rendering and kept when the form comes back with errors.

    Store it on the row that the form makes (unique with the store): the second of two equal posts finds that row.
    """

    submission = forms.UUIDField(
        widget=forms.HiddenInput,
        required=True,
        error_messages={"required": _("Open the form again and save once more; your text is kept.")},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["submission"].initial = uuid.uuid4


class ShownMixin(forms.Form):
    """Adds the hidden, sealed values that the form showed.

    After `is_valid()`, `changed_by_user()` names the fields that the user changed against what was shown, so that an
    action writes only those and compares only those.
    """

    shown = forms.CharField(widget=forms.HiddenInput, required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown"].initial = self._sealed_initial

    def shown_values(self) -> dict[str, str]:
        """Field name -> text as shown to the user; {} when the seal is missing or broken."""
        try:
            return _SIGNER.unsign_object(self.cleaned_data.get("shown") or "")
        except BadSignature:
            return {}

    def changed_by_user(self) -> list[str]:
        """Names of the fields whose posted text differs from the text shown (all fields when that is unknown)."""
        shown = self.shown_values()
        return [name for name in self._own_fields() if shown.get(name) not in self._sent_texts(name)]

    def data_over(self, fresh: "ShownMixin") -> Any:
        """What was sent, for the form to be shown once more: fields left alone are as `fresh` shows them.

        What stands there now counts as shown, so that saving again writes what the user changed and nothing else.
        Call it after `is_valid()`.
        """
        data, standing, changed = self.data.copy(), fresh.texts(), self.changed_by_user()
        for name in fresh.fields.keys() & {"version", "shown"}:
            data[self.add_prefix(name)] = fresh.get_initial_for_field(fresh.fields[name], name)
        for name in standing.keys() - set(changed):
            data[self.add_prefix(name)] = standing[name]
        return data

    def texts(self) -> dict[str, str]:
        """Field name -> text as the form shows it when it is opened."""
        return {
            name: self._as_text(name, self.get_initial_for_field(self.fields[name], name))
            for name in self._own_fields()
        }

    def _sent_texts(self, name: str) -> set[str]:
        """What was sent, as typed and as cleaned: '138 0013 8000' is no change of '13800138000'."""
        texts = {self._as_text(name, self[name].data)}
        if name in self.cleaned_data:
            texts.add(self._as_text(name, self.cleaned_data[name]))
        return texts

    def _own_fields(self) -> list[str]:
        hidden = ("version", "shown", "submission")
        return [name for name, field in self.fields.items() if name not in hidden and not field.disabled]

    def _sealed_initial(self) -> str:
        return _SIGNER.sign_object(self.texts(), compress=True)

    def _as_text(self, name: str, value: Any) -> str:
        """One comparable text for an initial value and for what the browser sends back."""
        if isinstance(value, list | tuple):
            return "\n".join(sorted(str(self.fields[name].prepare_value(one)) for one in value))
        prepared = self.fields[name].prepare_value(value)
        return "" if prepared in (None, False) else str(prepared).replace("\r\n", "\n").strip()


class VersionedMixin(ShownMixin):
    """Adds to what was shown the hidden `version` of the row that the form was rendered from.

    Pass `version=row.version`. After `is_valid()`, `sent_version` is what the user saw.
    """

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args: Any, version: int | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if version is not None:
            self.fields["version"].initial = version

    @property
    def sent_version(self) -> int:
        """The row version that the user's page was rendered from."""
        return self.cleaned_data["version"]


class HiddenNumbersMixin(forms.Form):
    """Shows what people wrote with the numbers of persons hidden; numbers that are left alone come back whole.

    Call `hide_numbers()` once the initial values stand.
    """

    #: {field: the text as it stands}
    _written: Mapping[str, str] = {}

    def hide_numbers(self) -> None:
        """Mask the initial values of plain text fields."""
        texts = {name: text for name, text in self.initial.items() if type(self.fields.get(name)) is forms.CharField}
        self._written = {name: text for name, text in texts.items() if isinstance(text, str)}
        self.initial |= {name: masking.said(text) for name, text in self._written.items()}

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        for name, text in self._written.items():
            if self.cleaned_data.get(name):
                self.cleaned_data[name] = masking.restored(self.cleaned_data[name], text)


class ScopedChoiceField(forms.ModelChoiceField):
    """A choice of rows that must be given its queryset at run time; without one it offers nothing (fails closed).

    Use `form.fields["handler"].queryset = Employee.objects.visible_to(user).filter(store=store)`.
    """

    def __init__(self, model: Any, **kwargs: Any) -> None:
        kwargs.setdefault("error_messages", {"invalid_choice": _("Choose one of the entries offered here.")})
        super().__init__(queryset=model._default_manager.none(), **kwargs)


class DateField(forms.DateField):
    """A day written as 2026-11-21, 2026/11/21, 2026年11月21日, 20261121 or 11-21 (this year).

    `today` (the business day) completes 11-21; pass a callable or leave the default, asked when the form is cleaned.
    """

    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    default_error_messages = {"invalid": _("This is not a date. Write it like 2026-11-21.")}

    def __init__(self, *, today: Any = clock.today, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._today = today

    def to_python(self, value: Any) -> date | None:
        if value in self.empty_values or isinstance(value, date):
            return super().to_python(value)
        try:
            return dates.parse_date(str(value), today=self._today())
        except RuleBroken as refused:
            raise ValidationError(refused.message, code=refused.code) from refused


class _VerdictField(forms.CharField):
    """A text field whose value is cleaned and judged by one of core's format modules."""

    def judge(self, value: str) -> Verdict:
        """The verdict on typed text."""
        raise NotImplementedError

    def to_python(self, value: Any) -> str:
        typed = super().to_python(value)
        if not typed:
            return ""
        found = self.judge(typed)
        if found.is_refused:
            raise ValidationError(found.message, code=found.code)
        return found.value


class PhoneField(_VerdictField):
    """One phone number, cleaned to plain digits; several numbers or an undiallable one are refused."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault("widget", forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}))
        super().__init__(**kwargs)

    def judge(self, value: str) -> Verdict:
        if len(phones.verdicts(value)) > 1:
            raise ValidationError(
                _("Enter one number here; put a second one into its own field."), code="phone_several"
            )
        return phones.verdict(value)


class VinField(_VerdictField):
    """A VIN, cleaned; a wrong check digit is accepted (European cars), I/O/Q is refused with a repair to copy."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 40)
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
        )
        super().__init__(**kwargs)

    def judge(self, value: str) -> Verdict:
        found = vins.verdict(value)
        if found.suggestion:
            message = _("A VIN contains no I, O or Q. Do you mean %(suggestion)s?") % {"suggestion": found.suggestion}
            raise ValidationError(message, code=found.code)
        return found


class PlateField(_VerdictField):
    """A number plate, cleaned; unknown forms are accepted, 未上牌 becomes empty."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", 20)
        kwargs.setdefault(
            "widget",
            forms.TextInput(attrs={"autocapitalize": "characters", "autocomplete": "off", "spellcheck": "false"}),
        )
        super().__init__(**kwargs)

    def judge(self, value: str) -> Verdict:
        return plates.verdict(value)


class NameField(_VerdictField):
    """A person's or company's name, tidied."""

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("max_length", names.MAX_LENGTH)
        super().__init__(**kwargs)

    def judge(self, value: str) -> Verdict:
        return names.verdict(value)


def refuse(form: forms.BaseForm, refused: RuleBroken) -> None:
    """Show a refused action on the form that asked for it: at `refused.field` if the form has it, else on top."""
    field = refused.field if refused.field in form.fields else None
    form.add_error(field, ValidationError(refused.message, code=refused.code or None))


def tell_standing(form: forms.BaseForm, standing: Mapping[str, str]) -> None:
    """Say at each field what somebody else has put there meanwhile, a choice as its entries call it."""
    for name, text in standing.items():
        field = form.fields[name]
        is_tick = isinstance(field, forms.BooleanField)
        choices = [("True", _("Yes")), ("False", _("No")), ("", _("No"))] if is_tick else getattr(field, "choices", ())
        words = {str(value): str(word) for value, word in choices}
        form.add_error(name, _("Now there: %(value)s") % {"value": words.get(text, text) or _("(empty)")})


def kept(data: Mapping[str, Any], *names_of_fields: str) -> dict[str, Any]:
    """The posted values of some fields, to render another form with what was typed."""
    return {name: data[name] for name in names_of_fields if name in data}
