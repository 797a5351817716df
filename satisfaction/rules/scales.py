"""How a question is answered: the raw answers of its scale, what each is worth on 0–100, and what the words are called.

A version of a tree chooses the scale of its scored items (ten points or five) and the table of words; every other kind
of question keeps its own scale (domain 5.1).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

#: an answer worth this or less is low (6 of 10, 3 of 5, 一般 and worse)
LOW = Decimal(60)
HUNDRED = Decimal(100)
TEN, FIVE = "ten", "five"
#: how many words a table may hold
FEWEST_WORDS, MOST_WORDS = 2, 7
LONGEST_WORD = 20


@dataclass(frozen=True)
class Scale:
    """The raw answers of one kind of question, and what each is worth on 0–100 (None: it is worth nothing)."""

    start: int
    end: int
    points: Mapping[int, Decimal] | None
    can_be_low: bool = False

    @property
    def low_max(self) -> int:
        """The highest raw answer that counts as low; start − 1 where none does."""
        if not self.can_be_low or self.points is None:
            return self.start - 1
        return max((raw for raw, worth in self.points.items() if worth <= LOW), default=self.start - 1)

    @property
    def raws(self) -> range:
        """Every raw answer, from the lowest."""
        return range(self.start, self.end + 1)


@dataclass(frozen=True)
class Word:
    """One word that a customer may choose: the raw answer it stands for, its worth on 0–100, its names."""

    value: int
    points: Decimal
    label_zh: str
    label_en: str


#: the table of the trade, best first
TRADE_WORDS = (
    Word(5, Decimal(100), "非常满意", "Very satisfied"),
    Word(4, Decimal(80), "满意", "Satisfied"),
    Word(3, Decimal(60), "一般", "Fair"),
    Word(2, Decimal(30), "不满意", "Dissatisfied"),
    Word(1, Decimal(0), "非常不满意", "Very dissatisfied"),
)
_TENS = {raw: Decimal(raw * 10) for raw in range(11)}
_ONE_TO_TEN = {raw: worth for raw, worth in _TENS.items() if raw}
_ONE_TO_FIVE = {raw: Decimal(raw * 20) for raw in range(1, 6)}
_YES_NO = {1: HUNDRED, 0: Decimal(0)}

#: how scored items are answered, by the scale of their tree
TREE_SCALES = {
    TEN: Scale(1, 10, _ONE_TO_TEN, can_be_low=True),
    FIVE: Scale(1, 5, _ONE_TO_FIVE, can_be_low=True),
}


def words_scale(words: Sequence[Word] = ()) -> Scale:
    """The scale of a question answered in words; an empty table is that of the trade."""
    points = {word.value: word.points for word in words or TRADE_WORDS}
    return Scale(min(points), max(points), points, can_be_low=True)


#: kind of question -> how it is answered in a tree of ten points and the trade's words; "text" has no number
SCALES: dict[str, Scale] = {
    "score": TREE_SCALES[TEN],
    "overall": Scale(1, 10, _ONE_TO_TEN, can_be_low=True),
    "words": words_scale(),
    "yes_no": Scale(0, 1, _YES_NO, can_be_low=True),
    "execution": Scale(0, 1, _YES_NO),
    "nps": Scale(0, 10, _TENS),
    "loyalty": Scale(1, 10, _ONE_TO_TEN),
}


def scale_of(kind: str, tree_scale: str = TEN, words: Sequence[Word] = ()) -> Scale | None:
    """How a kind of question is answered in a tree of this scale and these words; None for free text."""
    if kind == "score":
        return TREE_SCALES[tree_scale]
    return words_scale(words) if kind == "words" and words else SCALES.get(kind)


def words_problem(words: Iterable[Word]) -> str:
    """Why a table of words cannot be used: count, label, points, order; '' when it can.

    Best first, raw answers n…1, worth falling from word to word, both names given.
    """
    rows = list(words)
    if not FEWEST_WORDS <= len(rows) <= MOST_WORDS:
        return "count"
    if any(not name.strip() or len(name) > LONGEST_WORD for row in rows for name in (row.label_zh, row.label_en)):
        return "label"
    if any(not 0 <= row.points <= HUNDRED for row in rows):
        return "points"
    falling = all(better.points > worse.points for better, worse in zip(rows, rows[1:], strict=False))
    return "" if falling and [row.value for row in rows] == list(range(len(rows), 0, -1)) else "order"
