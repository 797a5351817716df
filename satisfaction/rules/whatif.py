"""What if: stored responses scored anew under another tree, and what that would move; nothing is written anywhere.

A raw answer is read by its question's code, where the other tree asks it in the same kind on the same scale. Weights,
factors, words' worth, required questions and whom an item judges are those of the other tree.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import ROUND_HALF_UP, Decimal

from satisfaction.rules.periods import Mean, band, mean_of
from satisfaction.rules.scores import GIVEN, Evaluation, Given, Item, Judged, evaluate, score_of

#: as scores are stored
PLACES = Decimal("0.0001")
ZERO = Decimal(0)


@dataclass(frozen=True)
class Tree:
    """A version as far as scoring goes: its items, whom each judges, and whether it is scored at all."""

    items: tuple[Item, ...]
    judges: Mapping[str, str]
    is_scored: bool = True


@dataclass(frozen=True)
class Answered:
    """One stored answer with the item as it was asked, and the employees whose work it judges."""

    item: Item
    given: Given
    judges: str
    people: tuple[int, ...] = ()


@dataclass(frozen=True)
class Stored:
    """One response as it stands in the tables: its scores, and the answers that they came from."""

    is_valid: bool
    score: Decimal | None
    factors: Mapping[str, Decimal]
    people: Mapping[int, Decimal]
    answers: Sequence[Answered]


@dataclass(frozen=True)
class Anew:
    """The same response under the other tree; scores rounded as they are stored."""

    is_valid: bool
    score: Decimal | None
    factors: Mapping[str, Decimal]
    people: Mapping[int, Decimal]
    #: codes that were answered and that the other tree reads, and those that it does not
    read: tuple[str, ...]
    unread: tuple[str, ...]


def anew(stored: Stored, tree: Tree) -> Anew:
    """Score one stored response under another tree."""
    items = {item.code: item for item in tree.items}
    read = [one for one in stored.answers if _is_readable(one, items)]
    found = evaluate(tree.items, [one.given for one in read], is_scored=tree.is_scored)
    return Anew(
        is_valid=found.is_valid,
        score=_kept(found.score),
        factors={code: one.score.quantize(PLACES, ROUND_HALF_UP) for code, one in found.factors.items()},
        people=_people(found, stored, tree),
        read=tuple(one.item.code for one in read if one.given.state == GIVEN),
        unread=tuple(
            one.item.code for one in stored.answers if one.given.state == GIVEN and not _is_readable(one, items)
        ),
    )


def _is_readable(one: Answered, items: Mapping[str, Item]) -> bool:
    """Whether the other tree asks the same question in a way in which this answer can be read."""
    item = items.get(one.item.code)
    if item is None or item.kind != one.item.kind:
        return False
    here, there = one.item.scale, item.scale
    return (here is None and there is None) or bool(
        here and there and (here.start, here.end) == (there.start, there.end)
    )


def _people(found: Evaluation, stored: Stored, tree: Tree) -> dict[int, Decimal]:
    """The score of everybody whose work the items judge by the other tree."""
    served: dict[str, dict[int, None]] = defaultdict(dict)
    asked = {one.item.code: one for one in stored.answers}
    for one in stored.answers:
        served[one.judges].update(dict.fromkeys(one.people))
    by_person: dict[int, list[Judged]] = defaultdict(list)
    for judged in found.answers:
        before, judges = asked[judged.item.code], tree.judges.get(judged.item.code, "")
        people = before.people if judges == before.judges else tuple(served.get(judges, ()))
        for person in people:
            by_person[person].append(judged)
    scores = {person: _kept(score_of(his)) for person, his in by_person.items()}
    return {person: score for person, score in scores.items() if score is not None}


def _kept(score: Decimal | None) -> Decimal | None:
    return None if score is None else score.quantize(PLACES, ROUND_HALF_UP)


# ---- many responses --------------------------------------------------------------------------------------------------


@dataclass
class Sum:
    """n, sum and sum of squares of some scores."""

    n: int = 0
    total: Decimal = ZERO
    squares: Decimal = ZERO

    def add(self, value: Decimal) -> None:
        """One score more."""
        self.n, self.total, self.squares = self.n + 1, self.total + value, self.squares + value * value

    @property
    def mean(self) -> Mean:
        """Their mean with its interval."""
        return mean_of(self.n, self.total, self.squares)


@dataclass
class Pair:
    """The same thing as it is stored and as it would be."""

    stored: Sum = field(default_factory=Sum)
    anew: Sum = field(default_factory=Sum)


@dataclass
class Comparison:
    """A period under another tree, added up one response at a time; what it holds does not grow with the responses."""

    tree: Tree
    index: Pair = field(default_factory=Pair)
    factors: dict[str, Pair] = field(default_factory=lambda: defaultdict(Pair))
    people: dict[int, Pair] = field(default_factory=lambda: defaultdict(Pair))
    responses: int = 0
    #: valid in both, only with the other tree, only as stored
    both: int = 0
    gained: int = 0
    lost: int = 0
    #: code -> in how many responses its answer could be read, and in how many it could not
    read: Counter[str] = field(default_factory=Counter)
    unread: Counter[str] = field(default_factory=Counter)

    def take(self, stored: Stored) -> None:
        """Count one more response."""
        found = anew(stored, self.tree)
        self.responses += 1
        self.both += stored.is_valid and found.is_valid
        self.gained += found.is_valid and not stored.is_valid
        self.lost += stored.is_valid and not found.is_valid
        self.read.update(found.read)
        self.unread.update(found.unread)
        if stored.is_valid:
            _count(self, "stored", stored.score, stored.factors, stored.people)
        if found.is_valid:
            _count(self, "anew", found.score, found.factors, found.people)


def _count(
    into: Comparison,
    side: str,
    score: Decimal | None,
    factors: Mapping[str, Decimal],
    people: Mapping[int, Decimal],
) -> None:
    if score is not None:
        getattr(into.index, side).add(score)
    for code, value in factors.items():
        getattr(into.factors[code], side).add(value)
    for person, value in people.items():
        getattr(into.people[person], side).add(value)


@dataclass(frozen=True)
class Move:
    """By how much one figure moves; None where one of the two is not shown (n too small)."""

    key: Hashable
    stored: Mean
    anew: Mean

    @property
    def by(self) -> Decimal | None:
        """Points of 100 up or down."""
        if self.stored.shown is None or self.anew.shown is None:
            return None
        return self.anew.shown - self.stored.shown

    @property
    def crosses(self) -> bool:
        """Whether it would fall into another band."""
        return self.by is not None and band(self.stored.shown) != band(self.anew.shown)


def moves(pairs: Mapping[Hashable, Pair]) -> list[Move]:
    """Each figure with its move, the largest first, those without one last."""
    found = [Move(key, pair.stored.mean, pair.anew.mean) for key, pair in pairs.items()]
    return sorted(found, key=lambda one: (one.by is None, -abs(one.by or ZERO), str(one.key)))
