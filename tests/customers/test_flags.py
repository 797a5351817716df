"""退车, 作废 and 反结算 in columns of their own: a yes, a day, or nothing."""

from datetime import date

import pytest

from crm_site.imports.layout import Row
from customers.layouts import visits
from customers.layouts.flags import read_flag

DAY = date(2026, 9, 15)


@pytest.mark.parametrize(
    ("written", "said", "kept"),
    [
        ("是", True, True),
        ("Ｙ", True, True),
        ("√", True, True),
        ("已退车", True, True),
        ("2026-09-15", DAY, True),
        ("2026年9月15日", DAY, True),
        ("2026-09-15 00:00:00", DAY, True),
        ("46280", DAY, True),  # the serial of a spreadsheet
        ("否", False, False),
        ("未退车", False, False),
        ("正常", False, False),
        (None, None, None),
        ("也许", None, None),
        ("5/3/2026", None, None),  # two ways to read it: left out, said
    ],
)
def test_a_flag_is_a_yes_a_day_or_nothing(written, said, kept):
    row = Row("表", 2, {"returned": written})
    assert read_flag(row, "returned", "退车", "已退车") == said
    assert row.get("returned") is kept
    assert [one["code"] for one in row.findings] == (["flag_unclear"] if written and kept is None else [])


@pytest.mark.parametrize(
    ("values", "state"),
    [
        ({"settled_on": DAY}, "settled"),
        ({"settled_on": DAY, "void": "是"}, "void"),
        ({"settled_on": DAY, "void": "2026-09-16"}, "void"),
        ({"settled_on": DAY, "void": "否"}, "settled"),
        ({"settled_on": DAY, "reopened": "是"}, "open"),
        ({"settled_on": DAY, "reopened": "2026-09-16"}, "open"),
        ({"settled_on": DAY, "reopened": "2026-09-14"}, "settled"),  # settled again since
        ({"settled_on": DAY, "reopened": "是", "void": "是"}, "void"),
        ({"state": "settled", "reopened": "是"}, "open"),
        ({}, None),  # nothing said: a new order begins open, one that stands stays as it is
    ],
)
def test_an_order_is_void_or_reopened_by_its_own_columns(values, state):
    row = Row("表", 2, {"order_number": "RO1", **values})
    visits.finish(row)
    assert row.get("state") == state
