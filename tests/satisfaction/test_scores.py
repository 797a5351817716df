"""One response: normalising, weights that spread again, validity, low answers; against a separate computation."""

import random
from decimal import Decimal as D
from fractions import Fraction

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from satisfaction import rules
from satisfaction.rules import GIVEN, NOT_ANSWERED, NOT_APPLICABLE, Given, Item

#: the service tree as (factor, factor weight, item weights)
TREE = [
    ("a", 10, (5, 5)),
    ("b", 35, (5, 5, 6, 6, 4, 6, 3)),
    ("c", 25, (8, 12, 5)),
    ("d", 15, (4, 4, 7)),
    ("e", 15, (6, 9)),
]
ITEMS = [
    Item(f"{factor}{place}", "score", D(weight), factor, D(factor_weight))
    for factor, factor_weight, weights in TREE
    for place, weight in enumerate(weights)
]


def mark(code: str, value) -> Given:
    if value in (NOT_APPLICABLE, NOT_ANSWERED):
        return Given(code, value)
    return Given(code, GIVEN, D(value), reason="话")


@pytest.mark.parametrize(
    ("kind", "value", "worth"),
    [
        ("score", 1, 10), ("score", 6, 60), ("score", 10, 100),
        ("words", 5, 100), ("words", 4, 80), ("words", 3, 60), ("words", 2, 30), ("words", 1, 0),
        ("yes_no", 1, 100), ("yes_no", 0, 0), ("execution", 1, 100), ("execution", 0, 0),
        ("nps", 0, 0), ("nps", 10, 100), ("loyalty", 7, 70), ("overall", 9, 90),
    ],
)  # fmt: skip
def test_each_kind_of_answer_has_its_worth(kind, value, worth):
    assert rules.normalise(kind, D(value)) == worth


def test_text_is_worth_nothing():
    assert rules.normalise("text", D(1)) is None


@pytest.mark.parametrize(
    ("kind", "value", "is_low"),
    [("score", 6, True), ("score", 7, False), ("words", 3, True), ("words", 4, False), ("yes_no", 0, True),
     ("overall", 6, True), ("execution", 0, False), ("nps", 0, False), ("loyalty", 1, False)],
)  # fmt: skip
def test_six_of_ten_and_fair_are_low_but_never_facts_or_intentions(kind, value, is_low):
    assert rules.judge(Item("q", kind), mark("q", value)).is_low is is_low
    assert (value <= rules.SCALES[kind].low_max) is is_low


@pytest.mark.parametrize(
    ("kind", "answer", "problem"),
    [
        ("score", Given("q", GIVEN, D(7)), ""),
        ("score", Given("q", GIVEN, D(0)), "scale"),
        ("score", Given("q", GIVEN, D(11)), "scale"),
        ("score", Given("q", GIVEN, D("7.5")), "scale"),
        ("score", Given("q", GIVEN), "scale"),
        ("nps", Given("q", GIVEN, D(0)), ""),
        ("score", Given("q", GIVEN, D(6)), "reason"),
        ("score", Given("q", GIVEN, D(6), reason="   "), "reason"),
        ("score", Given("q", GIVEN, D(6), reason="等太久"), ""),
        ("score", Given("q", NOT_APPLICABLE), ""),
        ("score", Given("q", NOT_APPLICABLE, D(3)), "value"),
        ("text", Given("q", GIVEN, text="很好"), ""),
        ("text", Given("q", GIVEN, D(3)), "value"),
        ("score", Given("q", "maybe"), "state"),
    ],
)
def test_an_answer_off_its_scale_or_low_without_words_is_named(kind, answer, problem):
    assert rules.problem_of(Item("q", kind), answer) == problem


def test_nothing_answered_has_no_score():
    found = rules.evaluate(ITEMS, [])
    assert (found.score, found.is_valid, found.factors) == (None, False, {})


def test_everything_inapplicable_has_no_score_either():
    found = rules.evaluate(ITEMS, [mark(item.code, NOT_APPLICABLE) for item in ITEMS])
    assert (found.score, found.is_valid, found.applicable_weight) == (None, False, 0)


def test_inapplicable_items_spread_their_weight_within_the_factor_and_then_over_factors():
    answers = [mark("a0", 10), mark("a1", NOT_APPLICABLE), mark("c1", 5)]
    found = rules.evaluate(ITEMS, answers)
    assert found.factors == {"a": rules.FactorScore(D(100), D(10)), "c": rules.FactorScore(D(50), D(25))}
    assert found.score == D(100 * 10 + 50 * 25) / 35


def test_the_sum_of_weighted_factor_means_differs_from_the_mean_of_the_indexes():
    """Why the page says so: a factor that few answered weighs less in the period than in the tree."""
    items = [Item("x", "score", D(50), "x", D(50)), Item("y", "score", D(50), "y", D(50))]
    first = rules.evaluate(items, [mark("x", 10), mark("y", 4)])
    second = rules.evaluate(items, [mark("x", 6), mark("y", NOT_APPLICABLE)])
    period = rules.mean_of_values([first.score, second.score]).value
    means = [D(80), D(40)]
    assert period == D(65)
    assert sum(mean * D("0.5") for mean in means) == D(60)


@pytest.mark.parametrize(
    ("answered", "applicable", "valid"),
    [(60, 100, True), ("59.99", 100, False), (24, 40, True), (39, 39, False), (40, 40, True), (0, 0, False)],
)
def test_valid_needs_60_percent_of_at_least_40(answered, applicable, valid):
    assert rules.is_valid(D(answered), D(applicable)) is valid


def test_a_response_without_its_required_answer_is_not_valid():
    items = [*ITEMS, Item("overall", "overall", is_required=True)]
    answers = [mark(item.code, 9) for item in ITEMS]
    assert not rules.evaluate(items, answers).is_valid
    assert not rules.evaluate(items, [*answers, mark("overall", NOT_ANSWERED)]).is_valid
    assert rules.evaluate(items, [*answers, mark("overall", 9)]).is_valid


def test_an_unscored_questionnaire_is_never_valid():
    assert not rules.evaluate(ITEMS, [mark(item.code, 9) for item in ITEMS], is_scored=False).is_valid


def test_extras_carry_no_weight():
    items = [*ITEMS, Item("recommend", "nps")]
    answers = [mark(item.code, 9) for item in ITEMS]
    with_extra = rules.evaluate(items, [*answers, mark("recommend", 0)])
    assert with_extra.score == 90
    assert with_extra.answered_weight == 100


def separate_index(values: dict[str, object]) -> Fraction | None:
    """The same arithmetic another way: fractions, the weights spread explicitly."""
    top, bottom = Fraction(0), Fraction(0)
    for factor, factor_weight, weights in TREE:
        answered = {place: values.get(f"{factor}{place}") for place in range(len(weights))}
        answered = {place: value for place, value in answered.items() if isinstance(value, int)}
        if not answered:
            continue
        whole = sum(weights[place] for place in answered)
        top += factor_weight * sum(Fraction(weights[place], whole) * value * 10 for place, value in answered.items())
        bottom += factor_weight
    return top / bottom if bottom else None


def test_12000_surveys_with_inapplicable_answers_equal_a_separate_computation():
    dice = random.Random(2026)
    choices = [*range(1, 11), NOT_APPLICABLE, NOT_APPLICABLE, NOT_ANSWERED]
    for _survey in range(12_000):
        values = {item.code: dice.choice(choices) for item in ITEMS}
        found = rules.evaluate(ITEMS, [mark(code, value) for code, value in values.items()])
        expected = separate_index(values)
        if expected is None:
            assert found.score is None
        else:
            assert abs(Fraction(found.score) - expected) < Fraction(1, 10_000)


ANSWERS = st.dictionaries(
    st.sampled_from([item.code for item in ITEMS]), st.sampled_from([*range(1, 11), NOT_APPLICABLE, NOT_ANSWERED])
)


@forall(ANSWERS)
def test_an_index_lies_between_its_lowest_and_highest_answer(values):
    found = rules.evaluate(ITEMS, [mark(code, value) for code, value in values.items()])
    numbers = [value * 10 for value in values.values() if isinstance(value, int)]
    if numbers:
        assert min(numbers) - D("1e-9") <= found.score <= max(numbers) + D("1e-9")
        assert found.answered_weight <= found.applicable_weight <= 100
    else:
        assert found.score is None


@forall(ANSWERS, st.sampled_from([item.code for item in ITEMS]))
def test_saying_not_asked_aloud_changes_nothing(values, code):
    silent = {name: value for name, value in values.items() if name != code}
    spoken = {**silent, code: NOT_ANSWERED}
    one, other = (
        rules.evaluate(ITEMS, [mark(name, value) for name, value in answers.items()]) for answers in (silent, spoken)
    )
    assert (one.score, one.is_valid, one.applicable_weight) == (other.score, other.is_valid, other.applicable_weight)


def test_a_tree_of_exactly_100_may_be_published():
    assert rules.weight_problems(ITEMS, {name: D(weight) for name, weight, _items in TREE}) == []


def test_decimals_that_sum_to_100_are_no_problem_and_a_hundredth_is():
    items = [Item("x", "score", D("33.33"), "x", D("33.33")), Item("y", "score", D("66.67"), "y", D("66.67"))]
    assert rules.weight_problems(items, {"x": D("33.33"), "y": D("66.67")}) == []
    short = rules.weight_problems(items, {"x": D("33.33"), "y": D("66.66")})
    assert [(one.factor, one.found, one.wanted) for one in short] == [
        ("", D("99.99"), D(100)), ("y", D("66.67"), D("66.66"))
    ]  # fmt: skip
