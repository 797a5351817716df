"""Money and counts: exact, rounded half up, refused when a spreadsheet has already rounded them."""

from decimal import Decimal

import pytest

from crm_site.core import numbers
from crm_site.core.errors import RuleBroken


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("1,234.50", "1234.50"),
        ("¥1200", "1200"),
        ("￥1,200.5元", "1200.5"),
        ("１２３", "123"),
        ("(120.50)", "-120.50"),
        ("1.2万", "12000.0"),
        ("10000公里", "10000"),
        (12.1, "12.1"),
        (12.0, "12"),
        (0, "0"),
        ("-5", "-5"),
    ],
)
def test_a_number_is_read_exactly(written, number):
    assert numbers.parse_decimal(written) == Decimal(number)


@pytest.mark.parametrize("empty", [None, "", "-", "无", " "])
def test_an_empty_cell_is_no_number(empty):
    assert numbers.parse_decimal(empty) is None
    assert numbers.parse_money(empty) is None
    assert numbers.parse_int(empty) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("abc", "number_form"),
        ("1,2,3", "number_form"),
        ("1.2.3", "number_form"),
        (1e16, "number_rounded"),
        (float("nan"), "number_form"),
        (True, "number_form"),
    ],
)
def test_what_is_no_number_is_refused(written, code):
    with pytest.raises(RuleBroken) as refused:
        numbers.parse_decimal(written)
    assert refused.value.code == code


def test_a_fraction_is_no_whole_number():
    assert numbers.parse_int("12.0") == 12
    with pytest.raises(RuleBroken):
        numbers.parse_int("12.5")


@pytest.mark.parametrize(
    ("number", "places", "rounded"), [("2.5", 0, "3"), ("-2.5", 0, "-3"), ("0.125", 2, "0.13"), ("88.649", 1, "88.6")]
)
def test_halves_are_rounded_up(number, places, rounded):
    assert numbers.round_half_up(Decimal(number), places) == Decimal(rounded)


def test_money_that_no_column_holds_is_refused():
    assert numbers.parse_money("9999999999.99") == Decimal("9999999999.99")
    with pytest.raises(RuleBroken):
        numbers.parse_money("10000000000")
