"""What the page of columns shows: each sheet with its header, its columns, what they mean, how surely; reads only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext_lazy

from crm_site.accounts.models import Employee
from crm_site.core import formats
from crm_site.imports import layout as kinds
from crm_site.imports import wording
from crm_site.imports.layout import Layout
from crm_site.imports.models import BatchState, ImportBatch
from crm_site.imports.pages import questions
from crm_site.imports.reading import matching, peeking, recognise
from crm_site.imports.reading.recognise import Wish, letter

#: How sure a column is: its words, its colour, how much of the bar is filled (of 36).
SURE: dict[str, tuple[Any, str, int]] = {
    matching.HIGH: (pgettext_lazy("confidence", "high"), "ok", 36),
    matching.MEDIUM: (pgettext_lazy("confidence", "medium"), "warn", 24),
    matching.LOW: (pgettext_lazy("confidence", "low"), "bad", 12),
    matching.SAID: (pgettext_lazy("confidence", "you said so"), "ok", 36),
    "": (pgettext_lazy("confidence", "no match"), "", 0),
}
#: refusals after which choosing columns by hand may help
BY_HAND = frozenset({"missing_columns", "no_header", "only_hidden", "no_rows"})


@dataclass
class Column:
    """One column of a sheet."""

    place: int
    letter: str
    title: str
    field: str
    sure: dict[str, Any]
    samples: list[str]
    #: words for a second claim: "also reads like Phone, which another column has"
    rival: str = ""
    is_hidden: bool = False
    #: the sheet further up whose column of the same title decides
    as_in: str = ""


@dataclass
class Sheet:
    """One sheet of the file."""

    place: int
    name: str
    label: str
    #: what a reader should know of it, in words
    facts: list[str]
    is_taken: bool
    header: int | None
    #: (row number, what stands there) of the lines that may be the header
    lines: list[tuple[int, str]]
    columns: list[Column]
    hidden_rows: int
    hidden_columns: list[str]
    takes_rows: bool
    takes_columns: bool
    missing: list[str] = field(default_factory=list)


def may_explain(batch: ImportBatch) -> bool:
    """Whether sheets and columns can be chosen now: before anything is written, or after a refusal that it may mend."""
    if not batch.reading.get("top") or batch.counts.get("applied"):
        return False
    return batch.state == BatchState.PREVIEW or (batch.state == BatchState.REFUSED and batch.refusal in BY_HAND)


def layout_of(batch: ImportBatch, code: str) -> Layout | None:
    """The kind of list as chosen, else as recognised, else the one that came closest."""
    known = kinds.layouts()
    nearest = next((sheet["layout"] for sheet in batch.reading.get("sheets", []) if sheet.get("layout")), "")
    for one in (code, batch.layout, batch.refusal_detail.get("layout", ""), nearest):
        if one in known:
            return known[one]
    return None


def sheets(batch: ImportBatch, wanted: Layout | None, headers: Mapping[int, int]) -> list[Sheet]:
    """Every sheet that was seen; `headers` are rows chosen as header by the sheets' places."""
    found: list[Sheet] = []
    described = batch.reading["sheets"]
    visible = [known for known in described if known["state"] not in ("hidden", "left")]
    seen: dict[str, str] = {}
    for place, known in enumerate(described):
        said = batch.answers.get("sheets", {}).get(known["name"], {})
        sheet = _sheet(batch, place, known, wanted, headers.get(place))
        if batch.state == BatchState.REFUSED:
            sheet.is_taken = said.get("take", known["state"] == "ignored" and len(visible) == 1)
        sheet.takes_rows, sheet.takes_columns = bool(said.get("hidden_rows")), bool(said.get("hidden_columns"))
        for column in sheet.columns:
            column.as_in = seen.setdefault(column.title, sheet.label)
            if column.as_in == sheet.label:
                column.as_in = ""
        found.append(sheet)
    return found


def brief(batch: ImportBatch, wanted: Layout) -> list[dict[str, Any]]:
    """Which column is which field, for the panel beside a preview: each title once over all sheets taken."""
    lines: dict[tuple[str, str], dict[str, Any]] = {}
    for sheet in batch.reading.get("sheets", []):
        if sheet["state"] != "taken":
            continue
        for place, (title, name) in enumerate(sheet["columns"]):
            if not title or (title, name) in lines:
                continue
            rival = wording.field_label(wanted, sheet.get("rivals", {}).get(str(place), ""))
            lines[title, name] = {
                "title": title,
                "field": wording.field_label(wanted, name),
                "sure": sure(sheet.get("sure", {}).get(str(place), matching.HIGH if name else "")),
                "rival": rival,
                "is_hidden": place in sheet.get("hidden_columns", []) and not name,
            }
    return list(lines.values())


def given(batch: ImportBatch, wanted: Layout | None) -> list[tuple[tuple[str, ...], str]]:
    """What was answered of the file's words, names, dates and amounts: the way to each, and its words; one query."""
    said = batch.answers
    found: list[tuple[tuple[str, ...], str]] = []
    for name, order in said.get("date_order", {}).items():
        found.append((("date_order", name), _pair(_label(wanted, name), questions.ORDERS.get(order, order))))
    if said.get("amounts"):
        found.append((("amounts",), _pair(_("Amounts"), questions.AMOUNTS[said["amounts"]])))
    for name, words in said.get("values", {}).items():
        for word, code in words.items():
            shown = wording.shown(wanted, name, code) if wanted and code else _("leave empty")
            found.append((("values", name, word), _pair(word, shown)))
    people = said.get("employee", {})
    keys = [key for key in people.values() if key]
    known = dict(Employee.objects.filter(store_id=batch.store_id, pk__in=keys).values_list("pk", "name"))
    for word, key in people.items():
        found.append((("employee", word), _pair(word, known.get(key) or _("nobody of ours: keep as text"))))
    return found


def _label(wanted: Layout | None, name: str) -> Any:
    return wording.field_label(wanted, name) if wanted else name


def _pair(what: Any, means: Any) -> str:
    return f"{what} → {means}"


def sure(code: str) -> dict[str, Any]:
    """How sure a column is, for components/confidence."""
    words, colour, width = SURE[code]
    return {"words": words, "kind": colour, "width": width}


def _sheet(batch: ImportBatch, place: int, known: dict[str, Any], wanted: Layout | None, row: int | None) -> Sheet:
    """One sheet, its columns read anew where another header or list is looked at than the one of the last reading."""
    lines = batch.reading["top"].get(known["name"], [])
    if wanted is not None and (row is not None or known.get("layout") != wanted.code):
        known = known | _looked_at(batch, known, wanted, lines, row)
    header = known.get("header")
    return Sheet(
        place=place,
        name=known["name"],
        label=known["name"] or (_("Table %(number)s") % {"number": place + 1} if place else _("The table")),
        facts=_facts(known),
        is_taken=known["state"] == "taken",
        header=header,
        lines=[(number, _line(cells)) for number, cells in lines],
        columns=_columns(known, wanted, lines),
        hidden_rows=known.get("hidden_rows", 0),
        hidden_columns=[letter(column) for column in known.get("hidden_columns", [])],
        takes_rows=False,
        takes_columns=False,
        missing=[str(wording.field_label(wanted, name)) for name in known.get("missing", [])] if wanted else [],
    )


def _looked_at(
    batch: ImportBatch, known: dict[str, Any], wanted: Layout, lines: list[list[Any]], row: int | None
) -> dict[str, Any]:
    """What a sheet's columns would mean in a list with a header row; the fullest line is tried where none is found."""
    rows = [(number, cells) for number, cells in lines]
    wish = Wish(row=row, columns=batch.answers.get("columns", {}))
    spans = [tuple(span) for span in known.get("merged", [])]
    header = recognise.find([wanted], rows, spans, wish)
    if header is None and lines:
        fullest = max(lines, key=lambda line: sum(map(bool, line[1])))[0]
        header = recognise.find([wanted], rows, spans, Wish(row=fullest, columns=wish.columns))
    if header is None:
        return {"columns": [], "header": None, "missing": []}
    return {
        "header": header.row,
        "columns": [[label, header.mapping.get(column, "")] for column, label in enumerate(header.labels)],
        "sure": {str(column): one.sure for column, one in header.matches.items()},
        "rivals": {str(column): name for column, name in header.rivals.items()},
        "missing": header.missing,
    }


def _columns(known: dict[str, Any], wanted: Layout | None, lines: list[list[Any]]) -> list[Column]:
    """The columns that have a title or anything in them."""
    found = []
    for place, (title, name) in enumerate(known["columns"]):
        values = peeking.samples(lines, known.get("header") or 0, place)
        if not title or (title == recognise.untitled(place) and not values and not name):
            continue
        rival = known.get("rivals", {}).get(str(place), "")
        found.append(
            Column(
                place=place,
                letter=letter(place),
                title=title,
                field=name,
                sure=sure(known.get("sure", {}).get(str(place), "")),
                samples=values,
                rival=str(wording.field_label(wanted, rival)) if wanted and rival else "",
                is_hidden=place in known.get("hidden_columns", []),
            )
        )
    return found


def _facts(known: dict[str, Any]) -> list[str]:
    """What stands under a sheet's name."""
    rows = known.get("height", 0)
    found = [ngettext("%(count)s row", "%(count)s rows", rows) % {"count": formats.number(rows)}]
    if known.get("is_hidden"):
        found.append(_("hidden sheet"))
    if known.get("is_filtered"):
        found.append(_("has a filter"))
    if known.get("hidden_rows"):
        count = known["hidden_rows"]
        words = ngettext("%(count)s hidden row", "%(count)s hidden rows", count)
        found.append(words % {"count": formats.number(count)})
    if known.get("hidden_columns"):
        letters = wording.listed([letter(column) for column in known["hidden_columns"][:8]])
        found.append(_("hidden columns: %(letters)s") % {"letters": letters})
    return found


def _line(cells: list[str]) -> str:
    """A line as the choice of a header shows it."""
    filled = [cell for cell in cells if cell]
    return " · ".join(filled[:6]) + (" …" if len(filled) > 6 else "")
