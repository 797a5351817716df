"""Intervals equal reference implementations made in another way, and cover the truth as often as 0007 says (T50).

Nothing here uses the product's formulas: Wilson and Newcombe come from `statistics.NormalDist`, Student's t from
integrating its density, and the interval of a mean from solving the inequality that defines it by bisection.
"""

import math
import re
import statistics
from decimal import Decimal as D
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from satisfaction import rules

Z = statistics.NormalDist().inv_cdf(0.975)
#: the share of the widest variance that is made up, and how many answers it weighs as (decision 0007)
PRIOR, WEIGHT = 0.3, 2


@cache
def student(degrees: int) -> float:
    """The two-sided 95 % quantile of Student's t: where the integral of its density reaches 0.475."""
    constant = math.exp(math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2)) / math.sqrt(degrees * math.pi)

    def beyond(end: float) -> float:
        points = np.linspace(0.0, end, 20_001)
        heights = constant * (1 + points**2 / degrees) ** (-(degrees + 1) / 2)
        step = points[1] - points[0]
        simpson = heights[0] + heights[-1] + 4 * heights[1:-1:2].sum() + 2 * heights[2:-1:2].sum()
        return step * simpson / 3 - 0.475

    return bisect(beyond, 0.0, 20.0)


def bisect(function, low: float, high: float) -> float:
    """Where a rising function passes 0."""
    for _round in range(80):
        middle = (low + high) / 2
        low, high = (low, middle) if function(middle) > 0 else (middle, high)
    return (low + high) / 2


def reference(values, start: float, end: float) -> tuple[float, float]:
    """Every centre whose distance from the mean is at most t standard errors at that centre, by bisection."""
    n, mean = len(values), float(np.mean(values))
    widest = (mean - start) * (end - mean)
    shown = float(np.var(values, ddof=1)) / widest if widest else 0.0
    spread = ((n - 1) * shown + WEIGHT * PRIOR) / (n - 1 + WEIGHT)
    t = student(n - 1)

    def outside(centre: float) -> float:
        return abs(mean - centre) - t * math.sqrt(max(spread * (centre - start) * (end - centre), 0.0) / n)

    return bisect(lambda one: -outside(one), start, mean), bisect(outside, mean, end)


def skewed(dice, n: int, scale: float = 10.0):
    return np.clip(np.round(100 - dice.exponential(scale, n), 1), 0, 100)


@pytest.mark.parametrize("degrees", [*range(1, 41), 59, 99, 250, 1000])
def test_the_t_quantile_equals_an_integral_of_its_density(degrees):
    assert abs(float(rules.t_quantile(degrees)) - student(degrees)) < 0.0005


def test_the_interval_of_a_mean_solves_the_inequality_that_defines_it():
    dice = np.random.default_rng(50)
    samples = [skewed(dice, n, scale) for n in (2, 3, 5, 10, 12, 29, 30, 31, 32, 100, 412) for scale in (3, 10, 40)]
    samples += [np.full(n, value) for n in (2, 10, 60) for value in (0.0, 60.0, 100.0)]
    for values in samples:
        found = rules.mean_of_values([D(str(one)) for one in values])
        low, high = reference(values, 0.0, 100.0)
        assert abs(float(found.low) - low) < 0.01
        assert abs(float(found.high) - high) < 0.01


def test_the_interval_of_nps_solves_the_same_on_its_own_scale():
    dice = np.random.default_rng(51)
    for n in (2, 10, 17, 60, 400):
        marks = dice.integers(0, 11, n)
        values = np.where(marks >= 9, 100.0, np.where(marks <= 6, -100.0, 0.0))
        found = rules.nps_of(int((marks >= 9).sum()), int((marks <= 6).sum()), n)
        low, high = reference(values, -100.0, 100.0)
        assert abs(float(found.value) - values.mean()) < 1e-9
        assert abs(float(found.low) - low) < 0.01
        assert abs(float(found.high) - high) < 0.01


def wilson(hits: int, n: int) -> tuple[float, float]:
    """Every share p with |hits/n − p| ≤ z √(p (1 − p) / n), by bisection."""
    share = hits / n

    def outside(p: float) -> float:
        return abs(share - p) - Z * math.sqrt(p * (1 - p) / n)

    return bisect(lambda p: -outside(p), 0.0, share), bisect(outside, share, 1.0)


def test_every_rate_has_wilsons_interval():
    for n in (1, 2, 5, 10, 11, 29, 30, 77, 400):
        for hits in {0, 1, n // 3, n // 2, n - 1, n}:
            found = rules.rate_of(hits, n)
            low, high = wilson(hits, n)
            assert abs(float(found.low) - low) < 0.0001
            assert abs(float(found.high) - high) < 0.0001


def test_a_difference_has_newcombes_interval():
    dice = np.random.default_rng(52)
    for _round in range(40):
        now, before = (skewed(dice, int(dice.integers(10, 90)), float(dice.integers(3, 30))) for _one in range(2))
        a, b = (rules.mean_of_values([D(str(one)) for one in values]) for values in (now, before))
        found = rules.change(a, b)
        (low_a, high_a), (low_b, high_b) = reference(now, 0.0, 100.0), reference(before, 0.0, 100.0)
        by = now.mean() - before.mean()
        assert abs(float(found.by) - by) < 1e-6
        assert abs(float(found.low) - (by - math.hypot(now.mean() - low_a, high_b - before.mean()))) < 0.02
        assert abs(float(found.high) - (by + math.hypot(high_a - now.mean(), before.mean() - low_b))) < 0.02


# ---- coverage -------------------------------------------------------------------------------------------------------

DECISION = Path(__file__).parents[2] / "docs/decisions/0007-satisfaction-scores.md"
#: what customers answer, as (worth, share), by the name under which the decision tells how often the truth is held
POPULATIONS = {
    "almost all happy": ((100, 0.70), (95, 0.20), (80, 0.06), (30, 0.03), (0, 0.01)),
    "one in twenty very unhappy": ((100, 0.62), (95, 0.20), (90, 0.10), (80, 0.03), (10, 0.05)),
    "usual": ((100, 0.25), (95, 0.20), (90, 0.20), (80, 0.20), (70, 0.10), (50, 0.05)),
    "many unhappy": ((100, 0.20), (80, 0.25), (60, 0.25), (40, 0.20), (20, 0.10)),
}
CLAIM = re.compile(
    r"^\| ([a-z ]+?)(?:, mean [\d.]+)? \| (\d+) \| (\d+) % \([\d.]+\) \| (\d+) % \([\d.]+\) \|$", re.MULTILINE
)
CLAIMS = [(name, int(n), int(students), int(ours)) for name, n, students, ours in CLAIM.findall(DECISION.read_text())]


def test_the_decision_tells_of_every_population_at_three_sizes():
    assert {(name, n) for name, n, _students, _ours in CLAIMS} == {
        (name, n) for name in POPULATIONS for n in (10, 30, 60)
    }


@pytest.mark.parametrize(("name", "n", "students", "ours"), CLAIMS)
def test_small_skewed_samples_are_covered_as_often_as_the_decision_says(name, n, students, ours):
    worth, share = (np.array(column, dtype=float) for column in zip(*POPULATIONS[name], strict=True))
    truth = float((worth * share).sum())
    samples = np.random.default_rng(n).choice(worth, size=(3_000, n), p=share)
    reach = student(n - 1) * samples.std(axis=1, ddof=1) / math.sqrt(n)
    held = np.mean(np.abs(samples.mean(axis=1) - truth) <= reach)
    assert abs(100 * held - students) < 3
    held = np.mean([found.low <= truth <= found.high for found in map(_mean, samples)])
    assert abs(100 * held - ours) < 3


def _mean(sample) -> rules.Mean:
    return rules.mean_of(len(sample), D(float(sample.sum())), D(float((sample**2).sum())))
