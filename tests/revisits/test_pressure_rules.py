"""The arithmetic of contact pressure, joining and capacity: plain tables, and what must hold for any days."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from revisits.rules import capacity, joining, pressure
from revisits.rules.capacity import Caller, DeskTerms, InDraw
from revisits.rules.joining import Along, Candidate, Standing

DAY = date(2026, 9, 16)


def on(ago: int) -> date:
    return DAY - timedelta(days=ago)


# ---- pressure --------------------------------------------------------------------------------------------------------

ALLOWED = [
    ((), 0),
    ((0,), 0),
    ((3,), 0),
    ((0, 0), 7),
    ((1, 3), 4),
    ((0, 6), 1),
    ((6, 6), 1),
    ((7, 7), 0),
    ((6, 7), 0),
    ((8, 15, 22), 0),
    ((8, 15, 22, 29), 1),
    ((0, 15, 22, 29), 1),
    ((8, 15, 22, 30), 0),
    ((0, 1, 28, 29), 6),
]


@pytest.mark.parametrize(("ago", "days"), ALLOWED)
def test_a_number_may_be_called_again_once_both_caps_leave_room(ago, days):
    assert pressure.allowed_from([on(one) for one in ago], DAY) == DAY + timedelta(days=days)


@given(st.lists(st.integers(0, 90), max_size=60))
def test_whoever_waits_until_allowed_never_breaks_a_cap(wishes):
    begun: list[date] = []
    for wish in sorted(wishes):
        day = date(2026, 1, 1) + timedelta(days=wish)
        if pressure.allowed_from(begun, day) <= day:
            begun.append(day)
    for cap in pressure.CAPS:
        for first in begun:
            assert sum(first <= day < first + timedelta(days=cap.days) for day in begun) <= cap.calls


@given(st.lists(st.integers(0, 40), max_size=8))
def test_no_day_before_the_allowed_one_would_have_been_allowed(ago):
    begun = sorted(on(one) for one in ago)
    allowed = pressure.allowed_from(begun, DAY)
    assert pressure.allowed_from(begun, allowed) == allowed
    if allowed > DAY:
        the_day_before = allowed - timedelta(days=1)
        assert pressure.allowed_from(begun, the_day_before) > the_day_before


# ---- joining ---------------------------------------------------------------------------------------------------------


def test_what_falls_due_near_goes_along_with_the_first():
    calls = [Candidate("c", "A", on(-9)), Candidate("a", "A", on(0)), Candidate("b", "A", on(-11)),
             Candidate("x", "B", on(-1))]  # fmt: skip
    assert joining.together(calls, {}, 10) == {"c": Along(key="a")}


def test_an_open_call_is_preferred_to_a_new_one():
    calls = [Candidate("a", "A", on(0)), Candidate("b", "A", on(-2))]
    found = joining.together(calls, {"A": [Standing(on(30), 7), Standing(on(8), 8)]}, 10)
    assert found == {"a": Along(task_id=8), "b": Along(task_id=8)}


@given(st.lists(st.tuples(st.sampled_from("AB"), st.integers(0, 60)), max_size=30), st.integers(0, 12))
def test_every_call_is_a_head_or_hangs_from_one_that_is_near(calls, days):
    candidates = [Candidate(place, group, on(ago)) for place, (group, ago) in enumerate(calls)]
    along = joining.together(candidates, {}, days)
    for one in candidates:
        if one.key in along:
            head = candidates[along[one.key].key]
            assert head.key not in along
            assert head.group == one.group
            assert 0 <= (one.on - head.on).days <= days


# ---- capacity --------------------------------------------------------------------------------------------------------

DIALS = [
    (Caller(), 100),
    (Caller(hired_on=on(29)), 40),
    (Caller(hired_on=on(30)), 100),
    (Caller(hired_on=on(1), own_dials=70), 70),
    (Caller(own_dials=0), 0),
]


@pytest.mark.parametrize(("caller", "dials"), DIALS)
def test_dials_a_day_by_person(caller, dials):
    assert capacity.dials(caller, DeskTerms(), DAY) == dials


def _calls(count: int, employee: str = "罗雪", first: int = 0) -> list[InDraw]:
    return [InDraw(place, f"order:{place}", employee) for place in range(first, first + count)]


def test_of_each_employee_as_many_are_drawn_as_answers_are_lacking():
    calls = [*_calls(40), *_calls(40, "冉月", 100), *_calls(3, "蒲建国", 200)]
    kept = set(capacity.drawn(calls, {"冉月": 2}, otherwise=15))
    assert len([pk for pk in kept if pk < 100]) == 15
    assert len([pk for pk in kept if 100 <= pk < 200]) == 2
    assert {200, 201, 202} <= kept


def test_nobody_is_drawn_of_whom_enough_answers_are_there():
    assert list(capacity.drawn(_calls(9), {"罗雪": 0}, otherwise=15)) == []


def test_what_is_begun_takes_the_places_of_others():
    calls = [*(call._replace(is_begun=True) for call in _calls(4)), *_calls(20, first=50)]
    kept = set(capacity.drawn(calls, {}, otherwise=5))
    assert len(kept) == 1
    assert not any(pk < 50 for pk in kept)


@given(st.sets(st.integers(0, 500), max_size=80), st.sets(st.integers(0, 500), max_size=40), st.integers(0, 12))
def test_the_draw_is_the_same_in_whatever_order_and_however_often_it_is_made(first, later, wanted):
    def draw(ids):
        return set(capacity.drawn((InDraw(pk, f"order:{pk}", "罗雪") for pk in ids), {}, wanted))

    at_once = draw(sorted(first | later))
    assert draw(sorted(first | later, reverse=True)) == at_once
    assert draw(draw(first) | later) == at_once
    assert draw(at_once) == at_once
