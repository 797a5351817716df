"""忠诚/一般/抱怨/流失: in which class of service customers somebody is, by what they did and said, as one table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from crm_site.core.dates import add_months
from customers.rules import definitions
from customers.rules.definitions import Numbers

LOYAL, ORDINARY, COMPLAINING, LOST = "loyal", "ordinary", "complaining", "lost"
#: months within which visits, complaints and answers are looked for
YEAR = 12
#: the numbers as shipped; what each says stands in customers.wording, and a store may set its own
SHIPPED = definitions.shipped(definitions.LOYALTY)


@dataclass
class Facts:
    """What is known of one customer as of a day."""

    #: has a car in care (有效保有), and when the one that came last was seen
    has_car: bool = False
    seen_on: date | None = None
    #: counting visits within the year, a car and day each
    visits: int = 0
    #: a complaint or grievance that is open; the day on which the last one was closed with a dissatisfied customer
    has_open: bool = False
    sore_on: date | None = None
    #: complaints within the year
    complaints: int = 0
    #: a low answer waits for a decision; the last valid index and the last answer about coming again or recommending
    is_pending: bool = False
    index: Decimal | None = None
    devotion: Decimal | None = None


class Found(NamedTuple):
    """The class and the code of the rule that put the customer there; both '' where no rule speaks of them."""

    loyalty_class: str
    because: str


def _is_sore(facts: Facts, numbers: Numbers, today: date) -> bool:
    return facts.sore_on is not None and facts.sore_on >= add_months(today, -numbers["sore_months"])


def _is_lost(facts: Facts, numbers: Numbers, today: date) -> bool:
    if not facts.has_car:
        return False
    return facts.seen_on is None or facts.seen_on < add_months(today, -numbers["lost_months"])


def _is_unhappy(facts: Facts, numbers: Numbers, _today: date) -> bool:
    """An index below this is a complaint that nobody made."""
    return facts.index is not None and facts.index < numbers["unhappy_below"]


def _is_loyal(facts: Facts, numbers: Numbers, _today: date) -> bool:
    devoted = facts.devotion is not None and facts.devotion >= numbers["devoted_from"]
    return facts.visits >= numbers["loyal_visits"] and devoted and not facts.complaints


#: (code, class, what must hold); the first that holds decides
RULES: tuple[tuple[str, str, Callable[[Facts, Numbers, date], bool]], ...] = (
    ("open_complaint", COMPLAINING, lambda facts, _numbers, _today: facts.has_open),
    ("dissatisfied", COMPLAINING, _is_sore),
    ("pending_low", COMPLAINING, lambda facts, _numbers, _today: facts.is_pending),
    ("low_index", COMPLAINING, _is_unhappy),
    ("not_seen", LOST, _is_lost),
    ("devoted", LOYAL, _is_loyal),
    ("comes", ORDINARY, lambda facts, _numbers, _today: facts.has_car or facts.visits > 0),
)


def classify(facts: Facts, today: date, numbers: Numbers = SHIPPED) -> Found:
    """The class of one customer by the first rule that holds."""
    for code, loyalty_class, holds in RULES:
        if holds(facts, numbers, today):
            return Found(loyalty_class, code)
    return Found("", "")
