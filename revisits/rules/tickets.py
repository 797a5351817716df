"""Which ticket a low answer becomes: what it is about, and the customer's words as they are written down."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import NamedTuple

OTHER = "other"
NOTHING = Decimal(0)

#: question -> category of the ticket that its low answer opens
CATEGORY_OF = {
    # sales
    "manner": "sales.attitude",
    "expertise": "sales.attitude",
    "test_drive": "sales.attitude",
    "price_fair": "sales.price",
    "charges_clear": "sales.price",
    "payment_easy": "sales.paperwork",
    "car_clean": "sales.delivery_time",
    "controls": "sales.attitude",
    "maintenance": "sales.attitude",
    "explained": "sales.attitude",
    "problems_solved": "sales.promise",
    # service
    "booking": "service.waiting",
    "reception": "service",
    "received_at_once": "service.waiting",
    "reception_manner": "service.attitude",
    "reception_expertise": "service.expertise",
    "waiting": "service.waiting",
    "hand_back": "service.explanation",
    "diagnosis": "repair.misdiagnosis",
    "fixed_first_time": "repair.not_fixed",
    "technician_manner": "repair",
    "repaired_now": "repair.rework",
    "cause_explained": "service.explanation",
    "rework_handling": "repair.rework",
    "labour_price": "charges.labour",
    "parts_price": "charges.parts",
    "charges_explained": "charges.transparency",
    "charges_transparent": "charges.transparency",
    "started_at_once": "time",
    # premises
    "signage": "environment",
    "showroom_tidy": "environment",
    "showroom_comfort": "environment",
    "display_cars": "environment",
    "clean": "environment",
    "lounge": "environment",
    "clean_comfortable": "environment",
}
#: questions that the sales tree and the service tree ask in the same words
BY_KIND = {
    ("on_time", "sales"): "sales.delivery_time",
    ("on_time", "service"): "time.overrun",
    ("follow_up_call", "sales"): "sales.promise",
    ("follow_up_call", "service"): "service",
}


class LowAnswer(NamedTuple):
    """One low answer: the question's code, what it is worth on 0–100, its weight, and the customer's words."""

    code: str
    normalised: Decimal
    weight: Decimal
    words: str


def gravest(answers: Iterable[LowAnswer]) -> LowAnswer | None:
    """The low answer that the ticket is about: the lowest, among equals the heaviest; None without any."""
    return min(answers, key=lambda one: (one.normalised, -one.weight), default=None)


def category_code(code: str, kind: str) -> str:
    """The category that a low answer to a question belongs to; `kind` is the questionnaire's."""
    return BY_KIND.get((code, kind)) or CATEGORY_OF.get(code, OTHER)


def words_of(answers: Iterable[LowAnswer]) -> str:
    """The customer's words of all low answers, each once, gravest first, one a line."""
    ordered = sorted(answers, key=lambda one: (one.normalised, -one.weight))
    return "\n".join(dict.fromkeys(one.words.strip() for one in ordered))
