"""The table of customer classes: the first rule that holds decides."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from customers import class_wording
from customers.rules.definitions import LOYALTY
from revisits.rules.loyalty import RULES, SHIPPED, Facts, classify

TODAY = date(2026, 9, 16)
SEEN = Facts(has_car=True, seen_on=date(2026, 8, 1), visits=2)


@pytest.mark.parametrize(("facts", "found"), [
    (Facts(), ("", "")),
    (Facts(has_car=True, seen_on=date(2025, 9, 16)), ("ordinary", "comes")),
    (Facts(has_car=True, seen_on=date(2025, 9, 15)), ("lost", "not_seen")),
    (Facts(has_car=True), ("lost", "not_seen")),
    (Facts(visits=1), ("ordinary", "comes")),
    (SEEN, ("ordinary", "comes")),
    (replace(SEEN, devotion=Decimal(90)), ("loyal", "devoted")),
    (replace(SEEN, devotion=Decimal(89)), ("ordinary", "comes")),
    (replace(SEEN, devotion=Decimal(100), visits=1), ("ordinary", "comes")),
    (replace(SEEN, devotion=Decimal(100), complaints=1), ("ordinary", "comes")),
    (replace(SEEN, devotion=Decimal(100), has_open=True), ("complaining", "open_complaint")),
    (replace(SEEN, sore_on=date(2026, 3, 16)), ("complaining", "dissatisfied")),
    (replace(SEEN, sore_on=date(2026, 3, 15)), ("ordinary", "comes")),
    (replace(SEEN, is_pending=True), ("complaining", "pending_low")),
    (replace(SEEN, index=Decimal("59.9")), ("complaining", "low_index")),
    (replace(SEEN, index=Decimal(60)), ("ordinary", "comes")),
    (Facts(has_car=True, has_open=True), ("complaining", "open_complaint")),
])  # fmt: skip
def test_the_first_rule_that_holds_decides(facts, found):
    assert classify(facts, TODAY) == found


def test_a_store_may_set_other_numbers():
    numbers = {**SHIPPED, "loyal_visits": 3, "lost_months": 6, "unhappy_below": 80, "devoted_from": 95}
    assert classify(replace(SEEN, devotion=Decimal(100)), TODAY, numbers).loyalty_class == "ordinary"
    assert classify(replace(SEEN, devotion=Decimal(95), visits=3), TODAY, numbers).loyalty_class == "loyal"
    assert classify(replace(SEEN, seen_on=date(2026, 3, 15)), TODAY, numbers).loyalty_class == "lost"
    assert classify(replace(SEEN, index=Decimal(79)), TODAY, numbers).because == "low_index"


def test_every_rule_has_its_words_in_the_order_in_which_it_is_asked():
    words = class_wording.RULES[LOYALTY]
    assert [(code, of) for code, of, _holds in RULES] == [(code, str(of)) for code, (of, _words) in words.items()]
