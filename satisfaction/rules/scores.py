"""From one answer to a response's index: worth, weights, validity, and what a tree needs to be published.

Everything is Decimal and nothing is rounded here; rounding half up happens where a figure is shown.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

from satisfaction.rules.scales import HUNDRED, LOW, SCALES, Scale

ZERO = Decimal(0)
#: a response is valid when this share of its applicable weight is answered …
ANSWERED_SHARE = Decimal("0.6")
#: … and at least this much weight applies at all
APPLICABLE_AT_LEAST = Decimal(40)
GIVEN, NOT_APPLICABLE, NOT_ANSWERED = "given", "na", "none"


@dataclass(frozen=True)
class Given:
    """What was said to one question: its code, given | na | none, the raw number, free text, and why it is low."""

    question_code: str
    state: str
    value: Decimal | int | None = None
    text: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Item:
    """What the arithmetic must know of a question; `factor` is None for an unweighted extra.

    `scale` is how its tree has it answered; None stands for what its kind has in a tree of ten points.
    """

    code: str
    kind: str
    weight: Decimal = Decimal(0)
    factor: str | None = None
    factor_weight: Decimal = Decimal(0)
    is_required: bool = False
    scale: Scale | None = None

    @property
    def answered_on(self) -> Scale | None:
        """Its scale; None for free text."""
        return self.scale or SCALES.get(self.kind)


@dataclass(frozen=True)
class Judged:
    """One answer after normalising: 0–100 or None, and whether it is low."""

    item: Item
    given: Given
    normalised: Decimal | None
    is_low: bool


@dataclass(frozen=True)
class FactorScore:
    """The score of one factor in one response, and the factor's weight."""

    score: Decimal
    weight: Decimal


@dataclass(frozen=True)
class Evaluation:
    """A whole response: its index (None where nothing weighted was answered), what it rests on, what is low."""

    score: Decimal | None
    answered_weight: Decimal
    applicable_weight: Decimal
    is_valid: bool
    low_count: int
    factors: Mapping[str, FactorScore]
    answers: Sequence[Judged]


# ---- one answer -----------------------------------------------------------------------------------------------------


def normalise(kind: str, value: Decimal | int, scale: Scale | None = None) -> Decimal | None:
    """A raw answer on 0–100: ten-point ×10, five-point ×20, words by table, yes/no 100/0; None for free text.

    Without a scale it is that of the kind in a tree of ten points. Raises KeyError for a value outside the scale; ask
    `problem_of` first.
    """
    scale = scale or SCALES.get(kind)
    if scale is None or scale.points is None:
        return None
    return scale.points[int(value)]


def problem_of(item: Item, given: Given) -> str:
    """Why an answer cannot be taken: state, value, scale or reason; '' when it can."""
    if given.state not in (GIVEN, NOT_APPLICABLE, NOT_ANSWERED):
        return "state"
    if given.state != GIVEN:
        return "" if given.value is None else "value"
    scale = item.answered_on
    if scale is None:
        return "" if given.value is None else "value"
    if given.value is None or given.value != int(given.value) or not scale.start <= given.value <= scale.end:
        return "scale"
    if given.value <= scale.low_max and not given.reason.strip():
        return "reason"
    return ""


def judge(item: Item, given: Given) -> Judged:
    """The answer with its normalised value."""
    scale = item.answered_on
    if given.state != GIVEN or given.value is None or scale is None:
        return Judged(item, given, None, False)
    normalised = normalise(item.kind, given.value, scale)
    return Judged(item, given, normalised, scale.can_be_low and normalised is not None and normalised <= LOW)


# ---- one response ---------------------------------------------------------------------------------------------------


def weighted_mean(pairs: Iterable[tuple[Decimal, Decimal]]) -> Decimal | None:
    """Σ(value × weight) / Σ weight over (value, weight) pairs; None without any weight."""
    pairs = list(pairs)
    weight = sum((weight for _value, weight in pairs), Decimal(0))
    if not weight:
        return None
    return sum((value * weight for value, weight in pairs), Decimal(0)) / weight


def evaluate(items: Iterable[Item], givens: Iterable[Given], *, is_scored: bool = True) -> Evaluation:
    """Score one response; a question without a Given was not answered.

    Factor score = Σ(item × weight) / Σ(weights of answered items); index = Σ(factor × weight) / Σ(weights of factors
    with an answer). Valid: see `is_valid`. An unscored questionnaire (`is_scored` False) is never valid.
    """
    items = list(items)
    by_code = {given.question_code: given for given in givens}
    answers = [judge(item, by_code[item.code]) for item in items if item.code in by_code]
    factors = factor_scores(answers)
    not_applicable = _weight_of(one for one in answers if one.given.state == NOT_APPLICABLE)
    answered = _weight_of(one for one in answers if one.normalised is not None)
    applicable = sum((item.weight for item in items), Decimal(0)) - not_applicable
    score = weighted_mean((factor.score, factor.weight) for factor in factors.values())
    given_codes = {one.item.code for one in answers if one.given.state == GIVEN}
    missing = any(item.is_required and item.code not in given_codes for item in items)
    return Evaluation(
        score=score,
        answered_weight=answered,
        applicable_weight=applicable,
        is_valid=is_scored and score is not None and not missing and is_valid(answered, applicable),
        low_count=sum(one.is_low for one in answers),
        factors=factors,
        answers=answers,
    )


def factor_scores(answers: Iterable[Judged]) -> dict[str, FactorScore]:
    """The score of every factor that has a weighted answer, by the factor's code."""
    grouped: dict[str, list[Judged]] = {}
    for one in answers:
        if one.item.factor is not None and one.normalised is not None:
            grouped.setdefault(one.item.factor, []).append(one)
    scores = {}
    for code, group in grouped.items():
        score = score_of(group)
        if score is not None:
            scores[code] = FactorScore(score, group[0].item.factor_weight)
    return scores


def score_of(answers: Iterable[Judged]) -> Decimal | None:
    """Σ(item × weight) / Σ(weights of answered items): of a factor's items, or of an employee's within one response."""
    return weighted_mean((one.normalised, one.item.weight) for one in answers if one.normalised is not None)


def is_valid(answered: Decimal, applicable: Decimal) -> bool:
    """Whether enough was answered: at least 60 % of the applicable weight, and that at least 40 of 100."""
    return applicable >= APPLICABLE_AT_LEAST and answered >= ANSWERED_SHARE * applicable


def _weight_of(answers: Iterable[Judged]) -> Decimal:
    return sum((one.item.weight for one in answers), Decimal(0))


# ---- a tree ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class WeightProblem:
    """Why a tree cannot be published: `factor` is '' for the whole tree; weights found and wanted."""

    factor: str
    found: Decimal
    wanted: Decimal


def weight_problems(items: Iterable[Item], factors: Mapping[str, Decimal]) -> list[WeightProblem]:
    """What keeps a tree from being published: factors must sum to exactly 100, items to exactly their factor."""
    total = sum(factors.values(), Decimal(0))
    problems = [] if total == HUNDRED else [WeightProblem("", total, HUNDRED)]
    sums = dict.fromkeys(factors, Decimal(0))
    for item in items:
        if item.factor is not None:
            sums[item.factor] += item.weight
    return problems + [
        WeightProblem(code, sums[code], factors[code]) for code in factors if sums[code] != factors[code]
    ]
