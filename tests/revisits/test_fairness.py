"""The checks of fairness against known figures, and their false alarms against the rate that is stated."""

import itertools
import random

import pytest

from revisits.rules import fairness, inspection
from revisits.rules.fairness import ALARM_RATE
from revisits.rules.inspection import Mark


@pytest.mark.parametrize(("calls", "wanted"), [(0, 0), (2, 2), (3, 3), (40, 3), (60, 3), (61, 4), (100, 5), (101, 6)])
def test_a_twentieth_of_the_calls_is_inspected_and_three_at_least(calls, wanted):
    assert inspection.how_many(calls, percent=5, at_least=3) == wanted


def test_the_lot_falls_the_same_way_every_time_and_otherwise_in_another_week():
    calls = range(1, 101)
    first = inspection.draw(calls, 5, salt="1:2026-09-14")
    assert first == inspection.draw(reversed(calls), 5, salt="1:2026-09-14")
    assert first != inspection.draw(calls, 5, salt="1:2026-09-21")
    assert len(set(first)) == 5


def test_every_call_is_drawn_about_equally_often():
    drawn = [call for week in range(2_000) for call in inspection.draw(range(20), 2, salt=f"1:{week}")]
    assert all(150 < drawn.count(call) < 250 for call in range(20))


@pytest.mark.parametrize(
    ("marks", "verdict", "worth"),
    [
        ({"opening": Mark(15, 15), "consent": Mark(5, 10)}, "genuine", "80.00"),
        ({"complete": Mark(25, 25), "truthful": Mark(0, 25)}, "faulty", "50.00"),
        ({"complete": Mark(1, 3)}, "genuine", "33.33"),
        ({"complete": Mark(2, 3)}, "genuine", "66.67"),
        ({"complete": Mark(25, 25)}, "false", "0.00"),
    ],
)
def test_an_inspection_is_worth_its_points_and_nothing_for_a_false_record(marks, verdict, worth):
    assert str(inspection.score(marks, verdict)) == worth


def test_who_was_not_reached_gets_no_score():
    assert inspection.score({}, "not_reached") is None


@pytest.mark.parametrize("marks", [{}, {"opening": Mark(16, 15)}, {"opening": Mark(-1, 15)}])
def test_marks_that_cannot_be_are_refused(marks):
    with pytest.raises(ValueError, match="line"):
        inspection.score(marks, "genuine")


def test_a_check_call_judges_truth_and_completeness_only():
    codes = ["opening", "consent", "complete", "truthful", "digging", "closing"]
    assert inspection.items_for("call_back", codes) == ["complete", "truthful"]
    assert inspection.items_for("listen", codes) == codes


@pytest.mark.parametrize(("run", "count", "chance"), [(1, 4, 0.3), (2, 5, 0.5), (3, 7, 0.6), (5, 5, 0.9), (6, 5, 0.9)])
def test_the_chance_of_a_run_equals_counting_all_outcomes(run, count, chance):
    counted = sum(
        chance ** sum(row) * (1 - chance) ** (count - sum(row))
        for row in itertools.product([True, False], repeat=count)
        if fairness.longest_run(row) >= run
    )
    assert fairness.run_chance(run, count, chance) == pytest.approx(counted)


def test_the_chance_of_more_short_calls_equals_counting_all_deals():
    deals = list(itertools.combinations(range(9), 3))
    at_least_two = sum(len([one for one in deal if one < 4]) >= 2 for deal in deals) / len(deals)
    assert fairness.more_chance((2, 4), (1, 5)) == pytest.approx(at_least_two)


def test_the_rank_sum_comes_near_to_counting_all_deals():
    own, others = [7.0, 8, 9, 9, 10, 10, 10, 10], [3.0, 5, 6, 8, 8, 9, 9, 10]
    pool, away = own + others, lambda deal: abs(2 * sum(deal) - sum(ranks))
    ranks = [sum(other < one for other in pool) + (pool.count(one) + 1) / 2 for one in pool]
    deals = [away(deal) for deal in itertools.combinations(ranks, len(own))]
    counted = sum(deal >= away(ranks[: len(own)]) for deal in deals) / len(deals)
    assert fairness.rank_sum_chance(own, others) == pytest.approx(counted, abs=0.01)
    assert fairness.rank_sum_chance(own, own) > 0.99


def test_equal_scores_of_all_raise_no_alarm():
    assert fairness.drift([10.0] * 30, [10.0] * 90, callers=4).chance == 1.0


@pytest.mark.parametrize("check", [fairness.drift, fairness.all_tens])
def test_with_few_answers_nothing_is_said(check):
    assert check([1] * 19, [1] * 90, callers=4) is None


# ---- whole months ----------------------------------------------------------------------------------------------------

CALLERS, RESPONSES, MONTHS = 4, 60, 400
MARKS, WEIGHTS = [10, 9.5, 9, 8, 6, 3], [30, 25, 20, 15, 7, 3]


def _month(dice: random.Random) -> list[list[float]]:
    """The scores of a month's callers, all honest, of customers who mostly give full marks."""
    return [dice.choices(MARKS, WEIGHTS, k=RESPONSES) for _ in range(CALLERS)]


def _alarms(months: list[list[list[float]]], check: str) -> int:
    return sum(any(_check(check, rows, place) for place in range(len(rows))) for rows in months)


def _check(check: str, rows: list[list[float]], place: int) -> bool:
    own = rows[place]
    others = [score for other, row in enumerate(rows) if other != place for score in row]
    if check == fairness.DRIFT:
        return fairness.drift(own, others, callers=len(rows)).alarm
    if check == fairness.ALL_TENS:
        return fairness.all_tens([s == 10 for s in own], [s == 10 for s in others], callers=len(rows)).alarm
    short = sum(s <= 6 for s in own), len(own)
    return fairness.too_short(short, (sum(s <= 6 for s in others), len(others)), callers=len(rows)).alarm


@pytest.mark.parametrize("check", [fairness.DRIFT, fairness.ALL_TENS, fairness.TOO_SHORT])
def test_honest_months_raise_no_more_alarms_than_stated(check):
    """400 months: at most the rate plus three of its standard deviations."""
    dice = random.Random(11)
    found = _alarms([_month(dice) for _ in range(MONTHS)], check)
    expected = MONTHS * ALARM_RATE
    assert found <= expected + 3 * expected**0.5


def test_a_caller_who_writes_tens_is_found():
    dice = random.Random(12)
    rows = _month(dice)
    rows[0] = [10] * 25 + rows[0][25:]
    assert _check(fairness.ALL_TENS, rows, 0)
    assert _check(fairness.DRIFT, rows, 0)
    assert not any(_check(fairness.ALL_TENS, rows, place) for place in (1, 2, 3))
