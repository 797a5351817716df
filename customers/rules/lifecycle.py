"""潜在/新/活跃/流失预警/已流失/历史: where a customer stands, as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from crm_site.core.dates import add_months
from customers.rules.definitions import Numbers

PROSPECT, NEW, ACTIVE, AT_RISK, LOST, FORMER = "prospect", "new", "active", "at_risk", "lost", "former"


@dataclass
class Facts:
    """What is known of one customer as of a day."""

    #: ever had a car, a delivery or a repair order with us
    had_business: bool = False
    #: has a car in care (有效保有), when the one that came last was seen, and when the next one is to come again
    has_car: bool = False
    seen_on: date | None = None
    maintenance_on: date | None = None
    #: the first delivery or visit
    first_on: date | None = None
    #: the day on which they told why they stay away
    told_on: date | None = None


class Found(NamedTuple):
    """The stage and the code of the rule that put the customer there."""

    lifecycle: str
    because: str


def _not_seen(facts: Facts, numbers: Numbers, today: date) -> bool:
    return facts.seen_on is None or facts.seen_on < add_months(today, -numbers["lost_months"])


def _told(facts: Facts, numbers: Numbers, today: date) -> bool:
    """Said why they stay away, lately, and has not come since."""
    told = facts.told_on
    if told is None or told < add_months(today, -numbers["told_months"]):
        return False
    return facts.seen_on is None or facts.seen_on <= told


def _seldom(facts: Facts, numbers: Numbers, today: date) -> bool:
    return facts.seen_on is not None and facts.seen_on < add_months(today, -numbers["risk_months"])


def _missed(facts: Facts, numbers: Numbers, today: date) -> bool:
    day = facts.maintenance_on
    return day is not None and day < today - timedelta(days=numbers["missed_days"])


def _begun(facts: Facts, numbers: Numbers, today: date) -> bool:
    return facts.first_on is not None and facts.first_on >= add_months(today, -numbers["new_months"])


#: (code, stage, what must hold); the first that holds decides
RULES: tuple[tuple[str, str, Callable[[Facts, Numbers, date], bool]], ...] = (
    ("no_car_yet", PROSPECT, lambda facts, _numbers, _today: not facts.had_business and not facts.has_car),
    ("no_car_now", FORMER, lambda facts, _numbers, _today: not facts.has_car),
    ("not_seen", LOST, _not_seen),
    ("told", AT_RISK, _told),
    ("seldom", AT_RISK, _seldom),
    ("missed", AT_RISK, _missed),
    ("begun", NEW, _begun),
    ("comes", ACTIVE, lambda _facts, _numbers, _today: True),
)


def classify(facts: Facts, numbers: Numbers, today: date) -> Found:
    """The stage of one customer by the first rule that holds."""
    return next(Found(stage, code) for code, stage, holds in RULES if holds(facts, numbers, today))
