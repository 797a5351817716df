"""Value and lifecycle as tables, against a plain counting oracle; the numbers of a definition fit together."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customers.rules import defection, definitions, lifecycle
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE, Problem
from customers.rules.value import CarFacts, Found, Ranking, Worth, classify, potential

TODAY = date(2026, 9, 16)
SHIPPED = definitions.shipped(VALUE)
CAR = CarFacts(bought_on=date(2024, 5, 1), warranty_until=date(2027, 5, 1), insured_here=True)


def ranking(*amounts):
    return Ranking(Decimal(one) for one in amounts)


@pytest.mark.parametrize(("count", "gold", "drag"), [
    (1, 1, 0), (2, 1, 0), (5, 1, 1), (7, 1, 1), (19, 1, 3), (20, 1, 4), (39, 1, 7), (40, 2, 8), (100, 5, 20),
])  # fmt: skip
def test_seats_are_rounded_down_but_the_first_is_always_gold(count, gold, drag):
    among = ranking(*range(1, count + 1))
    marks = [
        (among.is_gold(Decimal(one), SHIPPED), among.is_drag(Decimal(one), SHIPPED)) for one in range(1, count + 1)
    ]
    assert (sum(is_gold for is_gold, _drag in marks), sum(is_drag for _gold, is_drag in marks)) == (gold, drag)


def test_equals_at_the_limit_share_the_better_side():
    among = ranking(900, 900, *[500] * 14, 100, 100, 100, 100, 100)
    assert among.is_gold(Decimal(900), SHIPPED)  # one seat of 21, two who brought the same
    assert not among.is_drag(Decimal(100), SHIPPED)  # four seats, five equals: none of them
    assert ranking(900, 500, *[300] * 15, 100, 100, 50).is_drag(Decimal(100), SHIPPED)


def test_who_brought_nothing_is_never_gold():
    assert not ranking(0, 0, 0).is_gold(Decimal(0), SHIPPED)


@given(st.lists(st.integers(0, 12), min_size=1, max_size=60), st.integers(1, 50), st.integers(0, 49))
def test_the_place_agrees_with_counting_everybody(amounts, gold, drag):
    numbers = {**SHIPPED, "gold_percent": gold, "drag_percent": drag}
    among = ranking(*amounts)
    for amount in amounts:
        better = sum(other > amount for other in amounts)
        worse_or_equal = sum(other <= amount for other in amounts)
        value = Decimal(amount)
        assert among.place(value) == better + 1
        assert among.is_gold(value, numbers) == (amount > 0 and better < max(1, len(amounts) * gold // 100))
        assert among.is_drag(value, numbers) == (worse_or_equal <= len(amounts) * drag // 100)
        assert among.points(value) == Decimal(100 * worse_or_equal) / len(amounts)


@pytest.mark.parametrize(("worth", "found"), [
    (Worth(), ""),
    (Worth(cars=(CAR,)), "low"),
    (Worth(cars=(CAR, CAR)), "middle"),
    (Worth(cars=(CAR._replace(insured_here=None),)), "low"),
    (Worth(cars=(CAR._replace(insured_here=False),)), "middle"),
    (Worth(cars=(CAR._replace(warranty_until=date(2026, 9, 15)),)), "middle"),
    (Worth(cars=(CAR._replace(warranty_until=TODAY),)), "low"),
    (Worth(cars=(CAR._replace(bought_on=date(2020, 9, 16)),)), "middle"),
    (Worth(cars=(CAR._replace(bought_on=date(2020, 9, 17)),)), "low"),
    (Worth(cars=(CAR,), is_org=True), "middle"),
    (Worth(cars=(CarFacts(date(2015, 1, 1), date(2018, 1, 1), False),)), "high"),
    (Worth(cars=(CAR,) * 5), "middle"),
    (Worth(cars=(CAR,) * 3, is_org=True), "high"),
])  # fmt: skip
def test_potential_adds_up_its_marks(worth, found):
    assert potential(worth, SHIPPED, TODAY) == found


HUNDRED = ranking(*range(1, 101))


@pytest.mark.parametrize(("worth", "found"), [
    (Worth(), Found("", "", None, "")),
    (Worth(Decimal(100)), Found("gold", "top", Decimal("1.00"), "")),
    (Worth(Decimal(96)), Found("gold", "top", Decimal("5.00"), "")),
    (Worth(Decimal(95)), Found("b", "points", Decimal("6.00"), "")),  # 57 + 0 + 10
    (Worth(Decimal(95), loyalty="loyal"), Found("a", "points", Decimal("6.00"), "")),  # 57 + 0 + 20
    (Worth(Decimal(40), loyalty="loyal"), Found("b", "points", Decimal("61.00"), "")),  # 24 + 20
    (Worth(Decimal(40), loyalty="lost"), Found("c", "points", Decimal("61.00"), "")),
    (Worth(Decimal(21), (CAR, CAR), "loyal"), Found("b", "points", Decimal("80.00"), "middle")),  # 12.6 + 10 + 20
    (Worth(Decimal(20), (CAR, CAR), "loyal"), Found("drag", "bottom", Decimal("81.00"), "middle")),
    (Worth(None, (CAR,), "loyal"), Found("c", "idle", None, "low")),
    (Worth(None, (CarFacts(date(2015, 1, 1), date(2018, 1, 1), False),), "loyal"), Found("b", "idle", None, "high")),
])  # fmt: skip
def test_gold_and_drag_go_by_place_the_others_by_points(worth, found):
    assert classify(worth, HUNDRED, SHIPPED, TODAY) == found


SEEN = lifecycle.Facts(
    had_business=True,
    has_car=True,
    seen_on=date(2026, 8, 1),
    maintenance_on=date(2027, 2, 1),
    first_on=date(2024, 5, 1),
)


@pytest.mark.parametrize(("facts", "found"), [
    (lifecycle.Facts(), ("prospect", "no_car_yet")),
    (lifecycle.Facts(had_business=True), ("former", "no_car_now")),
    (SEEN, ("active", "comes")),
    (replace(SEEN, first_on=date(2026, 3, 16)), ("new", "begun")),
    (replace(SEEN, first_on=date(2026, 3, 15)), ("active", "comes")),
    (replace(SEEN, maintenance_on=date(2026, 7, 18)), ("active", "comes")),
    (replace(SEEN, maintenance_on=date(2026, 7, 17)), ("at_risk", "missed")),
    (replace(SEEN, seen_on=date(2025, 12, 16)), ("active", "comes")),
    (replace(SEEN, seen_on=date(2025, 12, 15)), ("at_risk", "seldom")),
    (replace(SEEN, seen_on=date(2025, 9, 16)), ("at_risk", "seldom")),
    (replace(SEEN, seen_on=date(2025, 9, 15)), ("lost", "not_seen")),
    (replace(SEEN, seen_on=None), ("lost", "not_seen")),
    (replace(SEEN, told_on=date(2026, 8, 1)), ("at_risk", "told")),
    (replace(SEEN, told_on=date(2026, 7, 31)), ("active", "comes")),  # came after telling
    (replace(SEEN, told_on=date(2026, 3, 15), seen_on=date(2026, 3, 1)), ("active", "comes")),  # told too long ago
])  # fmt: skip
def test_the_first_stage_that_holds_decides(facts, found):
    assert lifecycle.classify(facts, definitions.shipped(LIFECYCLE), TODAY) == found


@pytest.mark.parametrize(("scheme", "numbers", "found"), [
    (VALUE, {}, None),
    (VALUE, {"gold_percent": 0}, Problem("gold_percent", "range")),
    (VALUE, {"gold_percent": 50, "drag_percent": 50}, Problem("drag_percent", "shares")),
    (VALUE, {"weight_loyalty": 21}, Problem("weight_loyalty", "weights")),
    (VALUE, {"b_from": 70}, Problem("b_from", "bands")),
    (VALUE, {"middle_from": 4}, Problem("middle_from", "marks")),
    (LIFECYCLE, {"risk_months": 12}, Problem("lost_months", "lost")),
    (LOYALTY, {"unhappy_below": 90}, Problem("devoted_from", "devoted")),
])  # fmt: skip
def test_numbers_that_do_not_fit_together_are_named(scheme, numbers, found):
    assert definitions.problem(scheme, {**definitions.shipped(scheme), **numbers}) == found


def test_the_shipped_numbers_stand():
    assert [definitions.problem(scheme, definitions.shipped(scheme)) for scheme in definitions.SCHEMES] == [None] * 3


@pytest.mark.parametrize(("words", "told"), [
    ("", None),
    ("工时费太贵了", ("price", "fees")),
    ("修了两次都没修好，还贵", ("service", "not_repaired")),
    ("搬家了，太远", ("own", "moved")),
    ("车卖了", ("product", "changed_car")),
    ("价格", ("price", "")),
    ("公司指定定点维修", ("own", "unit_decides")),
    ("失联", ("", "out_of_touch")),
    ("不想说", ("", "")),
])  # fmt: skip
def test_reasons_for_leaving_are_read_from_the_words(words, told):
    assert defection.read(words) == told
