"""Hostile cells: no format check runs long, raises anything but a refusal, or takes foreign digits for ours."""

import json
import time

import pytest

from crm_site.core import dates, names, numbers, phones, plates, text, vins, xlsx
from crm_site.core.errors import RuleBroken
from tests.core import vectors

CHECKS = [
    phones.verdict, phones.normalise, plates.verdict, vins.verdict, names.verdict, names.match_key, dates.parse_date,
    dates.parse_datetime, numbers.parse_decimal, numbers.parse_int, numbers.parse_money, text.tidy, xlsx.defuse,
]  # fmt: skip
LONG = [
    "(" * 33_000,
    " " * 33_000 + "x",
    "1" * 33_000,
    "张 " * 16_000,
    "1-" * 16_000,
    "=" * 33_000,
    "2024-1-1" + " " * 33_000 + ":",
]
ODD = [
    float("inf"),
    float("-inf"),
    float("nan"),
    1e300,
    -1e300,
    10**40,
    True,
    b"x",
    [],
    {},
    "٣" * 11,
    "1380013800٠",
    "\x00",
    "1e99",
    "\ud800",
]


def survives(check, value):
    """Whether a check gives an answer or a refusal that a user may read."""
    try:
        check(value)
    except RuleBroken as refused:
        return bool(refused.code)
    return True


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("value", LONG)
def test_a_long_cell_costs_no_time(check, value):
    started = time.process_time()
    assert survives(check, value)
    assert time.process_time() - started < 0.2


@pytest.mark.parametrize("check", CHECKS)
@pytest.mark.parametrize("value", ODD, ids=repr)
def test_an_odd_value_is_answered_or_refused(check, value):
    assert survives(check, value)


def test_digits_of_other_scripts_are_no_phone():
    assert phones.normalise("1380013800٠") == []
    assert not phones.is_mobile("1380013800٠")


def test_outside_naughty_strings_are_answered_or_refused():
    for value in json.loads(vectors.path("blns/blns.json").read_text(encoding="utf-8")):
        assert all(survives(check, value) for check in CHECKS)
