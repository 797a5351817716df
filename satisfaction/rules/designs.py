"""A tree as a plain value: what a designer edits, copies, shortens, compares and sends as a workbook.

A published version is frozen in the tables; its `Design` is only a reading of it. Weights are exact decimals.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal

from satisfaction.rules.scales import TEN, Word, words_problem
from satisfaction.rules.scores import ZERO, Item, WeightProblem, weight_problems

CENT = Decimal("0.01")
#: kinds of question that can be weighed inside a factor; the others are asked without weight
WEIGHED = ("score", "words", "yes_no")
#: kinds of which a tree has at most one: the figures read the one answer
ONCE = ("overall", "nps")
#: what a short form keeps of the questions without weight (domain 5.3)
KEPT_IN_SHORT = ("overall", "loyalty")
MOST_FACTORS, MOST_ITEMS = 20, 80
LONGEST_LABEL, LONGEST_NOTE = 120, 300
_CODE = re.compile(r"[a-z][a-z0-9_]*")
LONGEST_CODE = {"factors": 30, "items": 40}


@dataclass(frozen=True)
class FactorDesign:
    """A factor: its code is what figures of several versions are joined by."""

    code: str
    weight: Decimal
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class ItemDesign:
    """A question; `factor` is the code of its factor, '' for one without weight."""

    code: str
    kind: str
    weight: Decimal
    factor: str
    attribution: str
    is_required: bool
    label_zh: str
    label_en: str


@dataclass(frozen=True)
class Design:
    """A whole tree in its order; no words = the table of the trade."""

    factors: tuple[FactorDesign, ...] = ()
    items: tuple[ItemDesign, ...] = ()
    scale: str = TEN
    words: tuple[Word, ...] = ()

    def within(self, factor: str) -> list[ItemDesign]:
        """The items of a factor; of '' the questions without weight."""
        return [item for item in self.items if item.factor == factor]

    @property
    def total(self) -> Decimal:
        """What the factors weigh together."""
        return sum((factor.weight for factor in self.factors), ZERO)


@dataclass(frozen=True)
class Problem:
    """Why a design cannot be kept or published: a code, and the row (`factors` or `items`, its index) it is about."""

    code: str
    rows: str = ""
    index: int = -1
    found: Decimal = ZERO
    wanted: Decimal = ZERO


# ---- what is wrong ---------------------------------------------------------------------------------------------------


def problems(design: Design) -> list[Problem]:
    """What keeps a draft from being kept: codes, names, weights out of range, kinds that cannot be weighed, words.

    Weights that do not sum up are no such problem: a draft may wait with them, see `publish_problems`.
    """
    found = [Problem("words_" + wrong) for wrong in [words_problem(design.words)] if design.words and wrong]
    found += [Problem("too_many_factors")] * (len(design.factors) > MOST_FACTORS)
    found += [Problem("too_many_items")] * (len(design.items) > MOST_ITEMS)
    return [*found, *_row_problems("factors", design.factors), *_row_problems("items", design.items),
            *_weight_ranges(design), *_item_problems(design)]  # fmt: skip


def _row_problems(name: str, rows: Sequence[FactorDesign | ItemDesign]) -> Iterator[Problem]:
    often = Counter(row.code for row in rows)
    for index, row in enumerate(rows):
        if not _CODE.fullmatch(row.code) or len(row.code) > LONGEST_CODE[name]:
            yield Problem("code", name, index)
        elif often[row.code] > 1:
            yield Problem("code_twice", name, index)
        if any(not label.strip() or len(label) > LONGEST_LABEL for label in (row.label_zh, row.label_en)):
            yield Problem("label", name, index)


def _weight_ranges(design: Design) -> Iterator[Problem]:
    for index, factor in enumerate(design.factors):
        if not 0 < factor.weight <= 100 or not _is_in_cents(factor.weight):
            yield Problem("weight", "factors", index)
    for index, item in enumerate(design.items):
        if not 0 <= item.weight <= 100 or not _is_in_cents(item.weight):
            yield Problem("weight", "items", index)


def _is_in_cents(weight: Decimal) -> bool:
    return weight == weight.quantize(CENT)


def _item_problems(design: Design) -> Iterator[Problem]:
    factors = {factor.code for factor in design.factors}
    often = Counter(item.kind for item in design.items)
    for index, item in enumerate(design.items):
        if item.factor and item.factor not in factors:
            yield Problem("factor", "items", index)
        if item.factor and item.kind not in WEIGHED:
            yield Problem("kind", "items", index)
        if not item.factor and item.weight:
            yield Problem("extra_weight", "items", index)
        if item.kind in ONCE and often[item.kind] > 1:
            yield Problem("kind_twice", "items", index)


def publish_problems(design: Design, *, is_scored: bool) -> list[Problem]:
    """What keeps a kept draft from being asked: no question, weights that do not sum up, an item of weight 0.

    The factors of a scored tree sum to exactly 100, the items of each factor to exactly the factor.
    """
    if not design.items:
        return [Problem("empty")]
    if not is_scored:
        return []
    places = {factor.code: index for index, factor in enumerate(design.factors)}
    idle = [
        Problem("no_weight", "items", index) for index, one in enumerate(design.items) if one.factor and not one.weight
    ]
    return [_as_problem(wrong, places) for wrong in sums(design)] + idle


def sums(design: Design) -> list[WeightProblem]:
    """Where the weights of a design do not sum up; [] when all do."""
    weighed = (Item(one.code, one.kind, one.weight, one.factor) for one in design.items if one.factor)
    return weight_problems(weighed, {factor.code: factor.weight for factor in design.factors})


def _as_problem(wrong: WeightProblem, places: Mapping[str, int]) -> Problem:
    if not wrong.factor:
        return Problem("sum", found=wrong.found, wanted=wrong.wanted)
    return Problem("factor_sum", "factors", places[wrong.factor], wrong.found, wrong.wanted)


# ---- other trees from a tree -----------------------------------------------------------------------------------------


def spread(total: Decimal, count: int) -> list[Decimal]:
    """A weight in `count` parts that sum to it exactly; what does not divide goes to the first, a hundredth each."""
    if count < 1:
        return []
    cents = int(total / CENT)
    each, rest = divmod(cents, count)
    return [(each + (index < rest)) * CENT for index in range(count)]


def short_form(design: Design) -> Design:
    """One item a factor, the heaviest (the first of equals), carrying the factor's weight; overall and loyalty stay."""
    items = []
    for factor in design.factors:
        own = design.within(factor.code)
        if own:
            heaviest = max(own, key=lambda item: item.weight)
            items.append(replace(heaviest, weight=factor.weight))
    kept = [item for item in design.within("") if item.kind in KEPT_IN_SHORT]
    used = {item.factor for item in items}
    factors = tuple(factor for factor in design.factors if factor.code in used)
    return replace(design, factors=factors, items=(*items, *kept))


def code_from(name: str, taken: set[str], rows: str = "items") -> str:
    """A code made from an English name, unlike those that are taken: “Charges clear!” → charges_clear."""
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    base = plain if plain[:1].isalpha() else f"q_{plain}".rstrip("_")
    base = base[: LONGEST_CODE[rows] - 4].rstrip("_")
    found, number = base, 2
    while found in taken:
        found, number = f"{base}_{number}", number + 1
    return found


# ---- two trees beside each other -------------------------------------------------------------------------------------

#: what of a row may differ, in the order in which it is told
ASPECTS = ("label", "weight", "factor", "kind", "attribution", "is_required")


@dataclass(frozen=True)
class Pair:
    """A factor or item of two trees, by its code: fate is kept, changed, new or gone, `changed` says in what."""

    old: FactorDesign | ItemDesign | None
    new: FactorDesign | ItemDesign | None
    changed: tuple[str, ...] = ()

    @property
    def fate(self) -> str:
        """What became of it."""
        if self.old is None or self.new is None:
            return "new" if self.old is None else "gone"
        return "changed" if self.changed else "kept"

    @property
    def shown(self) -> FactorDesign | ItemDesign:
        """The newer of the two that there is."""
        found = self.new or self.old
        assert found is not None
        return found


@dataclass(frozen=True)
class Group:
    """A factor of either tree with the items that stand in it now, or stood in it before; factor None: no weight."""

    factor: Pair | None
    items: list[Pair] = field(default_factory=list)

    @property
    def differs(self) -> bool:
        """Whether anything in it does."""
        return any(pair.fate != "kept" for pair in (*self.items, *([self.factor] if self.factor else [])))


@dataclass(frozen=True)
class Comparison:
    """Two trees: groups in the order of the newer, what is gone after what stays."""

    groups: list[Group]
    scale: tuple[str, str] | None
    words_changed: bool

    @property
    def count(self) -> int:
        """How many rows differ, scale and words included."""
        pairs = [pair for group in self.groups for pair in (*([group.factor] if group.factor else []), *group.items)]
        return sum(pair.fate != "kept" for pair in pairs) + bool(self.scale) + self.words_changed


def compare(old: Design, new: Design) -> Comparison:
    """What is new, gone and changed from one tree to another, by code."""
    factors = _pairs(old.factors, new.factors)
    items = _pairs(old.items, new.items)
    groups = [Group(pair, _in_factor(items, pair.shown.code)) for pair in factors]
    extras = _in_factor(items, "")
    if extras:
        groups.append(Group(None, extras))
    scale = None if old.scale == new.scale else (old.scale, new.scale)
    return Comparison(groups, scale, old.words != new.words)


def _in_factor(items: Sequence[Pair], code: str) -> list[Pair]:
    """The pairs that stand in a factor: by where they are now, what is gone by where it was."""
    return [pair for pair in items if isinstance(pair.shown, ItemDesign) and pair.shown.factor == code]


def _pairs(old: Sequence[FactorDesign | ItemDesign], new: Sequence[FactorDesign | ItemDesign]) -> list[Pair]:
    before = {row.code: row for row in old}
    now = {row.code for row in new}
    there = [Pair(before.get(row.code), row, _changed(before.get(row.code), row)) for row in new]
    return there + [Pair(row, None) for row in old if row.code not in now]


def _changed(old: FactorDesign | ItemDesign | None, new: FactorDesign | ItemDesign) -> tuple[str, ...]:
    """The aspects in which a row differs; wording in either language is its label."""
    if old is None:
        return ()
    names = {"label": ("label_zh", "label_en")}
    return tuple(
        aspect
        for aspect in ASPECTS
        if any(getattr(old, name, None) != getattr(new, name, None) for name in names.get(aspect, (aspect,)))
    )
