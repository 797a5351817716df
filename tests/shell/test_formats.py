"""How figures, phones, VINs and moments are written."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.utils import translation

from crm_site.core import formats

TODAY = date(2026, 11, 20)


@pytest.fixture(autouse=True)
def chinese():
    """These tables are read in Chinese."""
    with translation.override("zh-hans"):
        yield


@pytest.mark.parametrize(
    ("phone", "masked", "grouped"),
    [
        ("13800138000", "138****8000", "138 0013 8000"),
        ("02368812345", "023****2345", "023 6881 2345"),
        ("", "–", "–"),
        (None, "–", "–"),
    ],
)
def test_a_phone_is_masked_or_grouped(phone, masked, grouped):
    assert formats.masked_phone(phone) == masked
    assert formats.grouped_phone(phone) == grouped


@pytest.mark.parametrize(("vin", "text"), [("LYL8E5A1XR1004217", "…004217"), ("", "–"), (None, "–")])
def test_a_vin_shows_its_last_six(vin, text):
    assert formats.masked_vin(vin) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [
        (1290, 0, "1,290"),
        (0, 0, "0"),
        (-3, 0, "−3"),
        ("86.25", 1, "86.3"),
        (Decimal("-0.85"), 1, "−0.9"),
        (Decimal("-0.04"), 1, "0.0"),
        (None, 1, "–"),
        ("", 0, "–"),
        ("abc", 0, "–"),
    ],
)
def test_a_figure_has_commas_and_a_true_minus(value, places, text):
    assert formats.number(value, places) == text


@pytest.mark.parametrize(
    ("value", "places", "text"),
    [("0.8", 1, "+0.8"), ("-3.4", 1, "−3.4"), (0, 0, "0"), ("0.04", 1, "0.0"), (None, 0, "–"), (1200, 0, "+1,200")],
)
def test_a_change_carries_its_sign(value, places, text):
    assert formats.signed(value, places) == text


@pytest.mark.parametrize(
    ("value", "text"), [("1286", "¥1,286.00"), ("-20", "−¥20.00"), ("0.005", "¥0.01"), (None, "–")]
)
def test_money_is_yuan_and_fen(value, text):
    assert formats.money(value) == text


@pytest.mark.parametrize(
    ("value", "text"), [("88.65", "88.7"), ("88.649", "88.6"), (Decimal("100"), "100.0"), (None, "–")]
)
def test_a_score_is_rounded_half_up_to_one_decimal(value, text):
    assert formats.score(value) == text


@pytest.mark.parametrize(("value", "places", "text"), [("0.671", 0, "67%"), ("0.6715", 1, "67.2%"), (None, 0, "–")])
def test_a_share_becomes_per_cent(value, places, text):
    assert formats.percent(value, places) == text


@pytest.mark.parametrize(
    ("value", "chinese", "english"),
    [
        (timedelta(hours=11, minutes=18, seconds=59), "11 小时 18 分", "11 h 18 min"),
        (45, "45 分", "45 min"),
        (120, "2 小时", "2 h"),
        (0, "0 分", "0 min"),
        (-90, "−1 小时 30 分", "−1 h 30 min"),
        (None, "–", "–"),
    ],
)
def test_a_duration_is_hours_and_minutes(value, chinese, english):
    assert formats.duration(value) == chinese
    with translation.override("en"):
        assert formats.duration(value) == english


@pytest.mark.parametrize(
    ("moment", "chinese", "english"),
    [
        (datetime(2026, 11, 20, 5, 40, tzinfo=UTC), "今天 13:40", "Today 13:40"),
        (datetime(2026, 11, 19, 9, 30, tzinfo=UTC), "昨天 17:30", "Yesterday 17:30"),
        (datetime(2026, 11, 19, 16, 30, tzinfo=UTC), "今天 00:30", "Today 00:30"),  # past midnight in Shanghai
        (datetime(2026, 11, 21, 8, 10, tzinfo=UTC), "明天 16:10", "Tomorrow 16:10"),
        (datetime(2026, 11, 18, 8, 40, tzinfo=UTC), "11-18 16:40", "11-18 16:40"),
        (datetime(2025, 3, 11, 1, 0, tzinfo=UTC), "2025-03-11 09:00", "2025-03-11 09:00"),
        (date(2026, 11, 20), "今天", "Today"),
        (date(2026, 11, 9), "11-09", "11-09"),
        (None, "–", "–"),
    ],
)
def test_a_moment_is_said_from_todays_side(moment, chinese, english):
    assert formats.when(moment, TODAY) == chinese
    with translation.override("en"):
        assert formats.when(moment, TODAY) == english
