"""金牌/A/B/C/拖累: what a customer is worth, by last year's contribution among all, potential and loyalty."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import NamedTuple

from crm_site.core.dates import add_months
from customers.rules.definitions import Numbers

GOLD, A, B, C, DRAG = "gold", "a", "b", "c", "drag"
HIGH, MIDDLE, LOW = "high", "middle", "low"
#: what the class of service customers is worth in points
LOYALTY_POINTS = {"loyal": 100, "ordinary": 50, "": 50, "complaining": 25, "lost": 0}
POTENTIAL_POINTS = {HIGH: 100, MIDDLE: 50, LOW: 0, "": 0}
#: cars that count towards the potential
MOST_CARS = 3
_CENT = Decimal("0.01")


class CarFacts(NamedTuple):
    """What is known of one car in care."""

    bought_on: date | None = None
    warranty_until: date | None = None
    #: whether it was insured here when it was handed over; None where that is not known
    insured_here: bool | None = None


@dataclass
class Worth:
    """What is known of one customer as of a day."""

    #: yuan of the year's settled orders; None without an order in the year
    amount: Decimal | None = None
    cars: tuple[CarFacts, ...] = ()
    loyalty: str = ""
    is_org: bool = False


class Found(NamedTuple):
    """The class, the code of the rule that decided, in which per cent from the top, and the potential."""

    value_class: str
    because: str
    share: Decimal | None
    potential: str


class Ranking:
    """The contributions of all customers of a store who had business in the year.

    Equal contributions share the better place, so that no two customers who brought the same differ in class.
    """

    def __init__(self, amounts: Iterable[Decimal]) -> None:
        self._sorted = sorted(amounts)

    def __len__(self) -> int:
        return len(self._sorted)

    def place(self, amount: Decimal) -> int:
        """From the top, 1 for the greatest: one more than those who brought more."""
        return len(self._sorted) - bisect_right(self._sorted, amount) + 1

    def share(self, amount: Decimal) -> Decimal:
        """In which per cent from the top (18 = 前 18%), with two decimals, rounded half up."""
        return (Decimal(100 * self.place(amount)) / len(self)).quantize(_CENT, ROUND_HALF_UP)

    def points(self, amount: Decimal) -> Decimal:
        """100 for the first place, down to 100/n for the last."""
        return Decimal(100 * (len(self) - self.place(amount) + 1)) / len(self)

    def is_gold(self, amount: Decimal, numbers: Numbers) -> bool:
        """Among the first per cents, rounded down, but at least the first place; nobody who brought nothing."""
        seats = max(1, len(self) * numbers["gold_percent"] // 100)
        return amount > 0 and self.place(amount) <= seats

    def is_drag(self, amount: Decimal, numbers: Numbers) -> bool:
        """Among the last per cents, rounded down; of equals at the limit none."""
        return self.place(amount) > len(self) - len(self) * numbers["drag_percent"] // 100


def potential(worth: Worth, numbers: Numbers, today: date) -> str:
    """How much more business there could be; '' without a car in care.

    One mark for each car (at most 3), one each where a car is out of warranty, is due to be replaced, or was not
    insured here, one for an enterprise.
    """
    if not worth.cars:
        return ""
    old = add_months(today, -12 * numbers["replace_years"])
    signs = (
        any(car.warranty_until is not None and car.warranty_until < today for car in worth.cars),
        any(car.bought_on is not None and car.bought_on <= old for car in worth.cars),
        any(car.insured_here is False for car in worth.cars),
        worth.is_org,
    )
    marks = min(len(worth.cars), MOST_CARS) + sum(signs)
    if marks >= numbers["high_from"]:
        return HIGH
    return MIDDLE if marks >= numbers["middle_from"] else LOW


def points(worth: Worth, more: str, ranking: Ranking, numbers: Numbers) -> Decimal:
    """0–100: contribution, potential and loyalty by their weights."""
    brought = ranking.points(worth.amount) if worth.amount is not None else Decimal(0)
    weighted = (
        brought * numbers["weight_contribution"]
        + POTENTIAL_POINTS[more] * numbers["weight_potential"]
        + LOYALTY_POINTS[worth.loyalty] * numbers["weight_loyalty"]
    )
    return weighted / 100


def classify(worth: Worth, ranking: Ranking, numbers: Numbers, today: date) -> Found:
    """The class of one customer: gold and drag by place alone, the others by points; '' without car and business."""
    more = potential(worth, numbers, today)
    amount = worth.amount
    if amount is None:
        if not worth.cars:
            return Found("", "", None, more)
        return Found(_band(points(worth, more, ranking, numbers), numbers), "idle", None, more)
    share = ranking.share(amount)
    if ranking.is_gold(amount, numbers):
        return Found(GOLD, "top", share, more)
    if ranking.is_drag(amount, numbers):
        return Found(DRAG, "bottom", share, more)
    return Found(_band(points(worth, more, ranking, numbers), numbers), "points", share, more)


def _band(reached: Decimal, numbers: Numbers) -> str:
    if reached >= numbers["a_from"]:
        return A
    return B if reached >= numbers["b_from"] else C
