"""The next version of a rule: when, who, what is asked, which facts, how many; and from when it holds."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.core.forms import DateField
from customers.models import JobType, SaleType, Segment, Vehicle
from revisits.generator.facts import EXCLUDED_JOB_TYPES, EXCLUDED_SALE_TYPES
from revisits.models import RuleVersion, Script
from revisits.rules.conditions import AHEAD, WITH_JOB, WITH_SALE, segment_of
from satisfaction.models import Questionnaire

#: in which order to dial: the value of the field, and the list that the rule keeps
WHOM: dict[str, tuple[list[str], Any]] = {
    "owner": (["owner"], _("Owner")),
    "picker": (["picker", "owner"], _("Who picked the car up, else the owner")),
    "driver": (["driver", "owner"], _("Usual driver, else the owner")),
    "bringer": (["bringer", "owner"], _("Who brought the car, else the owner")),
    "bringer_driver": (["bringer", "driver", "owner"], _("Who brought the car, else the usual driver, else the owner")),
    "complainant": (["complainant"], _("Complainant")),
}
#: names of series are written one after the other
SEPARATORS = "、，,;；\n"

_SECTIONS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
    (_("When"), ("is_on", "offset_days", "window_before", "window_after", "tries")),
    (_("Who and what"), ("owner_role", "whom", "questionnaire", "script", "full_form_percent", "needs_consent")),
    (_("For which facts"), ("job_types", "sale_types", "power", "series", "segment", "segment_side")),
    (_("How many"), ("capacity", "capacity_number")),
    (_("In force"), ("starts_on",)),
)


def _many(label: Any, choices: list[tuple[Any, Any]]) -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=False, help_text=_("None: all."),
        widget=forms.CheckboxSelectMultiple(attrs={"class": "form-check-input"}),
    )  # fmt: skip


class RuleForm(forms.Form):
    """What may be changed of a rule; `shown` is the version that the user has before them, `looked` what they saw."""

    is_on = forms.BooleanField(label=_("On"), required=False)
    offset_days = forms.IntegerField(label=_("Days after the fact"), min_value=0, max_value=400)
    window_before = forms.IntegerField(label=_("Days of the window before"), min_value=0, max_value=60, required=False)
    window_after = forms.IntegerField(label=_("Desk days until the deadline"), min_value=0, max_value=90)
    tries = forms.IntegerField(label=_("Tries"), min_value=1, max_value=9)
    owner_role = forms.ChoiceField(
        label=_("Who calls"),
        choices=[choice for choice in Role.choices if choice[0] in ("specialist", "frontline", "manager")],
    )
    whom = forms.ChoiceField(label=_("Whom to dial"), choices=[(code, words) for code, (_list, words) in WHOM.items()])
    questionnaire = forms.ModelChoiceField(
        label=_("Questionnaire"), queryset=Questionnaire.objects.none(), required=False, empty_label=_("none")
    )
    script = forms.ModelChoiceField(
        label=_("Script"), queryset=Script.objects.none(), required=False, empty_label=_("none")
    )
    full_form_percent = forms.IntegerField(
        label=_("Share that gets the full form"), min_value=0, max_value=100, help_text=_("Per cent, drawn by chance.")
    )
    needs_consent = forms.BooleanField(label=_("Only with consent to marketing calls"), required=False)
    job_types = _many(_("Kinds of work"), [one for one in JobType.choices if one[0] not in EXCLUDED_JOB_TYPES])
    sale_types = _many(_("Kinds of sale"), [one for one in SaleType.choices if one[0] not in EXCLUDED_SALE_TYPES])
    power = _many(_("Power"), list(Vehicle._meta.get_field("power").choices or ()))
    series = forms.CharField(
        label=_("Series"), max_length=400, required=False, help_text=_("Separated by commas. Empty: all.")
    )
    segment = forms.ModelChoiceField(
        label=_("Segment"), queryset=Segment.objects.none(), required=False, empty_label=_("Everybody"),
        error_messages={"invalid_choice": _("Choose one of the segments offered here.")},
    )  # fmt: skip
    segment_side = forms.ChoiceField(
        label=_("Of this segment"), required=False,
        choices=[("in", _("only its members")), ("out", _("all but its members"))],
    )  # fmt: skip
    capacity = forms.ChoiceField(label=_("Which calls are made"), choices=RuleVersion.Capacity.choices, required=False)
    capacity_number = forms.IntegerField(
        label=_("Number for it"), min_value=0, max_value=999, required=False,
        help_text=_("Draw: valid answers a month for each employee. Share: per cent of the day's dials."),
    )  # fmt: skip
    starts_on = DateField(label=_("Holds from"), required=False, help_text=_("Tomorrow at the earliest."))
    shown = forms.IntegerField(widget=forms.HiddenInput)
    looked = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)

    def __init__(self, *args: Any, store_id: int, version: RuleVersion, **kwargs: Any) -> None:
        kwargs.setdefault("initial", _initial(version))
        super().__init__(*args, **kwargs)
        self.version, self.store_id = version, store_id
        for name, model in (("questionnaire", Questionnaire), ("script", Script)):
            self.fields[name].queryset = _one_a_code(model, store_id, getattr(version, name))  # type: ignore[attr-defined]
        self.fields["segment"].queryset = _segments(store_id, version)  # type: ignore[attr-defined]
        self._fit_to_anchor(version.anchor)

    def _fit_to_anchor(self, anchor: str) -> None:
        """Leave out what the rule's facts do not have; a reminder may come before its date."""
        left_out = {
            "job_types": anchor not in WITH_JOB,
            "sale_types": anchor not in WITH_SALE,
            "full_form_percent": "full_form" not in self.version.conditions,
        }
        for name in (name for name, is_out in left_out.items() if is_out):
            del self.fields[name]
        if anchor in AHEAD:
            days = self.fields["offset_days"]
            days.label, days.help_text = _("Days after the date"), _("With a minus: before it.")
            days.validators = []  # the least of the field is 0; clean_offset_days knows the limits
            days.widget.attrs.pop("min", None)
            self.fields["window_after"].label = _("Days until the deadline")
            self.fields["window_after"].help_text = _("Before the date: calendar days, else desk days.")

    def clean_offset_days(self) -> int:
        """No more than a good year before or after."""
        days = self.cleaned_data["offset_days"]
        if abs(days) > 400:
            raise forms.ValidationError(_("At most 400 days."))
        return days

    def clean_series(self) -> list[str]:
        """The series one by one; each must be one that the archive knows."""
        text = self.cleaned_data["series"]
        for sign in SEPARATORS:
            text = text.replace(sign, ",")
        names = list(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))
        cars = Vehicle.objects.filter(store_id=self.store_id)
        odd = [name for name in names if not cars.filter(series__iexact=name).exists()]
        if odd:
            text = gettext("No car of this series is in the archive: %(names)s. Write it as on the cars' cards.")
            raise forms.ValidationError(text % {"names": gettext(", ").join(odd)})
        return names

    def values(self) -> dict[str, Any]:
        """The cleaned values under the names of the version's fields; what was not on the form stays as it is."""
        said = self.cleaned_data
        plain = ("is_on", "offset_days", "window_after", "tries", "owner_role", "questionnaire", "script")
        found = {name: said[name] for name in plain} | {"needs_consent": said["needs_consent"]}
        for name in ("window_before", "capacity", "capacity_number"):
            if said.get(name) not in (None, ""):
                found[name] = said[name]
        if found.get("capacity") == RuleVersion.Capacity.ALWAYS:
            found["capacity_number"] = 0
        return found | {"whom": WHOM[said["whom"]][0], "conditions": self._conditions()}

    def _conditions(self) -> dict[str, Any]:
        """The rule's conditions with those of the form; an empty one is left out."""
        found = dict(self.version.conditions)
        for name in ("job_types", "sale_types", "power", "series", "full_form_percent"):
            if name in self.fields:
                found[name] = self.cleaned_data[name]
                if found[name] == []:
                    del found[name]
        found.pop("segment", None)
        if self.cleaned_data["segment"]:
            is_in = self.cleaned_data["segment_side"] != "out"
            found["segment"] = {"id": self.cleaned_data["segment"].pk, "is_in": is_in}
        return found

    @property
    def digest(self) -> str:
        """Names what is typed, so that what was looked at is what is saved."""
        said = {name: str(getattr(value, "pk", value)) for name, value in self.cleaned_data.items() if name != "looked"}
        return hashlib.sha256(json.dumps(said, sort_keys=True).encode()).hexdigest()[:32]

    def refuse(self, refused: RuleBroken) -> None:
        """Show what an action refused beside the field that it is about."""
        self.add_error(refused.field if refused.field in self.fields else None, refused.message)

    def sections(self) -> Iterator[dict[str, Any]]:
        """The visible fields under their headings."""
        for title, names in _SECTIONS:
            yield {"title": title, "fields": [self[name] for name in names if name in self.fields]}


def whom_code(whom: list[str]) -> str:
    """The choice that stands for a rule's order; the first that fits."""
    return next((code for code, (order, _words) in WHOM.items() if order == list(whom)), "owner")


def _initial(version: RuleVersion) -> dict[str, Any]:
    names = (
        "is_on", "offset_days", "window_before", "window_after", "tries", "owner_role", "questionnaire", "script",
        "needs_consent", "capacity", "capacity_number",
    )  # fmt: skip
    conditions = version.conditions
    lists = {name: conditions.get(name, []) for name in ("job_types", "sale_types", "power")}
    wanted = segment_of(conditions)
    return {name: getattr(version, name) for name in names} | lists | {
        "full_form_percent": conditions.get("full_form_percent"),
        "series": gettext(", ").join(conditions.get("series", [])),
        "whom": whom_code(version.whom),
        "segment": wanted.segment_id if wanted else None,
        "segment_side": "in" if wanted is None or wanted.is_in else "out",
        "starts_on": clock.today() + timedelta(days=1),
        "shown": version.pk,
    }  # fmt: skip


def _segments(store_id: int, version: RuleVersion) -> QuerySet[Segment]:
    """The segments of the store that are in use, and the one that the rule names already."""
    wanted = segment_of(version.conditions)
    named = Q(pk=wanted.segment_id) if wanted else Q(pk__in=())
    return Segment.objects.filter(Q(retired_on=None) | named, store_id=store_id)


def _one_a_code(model: Any, store_id: int, chosen: Any) -> QuerySet:
    """One row for each code: the one that the rule names already, else the store's own, else the company's."""
    rows = model.objects.for_store(store_id)
    rank = {
        pk: (chosen is not None and pk == chosen.pk, own is not None) for pk, own in rows.values_list("pk", "store")
    }
    by_code: dict[str, int] = {}
    for pk, code in sorted(rows.values_list("pk", "code"), key=lambda row: rank[row[0]]):
        by_code[code] = pk
    return model.objects.filter(pk__in=by_code.values())
