"""The questions of a file in words: what is unclear, how often, with examples, and what may be answered; reads only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from crm_site.accounts.models import Employee
from crm_site.core import dates, formats, names
from crm_site.imports import layout as kinds
from crm_site.imports import wording
from crm_site.imports.layout import Layout
from crm_site.imports.models import ImportBatch

#: Answers that are no code and no person.
LATER, EMPTY, KEEP = "", "-", "text"
ORDERS: dict[str, Any] = {
    "dmy": gettext_lazy("whole column day/month/year"),
    "mdy": gettext_lazy("whole column month/day/year"),
    "ymd": gettext_lazy("whole column year/month/day"),
    "blank": gettext_lazy("leave the doubtful ones empty"),
}
AMOUNTS: dict[str, Any] = {
    "header": gettext_lazy("the amount is the whole order's: take it once"),
    "sum": gettext_lazy("each line has its own amount: add them up"),
}
Options = list[tuple[str, Any]]


class Word(NamedTuple):
    """A word or name that is not known: what it may mean. `groups` are (heading, [(answer, words)])."""

    key: str
    word: str
    note: str
    groups: list[tuple[str, Options]]


class Question(NamedTuple):
    """One question: a choice for all (`options`), or one for each of its words."""

    key: str
    kind: str
    title: str
    text: str
    amount: str
    evidence: list[dict[str, str]]
    options: Options
    words: list[Word]
    more: str


def of(batch: ImportBatch, wanted: Layout) -> list[Question]:
    """The open questions of a batch, by at most one query (for the store's people)."""
    people: list[Employee] = []
    if any(one["kind"] == "employee" for one in batch.questions):
        rows = Employee.objects.filter(store_id=batch.store_id).only("pk", "number", "name", "left_on")
        people = sorted(rows, key=lambda one: (one.left_on is not None, names.pinyin(one.name).full))
    make = {"date_order": _date_order, "amounts": _amounts, "value": _value, "employee": _employee}
    several = len([sheet for sheet in batch.reading.get("sheets", []) if sheet["state"] == "taken"]) > 1
    return [
        make[one["kind"]](f"q{place}", one, wanted, people, several)
        for place, one in enumerate(batch.questions)
        if one["kind"] in make and (not one["field"] or one["field"] in wanted.by_name)
    ]


def _date_order(
    key: str, one: Mapping[str, Any], wanted: Layout, _people: Sequence[Employee], several: bool
) -> Question:
    """37 of 500 can only be read as day/month/year: say it, and ask."""
    only = {order: number for order, number in one["only"].items() if number}
    words = [
        ngettext(
            "%(count)s cell can only be read as %(order)s", "%(count)s cells can only be read as %(order)s", number
        )
        % {"count": formats.number(number), "order": wording.ORDERS[order]}
        for order, number in sorted(only.items(), key=lambda item: -item[1])
    ]
    doubt = ngettext("%(count)s can be read several ways", "%(count)s can be read several ways", one["count"])
    if one["count"]:
        words.append(doubt % {"count": formats.number(one["count"])})
    readable = set(only).union(*(dates.orders(value) for _sheet, _row, value in one["examples"]))
    options = [(code, label) for code, label in ORDERS.items() if code != "ymd" or "ymd" in readable]
    cells = one["count"] + sum(only.values())
    return Question(
        key=key,
        kind="date_order",
        title=_("%(field)s: day or month first?") % {"field": wording.field_label(wanted, one["field"])},
        text=_("; ").join(words),
        amount=ngettext("%(count)s cell", "%(count)s cells", cells) % {"count": formats.number(cells)},
        evidence=_evidence(one["examples"], several),
        options=options,
        words=[],
        more="",
    )


def _amounts(key: str, one: Mapping[str, Any], _wanted: Layout, _people: Sequence[Employee], several: bool) -> Question:
    count = one["count"]
    return Question(
        key=key,
        kind="amounts",
        title=_("Several lines of one order repeat the same amount"),
        text=_("Taken once until you say otherwise."),
        amount=ngettext("%(count)s order", "%(count)s orders", count) % {"count": formats.number(count)},
        evidence=_evidence(one["examples"], several),
        options=list(AMOUNTS.items()),
        words=[],
        more="",
    )


def _value(key: str, one: Mapping[str, Any], wanted: Layout, _people: Sequence[Employee], several: bool) -> Question:
    """Words that a list of choices does not know, or something that the file does not say."""
    field = wanted.by_name[one["field"]]
    groups = [("", [(EMPTY, _("leave empty"))]), (_("means"), meanings(field))]
    title = _("%(field)s: not said in the file") if one.get("unsaid") else _("%(field)s: unknown words")
    return _worded(key, one, several, groups=lambda _word: groups, title=title % {"field": field.label})


def _employee(key: str, one: Mapping[str, Any], _wanted: Layout, people: Sequence[Employee], several: bool) -> Question:
    """Names of people whom the roster does not know, or of whom it knows several."""
    everybody = [(str(person.pk), _person(person)) for person in people]

    def groups(word: str) -> list[tuple[str, Options]]:
        near = [(str(person.pk), _person(person)) for person in people if names.may_be(word, person.name)]
        kept = ("", [(KEEP, _("nobody of ours: keep as text"))])
        return [kept, *([(_("perhaps"), near)] if near else []), (_("everybody"), everybody)]

    return _worded(key, one, several, groups=groups, title=_("Who is meant?"))


def _worded(key: str, one: Mapping[str, Any], several: bool, *, groups: Any, title: str) -> Question:
    words = []
    for place, (word, often, sheet, row) in enumerate(one["words"]):
        where = wording.place(sheet, row, several=several)
        note = ngettext("%(count)s row, first %(where)s", "%(count)s rows, first %(where)s", often)
        words.append(
            Word(f"{key}_{place}", word, note % {"count": formats.number(often), "where": where}, groups(word))
        )
    more = one.get("others", 0)
    total = sum(often for _word, often, _sheet, _row in one["words"])
    return Question(
        key=key,
        kind=one["kind"],
        title=title,
        text="",
        amount=ngettext("%(count)s cell", "%(count)s cells", total) % {"count": formats.number(total)},
        evidence=[],
        options=[],
        words=words,
        more=_("and %(count)s rarer ones") % {"count": formats.number(more)} if more else "",
    )


def meanings(field: kinds.Field) -> Options:
    """What a word may mean: each code by its first spelling."""
    if field.kind == kinds.YESNO:
        return [("yes", _("yes")), ("no", _("no"))]
    found: dict[str, str] = {}
    for word, code in field.spellings.items():
        found.setdefault(code, word)
    return list(found.items())


def _person(person: Employee) -> str:
    words = f"{person.name} {person.number}"
    return _("%(person)s (left)") % {"person": words} if person.left_on else words


def _evidence(examples: Sequence[Sequence[Any]], several: bool) -> list[dict[str, str]]:
    return [{"text": str(value), "where": wording.place(sheet, row, several=several)} for sheet, row, value in examples]
