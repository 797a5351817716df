"""Ranks told by intervals, three months where one says too little, and until when a figure may still move."""

from datetime import date
from decimal import Decimal as D

import pytest
from hypothesis import given as forall
from hypothesis import strategies as st

from satisfaction import rules


def mean(low: int, high: int, n: int = 30) -> rules.Mean:
    return rules.Mean(n, D(low + high) / 2, D(low), D(high))


@pytest.mark.parametrize(
    ("members", "places"),
    [
        ({}, {}),
        ({"A": mean(80, 90)}, {"A": (1, False)}),
        (
            {"A": mean(90, 95), "B": mean(80, 85), "C": mean(70, 75)},
            {"A": (1, False), "B": (2, False), "C": (3, False)},
        ),
        ({"A": mean(88, 95), "B": mean(84, 90), "C": mean(70, 75)}, {"A": (1, True), "B": (1, True), "C": (3, False)}),
        # who touches is not wholly above
        ({"A": mean(85, 95), "B": mean(75, 85)}, {"A": (1, True), "B": (1, True)}),
        # B overlaps with both; A and C are told apart
        ({"A": mean(90, 95), "B": mean(80, 92), "C": mean(78, 85)}, {"A": (1, True), "B": (1, True), "C": (2, False)}),
        # too few answers: no rank, and nobody is held down
        ({"A": mean(95, 99, n=9), "B": mean(80, 85)}, {"B": (1, False)}),
        ({"A": rules.Mean(0, None), "B": mean(80, 85, n=10)}, {"B": (1, False)}),
    ],
)
def test_a_rank_is_one_more_than_those_wholly_above(members, places):
    found = rules.ranks(members)
    assert {member: (rank.place, rank.is_shared) for member, rank in found.items()} == places
    assert {rank.of for rank in found.values()} <= {len(places)}


MEANS = st.lists(
    st.tuples(st.integers(0, 95), st.integers(1, 30), st.integers(5, 60)).map(
        lambda one: mean(one[0], one[0] + one[1], one[2])
    ),
    max_size=25,
)


@forall(MEANS)
def test_whose_interval_is_wholly_above_has_the_better_rank_and_equals_share(means):
    members = dict(enumerate(means))
    found = rules.ranks(members)
    assert set(found) == {member for member, one in members.items() if one.n >= 10}
    for one, rank in found.items():
        above = [other for other in found if members[other].low > members[one].high]
        assert rank.place == 1 + len(above)
        assert all(found[other].place < rank.place for other in above)
        assert rank.is_shared == any(found[other].place == rank.place for other in found if other != one)
    if found:
        assert min(rank.place for rank in found.values()) == 1


@forall(MEANS, st.randoms())
def test_the_order_in_which_members_come_does_not_matter(means, dice):
    members = list(enumerate(means))
    found = rules.ranks(dict(members))
    dice.shuffle(members)
    assert rules.ranks(dict(members)) == found


@forall(MEANS)
def test_mirrored_means_have_mirrored_ranks(means):
    members = {at: one for at, one in enumerate(means) if one.n >= 10}
    mirrored = {at: rules.Mean(one.n, 100 - one.value, 100 - one.high, 100 - one.low) for at, one in members.items()}
    upwards, downwards = rules.ranks(members), rules.ranks(mirrored)
    for one, own in members.items():
        below = sum(other.high < own.low for other in members.values())
        assert downwards[one].place == 1 + below
        assert upwards[one].place + below <= len(members)


@pytest.mark.parametrize(
    ("now", "three", "shown"),
    [
        (mean(80, 90, n=10), mean(80, 90, n=40), False),
        (mean(80, 90, n=9), mean(80, 90, n=10), True),
        (mean(80, 90, n=9), mean(80, 90, n=9), False),
        (rules.Mean(0, None), mean(80, 90, n=12), True),
        (rules.Mean(0, None), None, False),
        (rules.rate_of(3, 9), rules.rate_of(8, 12), True),
    ],
)
def test_three_months_stand_in_where_the_month_says_too_little(now, three, shown):
    assert rules.needs_rolling(now, three) is shown


@pytest.mark.parametrize(
    ("today", "by_occasion", "provisional"),
    [
        (date(2026, 10, 31), False, True),
        (date(2026, 11, 1), False, False),
        (date(2026, 11, 1), True, True),
        (date(2026, 11, 20), True, True),
        (date(2026, 11, 21), True, False),
    ],
)
def test_a_figure_is_provisional_while_new_calls_may_move_it(today, by_occasion, provisional):
    assert rules.is_provisional(date(2026, 10, 31), today, by_occasion=by_occasion) is provisional
