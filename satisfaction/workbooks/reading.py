"""Reads a questionnaire's workbook back into a design; every fault names its cell, and nothing is guessed."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.utils.translation import gettext as _
from openpyxl.utils import get_column_letter

from crm_site.core.errors import RuleBroken
from crm_site.core.numbers import parse_decimal
from crm_site.imports.reading import reader
from crm_site.imports.wording import REFUSALS
from satisfaction import design_words, rules
from satisfaction.rules import designs
from satisfaction.workbooks import terms

#: more rows than a tree and its notes can fill: what is longer is no questionnaire
MOST_ROWS = 400
MOST_FAULTS = 50
Row = tuple[int, list[Any]]


@dataclass(frozen=True)
class Fault:
    """What is wrong and where: sheet, cell ('' = the whole sheet or file), and what to do."""

    sheet: str
    cell: str
    text: str


@dataclass
class Told:
    """What a workbook says: a design and a note, or the faults because of which nothing is written."""

    design: designs.Design = field(default_factory=designs.Design)
    note: str = ""
    faults: list[Fault] = field(default_factory=list)


def read(chunks: Iterable[bytes]) -> Told:
    """The questionnaire in an uploaded workbook; a file that is none gives one fault that says what to do."""
    with tempfile.NamedTemporaryFile(suffix=".xlsx") as stored:
        for chunk in chunks:
            stored.write(chunk)
        stored.flush()
        try:
            sheets = _sheets(Path(stored.name))
        except reader.Unreadable as why:
            said = REFUSALS.get(why.code, REFUSALS["unreadable"])
            return Told(faults=[Fault("", "", " ".join(map(str, said)))])
    return of_sheets(sheets)


def of_sheets(sheets: dict[str, list[Row]]) -> Told:
    """The questionnaire in the rows of a workbook, by sheet; a row is its number as people count and its cells."""
    return _Book(sheets).told()


def _sheets(path: Path) -> dict[str, list[Row]]:
    """Each sheet's rows, as far as a questionnaire can be long; read in a child process with its limits."""
    found: dict[str, list[Row]] = {}
    for _book, head, rows in reader.by_sheet(reader.read(path)):
        kept = found.setdefault(head.name, [])
        for row in rows:
            if len(kept) < MOST_ROWS:
                kept.append(row)
    return found


class _Book:
    """One workbook while it is read: the faults found so far, and where they stand."""

    def __init__(self, sheets: dict[str, list[Row]]) -> None:
        self.sheets = sheets
        self.faults: list[Fault] = []
        self.sheet = ""
        #: where the rows of the design stand: rows of the sheet, by kind and index
        self.places: dict[str, list[int]] = {"factors": [], "items": []}
        self.columns: dict[str, int] = {}

    def told(self) -> Told:
        """The design, or everything that is wrong with the workbook."""
        scale, words, note = self._settings()
        factors, items = self._questions()
        design = designs.Design(tuple(factors), tuple(items), scale, words)
        if not self.faults:
            for problem in designs.problems(design):
                self._tell(problem)
        return Told(design, note, self.faults[:MOST_FAULTS])

    # ---- questions ---------------------------------------------------------------------------------------------------

    def _questions(self) -> tuple[list[designs.FactorDesign], list[designs.ItemDesign]]:
        rows = self._open("rows")
        header = self._header(rows)
        factors: list[designs.FactorDesign] = []
        items: list[designs.ItemDesign] = []
        for number, cells in rows[header:] if header else ():
            if not any(_text(cell) for cell in cells):
                continue
            kind = self._choice(number, cells, "row", required=True)
            if kind == terms.FACTOR:
                factors.append(self._factor(number, cells))
                self.places["factors"].append(number)
            elif kind == terms.QUESTION:
                items.append(self._item(number, cells))
                self.places["items"].append(number)
        return factors, items

    def _header(self, rows: list[Row]) -> int:
        """How many rows come before the first row of content; says which titles are missing."""
        wanted = {spelling: name for name, title in terms.TITLES.items() for spelling in terms.in_either(title)}
        for before, (_number, cells) in enumerate(rows, start=1):
            found = {wanted[key]: at for at, cell in enumerate(cells) if (key := terms.key(_text(cell))) in wanted}
            if len(found) >= 3:
                self.columns = found
                self._check_titles()
                return before
        self._fault("", _("No row with the titles of the columns was found. Start from a version sent out here."))
        return 0

    def _check_titles(self) -> None:
        """Say which columns a workbook lacks."""
        missing = [str(title) for name, title in terms.TITLES.items() if name not in self.columns]
        if missing:
            named = _(", ").join(missing)
            self._fault(
                "", _("Columns are missing: %(titles)s. Start from a version sent out here.") % {"titles": named}
            )

    def _factor(self, number: int, cells: Sequence[Any]) -> designs.FactorDesign:
        return designs.FactorDesign(
            self._said(cells, "factor").lower(), self._weight(number, cells, "weight"), self._said(cells, "label_zh"),
            self._said(cells, "label_en"),
        )  # fmt: skip

    def _item(self, number: int, cells: Sequence[Any]) -> designs.ItemDesign:
        return designs.ItemDesign(
            code=self._said(cells, "code").lower(),
            kind=self._choice(number, cells, "kind", required=True),
            weight=self._weight(number, cells, "weight"),
            factor=self._said(cells, "factor").lower(),
            attribution=self._choice(number, cells, "attribution") or "none",
            is_required=self._choice(number, cells, "is_required") == "yes",
            label_zh=self._said(cells, "label_zh"),
            label_en=self._said(cells, "label_en"),
        )

    # ---- scale and words ---------------------------------------------------------------------------------------------

    def _settings(self) -> tuple[str, tuple[rules.Word, ...], str]:
        """The sheet of scale and words; a workbook without it has ten points and the trade's words."""
        rows = self._open("settings", required=False)
        scale, note = rules.TEN, ""
        words: list[rules.Word] = []
        is_table = False
        for number, cells in rows:
            first, second = ([_text(cell) for cell in cells] + ["", ""])[:2]
            if is_table and (first or second):
                words.append(self._word(number, cells))
            elif terms.key(first) in terms.in_either(terms.SCALE):
                scale = self._scale(number, second)
            elif terms.key(first) in terms.in_either(terms.NOTE):
                note = second
            is_table = is_table or terms.key(first) in terms.in_either(terms.WORD_TITLES["label_zh"])
        table = tuple(
            rules.Word(len(words) - place, one.points, one.label_zh, one.label_en) for place, one in enumerate(words)
        )
        return scale, () if table == rules.TRADE_WORDS else table, note

    def _scale(self, number: int, said: str) -> str:
        code = terms.spellings(terms.SCALES).get(terms.key(said), "")
        if not code:
            self._fault(f"B{number}", self._offered(terms.SCALES))
        return code or rules.TEN

    def _word(self, number: int, cells: Sequence[Any]) -> rules.Word:
        zh, en, points = (list(cells) + [None] * 3)[:3]
        return rules.Word(0, self._number(f"C{number}", points), _text(zh), _text(en))

    # ---- cells -------------------------------------------------------------------------------------------------------

    def _open(self, name: str, *, required: bool = True) -> list[Row]:
        """The rows of a sheet by its name in either language; the first sheet stands for that of the questions."""
        known = terms.in_either(terms.SHEETS[name])
        found = next((sheet for sheet in self.sheets if terms.key(sheet) in known), None)
        if found is None and required:
            found = next(iter(self.sheets), None)
        self.sheet = found or ""
        return self.sheets.get(found, []) if found is not None else []

    def _said(self, cells: Sequence[Any], name: str) -> str:
        place = self.columns.get(name)
        return _text(cells[place]) if place is not None and place < len(cells) else ""

    def _choice(self, number: int, cells: Sequence[Any], name: str, *, required: bool = False) -> str:
        """The code of a word that was picked; says which there are where it is none of them."""
        said = self._said(cells, name)
        if not said and not required:
            return ""
        code = terms.spellings(terms.CHOICES[name]).get(terms.key(said), "")
        if not code:
            self._fault(self._at(number, name), self._offered(terms.CHOICES[name]))
        return code

    def _weight(self, number: int, cells: Sequence[Any], name: str) -> Decimal:
        place = self.columns.get(name)
        value = cells[place] if place is not None and place < len(cells) else None
        return self._number(self._at(number, name), value)

    def _number(self, cell: str, value: Any) -> Decimal:
        """A number with at most two decimals; an empty cell is 0."""
        if value == reader.NO_VALUE:
            self._fault(cell, _("This cell calculates, and the file holds no result. Write the number itself."))
            return rules.ZERO
        if value is None or _text(value) == "":
            return rules.ZERO
        try:
            found = parse_decimal(value)
        except RuleBroken:
            found = None
        if found is None or not found.is_finite() or isinstance(value, bool):
            self._fault(cell, _("This is not a number. Write it like 7.5."))
            return rules.ZERO
        return found

    # ---- faults ------------------------------------------------------------------------------------------------------

    def _at(self, number: int, name: str) -> str:
        place = self.columns.get(name)
        return f"{get_column_letter(place + 1)}{number}" if place is not None else str(number)

    def _offered(self, words: terms.Words) -> str:
        listed = _(", ").join(str(word) for word in words.values())
        return _("Write one of: %(words)s.") % {"words": listed}

    def _fault(self, cell: str, text: str) -> None:
        self.faults.append(Fault(self.sheet, cell, text))

    def _tell(self, problem: designs.Problem) -> None:
        """A problem of the design, at the cell that it is about."""
        cell = ""
        if problem.rows:
            column = {"label": "label_zh", "code_twice": "code", "extra_weight": "weight", "kind_twice": "kind"}
            name = column.get(problem.code, problem.code)
            name = "factor" if name == "code" and problem.rows == "factors" else name
            cell = self._at(self.places[problem.rows][problem.index], name)
        self._fault(cell, str(design_words.WORDS[problem.code]))


def _text(cell: Any) -> str:
    """What stands in a cell, as text without blanks around it."""
    if cell is None or isinstance(cell, bool) or cell == reader.NO_VALUE:
        return "" if cell is not True else "1"
    return str(int(cell)) if isinstance(cell, float) and cell.is_integer() else str(cell).strip()
