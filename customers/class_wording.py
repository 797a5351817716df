"""Words of the classes: why somebody is in one, by which numbers, and why customers leave."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from customers.models import DefectionType, Lifecycle, LoyaltyClass, ValueClass
from customers.rules.definitions import LIFECYCLE, LOYALTY, VALUE, Numbers

Words = str | Promise

SCHEMES: dict[str, Words] = {
    LOYALTY: gettext_lazy("After-sales class"),
    VALUE: gettext_lazy("Value class"),
    LIFECYCLE: gettext_lazy("Lifecycle"),
}
CLASSES: dict[str, Any] = {LOYALTY: LoyaltyClass, VALUE: ValueClass, LIFECYCLE: Lifecycle}
#: class -> how a status shows it
KINDS = {
    "loyal": "ok", "ordinary": "line", "complaining": "bad", "lost": "warn",
    "gold": "ok", "a": "line", "b": "line", "c": "line", "drag": "line",
    "prospect": "line", "new": "line", "active": "ok", "at_risk": "warn", "former": "line",
}  # fmt: skip
ICONS = {LOYALTY: "person-heart", VALUE: "star", LIFECYCLE: "arrow-repeat"}

#: {scheme: {code of the rule: (class, what must hold)}}, in the order in which they are asked
RULES: dict[str, dict[str, tuple[str, Words]]] = {
    LOYALTY: {
        "open_complaint": (LoyaltyClass.COMPLAINING, gettext_lazy("a complaint or grievance is open")),
        "dissatisfied": (
            LoyaltyClass.COMPLAINING,
            gettext_lazy("a complaint was closed within %(sore_months)d months, and the customer was not satisfied"),
        ),
        "pending_low": (LoyaltyClass.COMPLAINING, gettext_lazy("a low answer waits for a decision")),
        "low_index": (
            LoyaltyClass.COMPLAINING,
            gettext_lazy("the last valid response within a year scores below %(unhappy_below)d"),
        ),
        "not_seen": (
            LoyaltyClass.LOST,
            gettext_lazy("no counting visit for more than %(lost_months)d months, with a car in care"),
        ),
        "devoted": (
            LoyaltyClass.LOYAL,
            gettext_lazy(
                "at least %(loyal_visits)d counting visits within 12 months, would come again or recommends with "
                "%(devoted_from)d of 100 or more, no complaint"
            ),
        ),
        "comes": (LoyaltyClass.ORDINARY, gettext_lazy("has a car in care or has come, and nothing else applies")),
    },
    VALUE: {
        "stated": ("", gettext_lazy("a person or a list has stated it; the night leaves it")),
        "top": (
            ValueClass.GOLD,
            gettext_lazy("among the first %(gold_percent)d%% by what they brought in the last 12 months"),
        ),
        "bottom": (
            ValueClass.DRAG,
            gettext_lazy("among the last %(drag_percent)d%% of those who brought something in the last 12 months"),
        ),
        "points": (
            "",
            gettext_lazy(
                "points: place by contribution %(weight_contribution)d%%, potential %(weight_potential)d%%, loyalty "
                "%(weight_loyalty)d%%; class A from %(a_from)d, B from %(b_from)d, else C"
            ),
        ),
        "idle": (
            "",
            gettext_lazy(
                "no business in the last 12 months but a car in care: by the points of potential and loyalty alone"
            ),
        ),
    },
    LIFECYCLE: {
        "no_car_yet": (Lifecycle.PROSPECT, gettext_lazy("never had a car from us and was never here")),
        "no_car_now": (Lifecycle.FORMER, gettext_lazy("has no car in care any more")),
        "not_seen": (Lifecycle.LOST, gettext_lazy("not seen for more than %(lost_months)d months")),
        "told": (
            Lifecycle.AT_RISK,
            gettext_lazy("told within %(told_months)d months why they stay away, and has not come since"),
        ),
        "seldom": (Lifecycle.AT_RISK, gettext_lazy("not seen for more than %(risk_months)d months")),
        "missed": (
            Lifecycle.AT_RISK,
            gettext_lazy("maintenance is overdue by more than %(missed_days)d days"),
        ),
        "begun": (Lifecycle.NEW, gettext_lazy("first delivery or visit within %(new_months)d months")),
        "comes": (Lifecycle.ACTIVE, gettext_lazy("none of these: comes as expected")),
    },
}
#: how the potential is reckoned
POTENTIAL = gettext_lazy(
    "Potential: one mark for each car in care (at most 3), and one each where a car is out of warranty, is "
    "%(replace_years)d years old, or was not insured here, and for an enterprise; high from %(high_from)d marks, "
    "middle from %(middle_from)d."
)

#: names of the numbers that a definition holds
NUMBERS: dict[str, dict[str, Words]] = {
    LOYALTY: {
        "lost_months": gettext_lazy("Lost after months without a visit"),
        "sore_months": gettext_lazy("Months for which a complaint closed unhappily counts"),
        "loyal_visits": gettext_lazy("Loyal from visits within 12 months"),
        "unhappy_below": gettext_lazy("Complaining below an index of"),
        "devoted_from": gettext_lazy("Loyal from a willingness to come again of (of 100)"),
    },
    VALUE: {
        "gold_percent": gettext_lazy("Gold: the first per cent"),
        "drag_percent": gettext_lazy("Drag: the last per cent"),
        "weight_contribution": gettext_lazy("Weight of the contribution"),
        "weight_potential": gettext_lazy("Weight of the potential"),
        "weight_loyalty": gettext_lazy("Weight of the loyalty"),
        "a_from": gettext_lazy("Class A from points"),
        "b_from": gettext_lazy("Class B from points"),
        "replace_years": gettext_lazy("A car may be replaced after years"),
        "high_from": gettext_lazy("High potential from marks"),
        "middle_from": gettext_lazy("Middle potential from marks"),
    },
    LIFECYCLE: {
        "new_months": gettext_lazy("New for months"),
        "risk_months": gettext_lazy("At risk after months without a visit"),
        "missed_days": gettext_lazy("At risk after days over the maintenance date"),
        "told_months": gettext_lazy("Months for which a told reason counts"),
        "lost_months": gettext_lazy("Lost after months without a visit"),
    },
}

#: domain 4.3
REASONS: dict[str, Words] = {
    "fees": gettext_lazy("Labour or parts too dear"),
    "few_offers": gettext_lazy("Few offers"),
    "faults": gettext_lazy("Quality or faults"),
    "changed_car": gettext_lazy("Changed or sold the car"),
    "attitude": gettext_lazy("Attitude of our people"),
    "waiting": gettext_lazy("Long waiting"),
    "not_repaired": gettext_lazy("Not really repaired"),
    "broken_promise": gettext_lazy("Promise not kept"),
    "moved": gettext_lazy("Moved, or too far"),
    "unit_decides": gettext_lazy("Employer decides where"),
    "seldom_driven": gettext_lazy("Car is seldom driven"),
    "other": gettext_lazy("Other reason"),
    "out_of_touch": gettext_lazy("Out of touch"),
}


def reason(scheme: str, code: str, numbers: Mapping[str, Numbers]) -> str:
    """Why a customer is in their class, by the numbers that hold; '' for a rule that is not known."""
    known = RULES[scheme].get(code)
    return str(known[1]) % numbers[scheme] if known else ""


def word(scheme: str, code: str) -> str:
    """A class in the reader's language; '' for none."""
    return str(dict(CLASSES[scheme].choices).get(code, code))


def rules(scheme: str, numbers: Mapping[str, Numbers]) -> list[dict[str, str]]:
    """How a scheme classes, rule by rule: [{word: the class, why: what must hold}]."""
    return [
        {"word": word(scheme, str(of)) if of else "", "why": reason(scheme, code, numbers)}
        for code, (of, _words) in RULES[scheme].items()
    ]


def after_words(scheme: str, numbers: Mapping[str, Numbers]) -> list[str]:
    """What is to be said below the rules of a scheme."""
    if scheme != VALUE:
        return []
    return [
        str(POTENTIAL) % numbers[VALUE],
        _(
            "What counts: settled orders released in the last 12 months up to today, without PDI and internal work; "
            "cars bought do not count. Equal contributions share the better place."
        ),
    ]


def leaving(kind: str, code: str) -> str:
    """Why somebody leaves: kind and reason in words, '' where nothing is known."""
    words: Iterable[str] = filter(None, (str(dict(DefectionType.choices).get(kind, "")), str(REASONS.get(code, ""))))
    return _(": ").join(words)
