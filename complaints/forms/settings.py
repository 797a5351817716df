"""The forms of what an admin or manager sets about tickets: numbers, a level, phrases, a category."""

from __future__ import annotations

import re
import unicodedata
from datetime import date
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from complaints import people
from complaints.forms.steps import EmployeeField
from complaints.models import Category, Level, Phrase, TicketSettings
from complaints.rules.escalation import Stage
from complaints.rules.levels import Phrases
from crm_site.accounts.models import Department, Role
from crm_site.core.forms import VersionedMixin

#: how many stages a level's form offers
STAGES = 4
#: who may be told: those who can act
TOLD = (Role.SPECIALIST, Role.HEAD, Role.MANAGER, Role.DIRECTOR)
#: whom a category can propose as directly liable
LIABLE = [
    ("", _("Nobody; the head names them")),
    ("sales_consultant", _("Sales consultant")),
    ("delivery_specialist", _("Delivery specialist")),
    ("service_advisor", _("Service advisor")),
    ("technicians", _("Leading technician")),
    ("tech_body", _("Leading body technician")),
    ("tech_paint", _("Leading painter")),
    ("tech_mechanical", _("Leading mechanic")),
    ("insurance_clerk", _("Insurance clerk")),
    ("department", _("Department")),
    ("manufacturer", _("Manufacturer")),
]


HOURS = [
    (Level.Clock.STORE, _("Opening hours; from 24 hours on whole open days")),
    (Level.Clock.NATURAL_DAYTIME, _("Day and night; an end by night moves to 9:30")),
    (Level.Clock.NATURAL, _("Day and night")),
]


class HoursField(forms.CharField):
    """A length of time in hours, such as 2, 0:30 or 72; gives whole minutes."""

    default_error_messages = {"hours": _("Write hours, such as 2, 0:30 or 72.")}

    def prepare_value(self, value: Any) -> Any:
        """Minutes as hours: 120 → 2, 30 → 0:30; what was typed stays as it is."""
        if not isinstance(value, int):
            return value
        return f"{value // 60}" if value % 60 == 0 else f"{value // 60}:{value % 60:02}"

    def clean(self, value: Any) -> Any:
        """Minutes; None for an empty field."""
        text = super().clean(value)
        if not text:
            return None
        found = re.fullmatch(r"(\d{1,4})(?::([0-5]\d))?", unicodedata.normalize("NFKC", text).strip())
        if not found:
            raise forms.ValidationError(self.error_messages["hours"], code="hours")
        return int(found[1]) * 60 + int(found[2] or 0)


class NumbersForm(VersionedMixin):
    """The numbers of a store's rules."""

    compensation_limit = forms.DecimalField(
        label=_("Compensation above this needs a manager's approval (yuan)"),
        min_value=0,
        max_digits=12,
        decimal_places=2,
    )
    repeat_days = forms.IntegerField(
        label=_("Tickets on the same matter count as repeats within (days)"), min_value=1, max_value=730
    )
    repeats_propose = forms.IntegerField(label=_("L3 is proposed at ticket number"), min_value=2, max_value=20)
    repeats_raise = forms.IntegerField(label=_("The level rises to L3 at ticket number"), min_value=2, max_value=20)
    priority_caller = EmployeeField(
        label=_("Who calls a gold or A customer at once"), required=False, help_text=_("empty: the managers are told")
    )
    priority_complaints = forms.IntegerField(
        label=_("… who complained this often in 12 months"), min_value=1, max_value=20
    )
    check_after_days = forms.IntegerField(
        label=_("A measure that is done is checked for effect after (days)"), min_value=1, max_value=365
    )
    web_limits = forms.BooleanField(
        label=_("Posts on the web have shorter limits: 10 minutes, 30 minutes, 24 hours"), required=False
    )

    def __init__(self, *args: Any, row: TicketSettings, day: date, **kwargs: Any) -> None:
        super().__init__(*args, version=row.version, **kwargs)
        if row.store_id is None:  # of the company: nobody works in every store
            del self.fields["priority_caller"]
        else:
            caller: EmployeeField = self.fields["priority_caller"]  # type: ignore[assignment]
            caller.offer(people.members(row.store_id, people.HANDLING_ROLES, day), day)
        for name in self.names:
            self.initial[name] = getattr(row, name)

    @property
    def names(self) -> list[str]:
        """The fields that are columns."""
        return [name for name in self.fields if name not in {"version", "shown"}]

    def values(self) -> dict[str, Any]:
        """The clean numbers that the user changed, by column."""
        return {name: self.cleaned_data[name] for name in self.changed_by_user()}


class LevelForm(forms.Form):
    """The limits of a level and who hears of its tickets; `seen` names what the form showed."""

    seen = forms.CharField(widget=forms.HiddenInput)
    clock = forms.ChoiceField(label=_("Which hours count"), choices=HOURS)
    response_minutes = HoursField(label=_("First response (hours)"))
    proposal_minutes = HoursField(label=_("First proposal told (hours)"))
    closing_minutes = HoursField(label=_("Closing (hours)"), required=False)
    closing_working_days = forms.IntegerField(
        label=_("… or closing (working days by law)"), required=False, min_value=1, max_value=60
    )

    def __init__(self, *args: Any, level: Level, stages: tuple[Stage, ...], seen: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial.update({name: getattr(level, name) for name in self.fields if name != "seen"}, seen=seen)
        roles = [("", "—"), *((role.value, role.label) for role in TOLD)]
        for index in range(STAGES):
            stage = stages[index] if index < len(stages) else None
            self.fields[f"percent_{index}"] = forms.IntegerField(
                label=_("At % of the limit"), required=False, min_value=0, max_value=200,
                initial=stage.percent if stage else None, help_text=_("0 = at once") if not index else "",
            )  # fmt: skip
            self.fields[f"role_{index}"] = forms.ChoiceField(
                label=_("Who is told"), required=False, choices=roles, initial=stage.role if stage else ""
            )

    def clean(self) -> dict[str, Any]:
        """A stage has both a share and a role."""
        values = super().clean() or {}
        for index in range(STAGES):
            percent, role = values.get(f"percent_{index}"), values.get(f"role_{index}")
            if (percent is None) != (not role) and not self.errors.get(f"percent_{index}"):
                self.add_error(f"percent_{index}", _("A stage needs both: a share of the limit and who is told."))
        return values

    def limits(self) -> dict[str, Any]:
        """The clean limits by column."""
        names = ("clock", "response_minutes", "proposal_minutes", "closing_minutes", "closing_working_days")
        return {name: self.cleaned_data[name] for name in names}

    def stages(self) -> list[Stage]:
        """The clean stages."""
        pairs = ((self.cleaned_data[f"percent_{one}"], self.cleaned_data[f"role_{one}"]) for one in range(STAGES))
        return [Stage(percent, role) for percent, role in pairs if role]


class PhrasesForm(forms.Form):
    """Three lists, one phrase a line."""

    seen = forms.CharField(widget=forms.HiddenInput)

    def __init__(self, *args: Any, phrases: Phrases, seen: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["seen"].initial = seen
        for effect, texts in zip(Phrase.Effect, phrases, strict=True):
            self.fields[effect.value] = forms.CharField(
                label=_EFFECTS[effect], required=False, max_length=8000, initial="\n".join(texts),
                widget=forms.Textarea(attrs={"rows": min(max(len(texts), 4), 14)}),
            )  # fmt: skip

    @staticmethod
    def titles() -> list[Any]:
        """What each list does, in the order of the lists."""
        return [_EFFECTS[effect] for effect in Phrase.Effect]

    def phrases(self) -> Phrases:
        """The clean lists, each phrase once."""
        return Phrases(*(_lines(self.cleaned_data[effect]) for effect in Phrase.Effect.values))


class CategoryForm(VersionedMixin):
    """A category's names, its department, and whom it proposes as liable."""

    label_zh = forms.CharField(label=_("Chinese name"), max_length=80)
    label_en = forms.CharField(label=_("English name"), max_length=80)
    department = forms.ChoiceField(label=_("Department"), required=False, choices=[("", "—"), *Department.choices])
    proposed_liable = forms.ChoiceField(label=_("Proposed as directly liable"), required=False, choices=LIABLE)
    is_active = forms.BooleanField(
        label=_("Offered for new tickets"), required=False, help_text=_("what tickets have already stays with them")
    )

    def __init__(self, *args: Any, row: Category | None = None, parent: Category | None = None, **kwargs: Any) -> None:
        super().__init__(*args, version=0, **kwargs)
        if row is None:
            del self.fields["is_active"]
        like = row or parent
        if like is not None:
            self.initial.update({"department": like.department, "proposed_liable": like.proposed_liable})
        if row is not None:
            self.initial.update({"label_zh": row.label_zh, "label_en": row.label_en, "is_active": row.is_active})

    def values(self) -> dict[str, Any]:
        """The clean values by column."""
        return {name: value for name, value in self.cleaned_data.items() if name not in {"version", "shown"}}

    def changed(self) -> dict[str, Any]:
        """Only what the user changed."""
        return {name: value for name, value in self.values().items() if name in self.changed_by_user()}

    def before(self) -> dict[str, Any]:
        """What the form had shown, as values of the columns."""
        texts = self.shown_values()
        return {name: text == "True" if name == "is_active" else text for name, text in texts.items()}


_EFFECTS = {
    Phrase.Effect.GRAVE: _("Raises to L4, whatever was chosen"),
    Phrase.Effect.SERIOUS: _("Proposes L3"),
    Phrase.Effect.ASKS: _("Single words that only ask “is this L4?”"),
}


def _lines(text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(line.strip() for line in text.splitlines() if line.strip()))
