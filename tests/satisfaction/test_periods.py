"""Many responses: means, rates and NPS with intervals, small samples, bands, comparisons, alerts."""

import random
import statistics
from decimal import Decimal as D

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from satisfaction import rules


def test_no_response_has_no_mean_and_one_has_no_interval():
    assert rules.mean_of_values([]) == rules.Mean(0, None)
    assert rules.mean_of_values([D(88)]) == rules.Mean(1, D(88))


@forall(st.lists(st.integers(0, 1000).map(lambda tenth: D(tenth) / 10), min_size=2, max_size=60))
def test_the_interval_holds_the_mean_inside_the_scale_and_has_a_width(values):
    found = rules.mean_of_values(values)
    assert abs(found.value - sum(values) / len(values)) < D("1e-20")
    assert 0 <= found.low <= found.value <= found.high <= 100
    assert found.low < found.high


def test_equal_answers_still_leave_doubt():
    found = rules.mean_of_values([D(100)] * 10)
    assert found.high == 100
    assert D(95) < found.low < 100


def test_a_large_sample_in_the_middle_has_the_textbook_interval():
    values = [D(40 + place % 21) for place in range(2100)]
    found = rules.mean_of_values(values)
    error = D(statistics.stdev(map(float, values))) / D(2100).sqrt()
    assert abs(found.high - found.value - D("1.96") * error) < D("0.01")


def test_95_of_100_intervals_of_small_skewed_samples_hold_the_true_mean():
    dice = random.Random(7)
    population = [min(D(100), D(round(100 - dice.expovariate(0.1), 1))) for _one in range(5_000)]
    population = [max(one, D(0)) for one in population]
    truth = sum(population) / len(population)
    samples = (rules.mean_of_values(dice.choices(population, k=12)) for _sample in range(1_500))
    assert sum(one.low <= truth <= one.high for one in samples) / 1_500 > 0.91


@pytest.mark.parametrize(
    ("degrees", "expected"), [(1, "12.706"), (9, "2.262"), (30, "2.042"), (40, "2.021"), (60, "2.000"), (120, "1.980")]
)
def test_the_t_quantile_equals_the_printed_tables(degrees, expected):
    assert abs(rules.t_quantile(degrees) - D(expected)) < D("0.001")


@pytest.mark.parametrize(
    ("hits", "n", "low", "high"),
    [
        (0, 10, "0.0000", "0.2775"),
        (10, 10, "0.7225", "1.0000"),
        (45, 50, "0.7864", "0.9565"),
        (81, 263, "0.2553", "0.3662"),
    ],
)
def test_rates_have_wilsons_interval(hits, n, low, high):
    found = rules.rate_of(hits, n)
    assert abs(found.low - D(low)) < D("0.0001")
    assert abs(found.high - D(high)) < D("0.0001")


def test_a_rate_of_nothing_is_unknown():
    assert rules.rate_of(0, 0).value is None


def test_nps_equals_a_separate_count():
    dice = random.Random(11)
    for size in (1, 2, 17, 400):
        marks = [dice.randint(0, 10) for _one in range(size)]
        promoters, detractors = sum(mark >= 9 for mark in marks), sum(mark <= 6 for mark in marks)
        found = rules.nps_of(promoters, detractors, size)
        expected = 100 * statistics.fmean((mark >= 9) - (mark <= 6) for mark in marks)
        assert abs(float(found.value) - expected) < 1e-9
        if size > 1:
            assert -100 <= found.low <= found.value <= found.high <= 100


@pytest.mark.parametrize(
    ("value", "band"),
    [(None, ""), ("100", "ok"), ("90", "ok"), ("89.95", "ok"), ("89.94", "warn"), ("80", "warn"), ("79.94", "bad")],
)
def test_a_band_follows_the_figure_as_it_is_shown(value, band):
    assert rules.band(None if value is None else D(value)) == band


@pytest.mark.parametrize(
    ("n", "enough", "few"),
    [(0, False, False), (9, False, False), (10, True, True), (29, True, True), (30, True, False)],
)
def test_under_10_nothing_is_shown_and_under_30_it_is_marked(n, enough, few):
    found = rules.Mean(n, D(88), D(86), D(90))
    assert (found.is_enough, found.is_few, found.shown) == (enough, few, D(88) if enough else None)
    assert found.band == ("warn" if enough else "")


@pytest.mark.parametrize(
    ("n", "low", "high", "word"),
    [(30, 89, 93, "above"), (30, 80, 87, "below"), (30, 87, 90, "same"), (29, 89, 93, "few"), (9, 89, 93, "none")],
)
def test_people_are_compared_by_interval_not_by_rank(n, low, high, word):
    assert rules.compare(rules.Mean(n, D(88), D(low), D(high)), D(88)) == word


@pytest.mark.parametrize(
    ("now", "before", "alert"),
    [
        (rules.Mean(388, D("77.9"), D("76.5"), D("79.2")), rules.Mean(400, D("84.1"), D(83), D(85)), True),
        (rules.Mean(30, D(84), D(79), D(88)), rules.Mean(30, D(89), D(85), D(92)), True),
        (rules.Mean(29, D(84), D(79), D(88)), rules.Mean(30, D(89), D(85), D(92)), False),
        (rules.Mean(400, D(87), D("85.9"), D(88)), rules.Mean(400, D(88), D(87), D(89)), False),
        (rules.Mean(400, D(89), D(88), D(90)), rules.Mean(400, D(80), D(79), D(81)), False),
        (rules.Mean(9, D(20), D(10), D(30)), rules.Mean(400, D(80), D(79), D(81)), False),
    ],
)
def test_an_alert_needs_a_real_fall(now, before, alert):
    assert rules.is_alert(now, before) is alert
