"""What a kind of spreadsheet is: its columns, how a row is known, and how rows are compared with and written to tables.

A room that can be imported declares a `Layout` in its `layouts.py` and names it in settings.IMPORT_LAYOUTS:

    DELIVERIES = Layout(code="deliveries", label=_("Deliveries"), fields=(Field("vin", _("VIN"), …), …),
                        key=…, compare=…, apply=…)

The engine reads the file, cleans each cell by its field's kind, folds lines of one key, and calls `compare` and `apply`
for some thousand rows at a time; neither may query once a row.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django.utils.functional import Promise, cached_property

from crm_site.accounts.models import Employee, Store
from crm_site.core import hooks
from crm_site.imports.journal import Journal
from crm_site.imports.models import ImportBatch, Verdict
from crm_site.imports.rules import FIXED, PROBLEM, WARNING, header_key

if TYPE_CHECKING:
    from crm_site.imports.roster import Roster

Words = str | Promise
#: spelling → code; the first spelling of a code is its name for people
Spellings = Mapping[str, str]

TEXT, NAME, PHONE, VIN, PLATE, CODE = "text", "name", "phone", "vin", "plate", "code"
DATE, MOMENT, MONEY, INT, YESNO, CHOICE, EMPLOYEE = "date", "moment", "money", "int", "yesno", "choice", "employee"
DECIMAL = "decimal"


@dataclass(frozen=True)
class Field:
    """One fact of a row, and the column titles by which files call it.

    The clean value by kind: TEXT, NAME, VIN, PLATE, CODE (numbers of orders, people, customers), EMPLOYEE → str;
    PHONE → list of plain numbers; DATE → date; MOMENT → datetime (aware); MONEY, DECIMAL → Decimal; INT → int;
    YESNO → bool; CHOICE → the code that `choices` gives. An empty cell is None, a column that the file lacks has no
    entry at all.
    """

    name: str
    label: Words
    aliases: tuple[str, ...]
    kind: str = TEXT
    #: the file must have the column, and a row without the value is refused
    required: bool = False
    #: CHOICE: spelling → code (spellings are compared like headers); a function where the codes are a store's own rows
    choices: Spellings | Callable[[Store], Spellings] = field(default_factory=dict)
    #: CHOICE: the field in which the cell's own words are kept beside the code
    words_in: str = ""
    #: CHOICE: whether a cell may name several; the first that is known counts
    several: bool = False
    max_length: int = 200
    #: TEXT: a longer text is kept whole, with a warning, and so are its lines and blanks
    whole: bool = False
    #: whether a value that cannot be read refuses the row; else it is left empty with a warning
    strict: bool = True
    #: what the example rows of the template show, where neither the name nor the kind of the field tells
    examples: tuple[Any, ...] = ()

    @cached_property
    def keys(self) -> frozenset[str]:
        """The normalised titles of this column."""
        return frozenset(header_key(alias) for alias in (*self.aliases, self.name))

    @property
    def spellings(self) -> Spellings:
        """The choices that are known: none yet where they are a store's own (see `at`)."""
        return {} if callable(self.choices) else self.choices

    @cached_property
    def choice_keys(self) -> dict[str, str]:
        """Normalised spelling → code."""
        return {header_key(word): code for word, code in self.spellings.items()} | {
            header_key(code): code for code in self.spellings.values()
        }

    def at(self, store: Store) -> Field:
        """The field with the choices of a store."""
        return replace(self, choices=self.choices(store)) if callable(self.choices) else self


@dataclass(slots=True)
class Row:
    """One record of the file, cleaned; the layout reads `values`, and says what is wrong by `problem` and `warn`."""

    sheet: str
    number: int
    #: field name → clean value (see Field)
    values: dict[str, Any]
    findings: list[dict[str, Any]] = field(default_factory=list)
    #: EMPLOYEE fields whose name is known: field name → employee's key
    employees: dict[str, int] = field(default_factory=dict)
    raw: list[Any] = field(default_factory=list)
    #: `values` as plain JSON, from a layout that compares with them; whoever sets one of them sets the other too
    facts: dict[str, Any] | None = None
    #: how amounts of several lines of one key are taken: 'sum', 'header', '' where nobody has said it (see `merge`)
    amounts: str = ""
    #: which customer a person says is meant: a key, "new", "one" for the only one in question; '' while nobody has
    same: str = ""
    #: whose values a person wants where both have changed: "file" or "ours"; '' while nobody has said
    decision: str = ""
    #: while a confirmed row that changes something is written: the fields that were shown, of which alone it may
    agreed: frozenset[str] | None = None

    def get(self, name: str) -> Any:
        """A clean value; None when empty or when the file lacks the column."""
        return self.values.get(name)

    def problem(self, code: str, name: str = "", value: object = "", **more: Any) -> None:
        """Refuse the row: `code` is a reason of wording.REASONS, `name` the field, `value` what stands there."""
        self._find(PROBLEM, code, name, value, more)

    def warn(self, code: str, name: str = "", value: object = "", **more: Any) -> None:
        """Say something about the row without refusing it."""
        self._find(WARNING, code, name, value, more)

    def mended(self, code: str, name: str, value: object = "", **more: Any) -> None:
        """Say that a value was read in spite of its spelling, so that nothing is changed silently."""
        self._find(FIXED, code, name, value, more)

    @property
    def is_refused(self) -> bool:
        """Whether a problem stands in it."""
        return bool(self.findings) and any(finding["severity"] == PROBLEM for finding in self.findings)

    def is_refused_for(self, name: str) -> bool:
        """Whether a problem of one field stands in it."""
        return any(finding["field"] == name and finding["severity"] == PROBLEM for finding in self.findings)

    def _find(self, severity: str, code: str, name: str, value: object, more: dict[str, Any]) -> None:
        shown = "" if value is None else str(value)[:100]
        self.findings.append({"severity": severity, "code": code, "field": name, "value": shown, **more})


@dataclass(slots=True)
class Judgement:
    """What a row will do; `compare` gives one for each row, `apply` fills in what the row became.

    `changes` is {field: [before, after]} of a changed row, of plain JSON values. A conflict is not written.
    """

    row: Row
    verdict: str = Verdict.NEW
    changes: dict[str, list[Any]] = field(default_factory=dict)
    #: "customers.delivery" and its key: what the row is compared with, or has become
    target_type: str = ""
    target_id: int | None = None


@dataclass
class Context:
    """What compare and apply know besides the rows."""

    store: Store
    batch: ImportBatch
    #: the business day and the moment of this run
    today: date
    now: datetime
    by: Employee
    roster: Roster
    #: whether the rows are compared to be written next, so that what they mean is to be locked
    is_writing: bool = False
    #: where `apply` notes every row that it makes or changes, for undo
    journal: Journal = field(default_factory=Journal)
    #: scratch space of the layout for one run, e.g. what it has looked up
    memory: dict[str, Any] = field(default_factory=dict)


Compare = Callable[[Context, Sequence[Row]], Sequence[Judgement]]
Apply = Callable[[Context, Sequence[Judgement]], Mapping[str, int]]


@dataclass(frozen=True)
class Layout:
    """One kind of spreadsheet."""

    code: str
    label: Words
    fields: tuple[Field, ...]
    #: the text that makes a row this one and no other (a VIN and a day, an order number); None: cannot be told
    key: Callable[[Row], str | None]
    #: a verdict for each row, in their order, by a handful of queries for all; reads only
    compare: Compare
    #: write the rows (all of them new or changed) by a handful of statements, inside the engine's transaction, and
    #: note in `ctx.journal` what was made and changed; gives counts of what was written beside, e.g. {"customers": 3}
    apply: Apply
    #: who may have its rows written and undone: whoever may change the same by hand
    capability: str = "imports.run"
    #: groups of columns of which the file must have at least one: (("vin", "plate"),)
    one_of: tuple[tuple[str, ...], ...] = ()
    #: after cleaning a row: relations between its cells (an end before a beginning), defaults
    finish: Callable[[Row], None] | None = None
    #: fold the second of two neighbouring rows of one key into the first (lines of one order); None: it is refused.
    #: Obeys `first.amounts`; a finding "order_lines" with doubt=True asks for it
    merge: Callable[[Row, Row], None] | None = None
    #: words for the counts that `apply` gives: {"customers": _("new customers")}
    effects: Mapping[str, Words] = field(default_factory=dict)
    #: the field of the business day that a row belongs to, for "which days does this file cover"
    day_field: str = ""
    #: what comes of the rows once they are written, for people: which calls are scheduled, what is only kept
    follows: Words = ""

    @cached_property
    def needed(self) -> list[str]:
        """The titles of the columns that a file cannot do without; where one of several will do, the first of them."""
        always = [one.aliases[0] for one in self.fields if one.required]
        return always + [" / ".join(self.by_name[name].aliases[0] for name in group[:4]) for group in self.one_of]

    @cached_property
    def by_name(self) -> dict[str, Field]:
        """The fields by their names."""
        return {one.name: one for one in self.fields}

    @cached_property
    def by_kind(self) -> dict[str, list[str]]:
        """The names of the fields by their kinds."""
        found: dict[str, list[str]] = {}
        for one in self.fields:
            found.setdefault(one.kind, []).append(one.name)
        return found

    @cached_property
    def by_header(self) -> dict[str, str]:
        """Normalised title → field name; the first field that claims a title has it."""
        found: dict[str, str] = {}
        for one in self.fields:
            for title in one.keys:
                found.setdefault(title, one.name)
        return found

    def at(self, store: Store) -> Layout:
        """The layout with the choices of a store filled in, once a run or page; itself where it needs none."""
        if not any(callable(one.choices) for one in self.fields):
            return self
        return replace(self, fields=tuple(one.at(store) for one in self.fields))

    def field_of(self, title: object) -> str | None:
        """The field that a column's title means, None for a column of no use to this layout."""
        return self.by_header.get(header_key(title))

    def missing(self, names: Sequence[str]) -> list[str]:
        """The required fields (first of each group) that a file with these fields lacks."""
        there = set(names)
        lacking = [one.name for one in self.fields if one.required and one.name not in there]
        return lacking + [group[0] for group in self.one_of if not there & set(group)]


def layouts() -> dict[str, Layout]:
    """Every layout of the house by its code, in the order of settings.IMPORT_LAYOUTS."""
    return {layout.code: layout for layout in hooks.load("IMPORT_LAYOUTS")}


def get(code: str) -> Layout:
    """One layout; raises KeyError for an unknown code."""
    return layouts()[code]
