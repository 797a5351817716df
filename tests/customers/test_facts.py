"""What follows from facts, as tables: release of an order, end of an ownership, order of numbers, folded amounts."""

from datetime import date
from decimal import Decimal

import pytest

from customers import rules

SETTLED_ON, BACK_ON = date(2026, 9, 11), date(2026, 9, 12)


@pytest.mark.parametrize(
    "case",
    [
        (None, None, None, "open", None),
        (None, SETTLED_ON, None, "settled", SETTLED_ON),
        (None, None, BACK_ON, "settled", BACK_ON),
        (None, SETTLED_ON, BACK_ON, "settled", BACK_ON),
        ("void", SETTLED_ON, BACK_ON, "void", None),
        ("open", SETTLED_ON, None, "open", None),
        ("settled", None, None, "settled", None),
    ],
)  # fmt: skip
def test_an_order_is_released_when_it_is_handed_back_else_settled(case):
    stated, settled, handed_back, state, released = case
    assert rules.order_state(stated, settled, handed_back) == state
    assert rules.released_on(state, settled, handed_back) == released


@pytest.mark.parametrize(
    ("since", "last"),
    [(None, date(2026, 9, 9)), (date(2025, 1, 1), date(2026, 9, 9)), (date(2026, 9, 10), date(2026, 9, 10))],
)
def test_an_ownership_ends_the_day_before_but_never_before_it_began(since, last):
    assert rules.last_day_before(date(2026, 9, 10), since) == last


@pytest.mark.parametrize(
    ("standing", "source", "said", "order"),
    [
        ([], [], ["1", "2"], ["1", "2"]),
        (["1"], ["1"], ["2"], ["2", "1"]),
        (["1"], [], ["2"], ["2", "1"]),
        (["9", "1"], ["1"], ["2"], ["9", "1", "2"]),
        (["1"], ["1", "2"], ["1", "2"], ["1"]),
        (["1", "2"], ["1", "2"], ["1", "2"], ["1", "2"]),
        (["1"], ["1"], [], ["1"]),
    ],
)
def test_numbers_of_a_file_lead_unless_a_person_put_another_first(standing, source, said, order):
    assert rules.phones_in_order(standing, source, said) == order


@pytest.mark.parametrize(
    "case",
    [
        (Decimal(100), Decimal(100), 1, True, Decimal(100), True),
        (Decimal(100), Decimal(50), 1, True, Decimal(150), False),
        (Decimal(100), Decimal(50), 2, True, Decimal(250), False),
        (Decimal(150), Decimal(150), 2, False, Decimal(300), False),
        (None, Decimal(50), 1, True, Decimal(50), True),
        (Decimal(50), None, 1, True, Decimal(50), True),
        (None, None, 1, True, None, True),
    ],
)
def test_amounts_of_lines_are_summed_unless_each_line_repeats_the_whole(case):
    first, second, lines, repeated, amount, still = case
    assert rules.fold_amount(first, second, lines=lines, repeated=repeated) == (amount, still)


def test_items_stand_once_in_their_order():
    assert rules.join_items("刹车片；机油", "机油；轮胎") == "刹车片；机油；轮胎"
    assert rules.join_items(None, "") is None
    assert len(rules.join_items("甲" * 900, "乙" * 900)) == 1000
