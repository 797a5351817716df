"""The details of an entry of the trail in words: named facts, the values behind codes, before and after."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from functools import cache
from typing import Any

from django.apps import apps
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from complaints.models import CauseClass, ConfirmResult, Liability
from complaints.wording import WAITING
from crm_site.accounts.models import Department, LinkKind, Post, Role
from crm_site.core import formats
from crm_site.core.exports import LISTS
from crm_site.history.names import ADDRESSES, DECISIONS, FILES, NAMES, PARTS
from crm_site.imports import layout
from crm_site.imports.wording import REFUSALS
from crm_site.reports.models import ExportLayout
from customers import class_wording, wording
from customers.models import Consent, ContactBan, DefectionType, FactCheck, VehicleRole
from revisits.models import State as RevisitState
from revisits.queries.indicators import INDICATORS
from revisits.views.quality.words import DRAWN_FOR
from revisits.wording import REASONS
from satisfaction.models import Alert

#: facts whose codes are not choices of the subject's own field of that name
CODES: dict[str, Mapping[Any, str | Promise]] = {
    "department": dict(Department.choices),
    "post": dict(Post.choices),
    "role": {**dict(VehicleRole.Kind.choices), **dict(Role.choices)},
    "owner_role": dict(Role.choices),
    "purpose": dict(ContactBan.Purpose.choices),
    "channel": dict(ContactBan.Channel.choices),
    "to": dict(RevisitState.choices),
    "result": dict(ConfirmResult.choices),
    "cause_class": dict(CauseClass.choices),
    "waiting_for": WAITING,
    "files.storedfile.purpose": FILES,
    "parts": PARTS,
    "what": DECISIONS,
    "list": dict(ExportLayout.Subject.choices),
    "indicator": {code: one.label for code, one in INDICATORS.items()},
    "code": {code: sentence for code, (sentence, _way_out) in REFUSALS.items()},
    "privacy.exportentry.what": LISTS,
    "customers.customer.purpose": {**dict(ContactBan.Purpose.choices), **dict(Consent.Purpose.choices)},
    "customers.customer.source": dict(Consent.Source.choices),
    "customers.customer.kind": dict(DefectionType.choices),
    "customers.customer.reason": {
        **class_wording.REASONS, **wording.CHECK_REASONS, **wording.LOOK_REASONS, **ADDRESSES,
        "NO_ANSWER": gettext_lazy("could not be reached"),
    },
    "customers.phone.reason": wording.CHECK_REASONS,
    "revisits.revisit.reason": {str(code): words for code, words in REASONS.items()},
    "accounts.user.kind": dict(LinkKind.choices),
    "accounts.employee.kind": dict(LinkKind.choices),
    "fact": dict(FactCheck.Fact.choices),
    "outcome": dict(FactCheck.Outcome.choices),
    "why": DRAWN_FOR,
    "about": dict(Alert.Subject.choices),
}  # fmt: skip

#: facts that are keys of the roster
PEOPLE = frozenset({"employee", "handler", "responsible", "accused", "giver", "holder"})

#: facts that are keys of other rows: shown as numbers to look them up by
ROWS = frozenset({
    "phone", "contact", "ban", "vehicle", "attempt", "response", "complaint", "measure", "file", "files", "merge",
    "merged", "one", "other", "owner", "request",
})  # fmt: skip

#: facts that are lists of codes of other facts
FIELDS = frozenset({"fields", "names"})

#: facts that are lists, never a value before and one after
LISTS = frozenset({"files", "parts"})

Pairs = list[tuple[str, str]]


def employee_ids(detail: Mapping[str, Any]) -> Iterator[int]:
    """The keys of the roster that a detail names, so that a page asks for all names at once."""
    for name, value in detail.items():
        if name in PEOPLE:
            yield from (item for item in (value if isinstance(value, list) else [value]) if isinstance(item, int))
        elif name == "liability" and isinstance(value, list):
            yield from (line[2] for side in value for line in side or () if line[2])


def particulars(subject_type: str, detail: Mapping[str, Any], people: Mapping[int, str]) -> Pairs:
    """The details as (name, text) pairs; `people` gives the names of the employees that they refer to."""
    teller = _Teller(subject_type, people)
    pairs = ((teller.name(name), teller.text(name, value)) for name, value in detail.items())
    return [(name, text) for name, text in pairs if text]


class _Teller:
    """Says values of one entry in words; an empty text where there is nothing to say."""

    def __init__(self, subject_type: str, people: Mapping[int, str]) -> None:
        self.subject_type = subject_type
        self.people = people

    def name(self, code: str) -> str:
        """What a fact is called; the code itself where nobody has named it yet."""
        numbers = (words[code] for words in class_wording.NUMBERS.values() if code in words)
        return str(NAMES.get(f"{self.subject_type}.{code}") or NAMES.get(code) or next(numbers, code))

    def text(self, name: str, value: Any) -> str:
        """One fact: a list of fields, counts, before and after, or a single value."""
        if name in FIELDS and isinstance(value, list):
            return _listed(self.name(field) for field in value)
        if name == "tables" and isinstance(value, dict):
            return formats.number(sum(count for count in value.values() if _is_count(count)))
        if isinstance(value, dict):
            return _listed(f"{self.name(key)} {count}" for key, count in value.items() if _is_count(count))
        if isinstance(value, list):
            is_change = len(value) == 2 and name not in LISTS
            return self._change(name, value) if is_change else _listed(self.one(name, item) for item in value)
        return "" if value in (None, "") else self.one(name, value)

    def _change(self, name: str, pair: list[Any]) -> str:
        before, after = (self.one(name, side) or "–" for side in pair)
        return f"{before} → {after}" if before != after else ""

    def one(self, name: str, value: Any) -> str:
        """A single value: a person, a word for a code, a month, a number of a row, yes or no, or itself."""
        if value in (None, "", [], {}):
            return ""
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if name == "liability":
            return _listed((self._liable(line) for line in value), "; ")
        if isinstance(value, list):
            return _listed(self.one(name, item) for item in value)
        if name in PEOPLE:
            return self.people.get(value, f"#{value}")
        if name in ROWS and isinstance(value, int):
            return f"#{value}"
        return self._word(name, value)

    def _word(self, name: str, value: Any) -> str:
        words = _choices(self.subject_type, name)
        own = CODES.get(f"{self.subject_type}.{name}", words)
        word = own.get(value) if value in own else CODES.get(name, {}).get(value)
        if word is not None:
            return str(word)
        if name == "layout" and value in layout.layouts():
            return str(layout.layouts()[value].label)
        if name == "month":
            return str(value)[:7]
        if name == "sha256":
            return f"{value[:12]}…"
        moment = _moment(value)
        return formats.when(moment) if moment else str(value)

    def _liable(self, line: list[Any]) -> str:
        kind, party, employee = line
        who = self.people.get(employee) or dict(Liability.Party.choices).get(party, party)
        return f"{dict(Liability.Kind.choices).get(kind, kind)} {who}"


@cache
def _choices(subject_type: str, name: str) -> Mapping[Any, str | Promise]:
    model = apps.get_model(subject_type)
    fields = {field.name: field for field in model._meta.concrete_fields}
    return dict(getattr(fields.get(name), "flatchoices", ()) or ())


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and value > 0


def _moment(value: Any) -> datetime | None:
    """The moment that the trail wrote as ISO text; None for anything else, days too."""
    if not isinstance(value, str) or "T" not in value:
        return None
    try:
        return datetime.fromisoformat(value)
    except ValueError:
        return None


def _listed(texts: Iterable[str], separator: str = "") -> str:
    return (separator or _(", ")).join(text for text in texts if text)
