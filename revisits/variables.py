"""The variables of scripts: what each stands for, its value in one call, and an example for looking at a script.

Scripts are read to customers in Chinese, whatever the language of the page around them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from customers.models import Contact, Customer, JobType
from revisits.defaults import spoken
from revisits.models import Anchor, Joined, Revisit

#: how long the call takes, by the number of questions
SHORT, LONG, MANY_QUESTIONS = 3, 5, 12

#: name -> its meaning, as offered to whoever writes a script
VARIABLES: dict[str, str | Promise] = {
    "customer": _("Name of whoever answers, else the customer's"),
    "salutation": _("Mr, Mrs, or as the archive knows it; empty for an enterprise"),
    "store": _("Store's short name"),
    "me": _("Name of the caller"),
    "car": _("Model of the car"),
    "plate": _("Plate of the car"),
    "date": _("Day of the delivery, the visit or the complaint"),
    "what": _("What was done on that day"),
    "due": _("Day that a reminder is about: service, insurance, inspection, warranty"),
    "last_visit": _("Day of the last visit"),
    "years": _("Years since the delivery"),
    "minutes": _("How long the call takes"),
    "purposes": _("What else the call is for"),
    "hotline": _("Store's hotline"),
}

_VARIABLE = re.compile(r"\{(\w+)\}")
#: anything in braces: what is not a plain known name is a slip
_BRACED = re.compile(r"\{([^{}]*)\}")


class Piece(NamedTuple):
    """A stretch of the text; a filled-in one is shown strong, so that it is read with care."""

    text: str
    is_variable: bool


def pieces(body: str, values: dict[str, str]) -> list[Piece]:
    """Text and filled-in variables in turn; a variable that nobody knows stays as it is written, for all to see."""
    found, end = [], 0
    for match in _VARIABLE.finditer(body):
        if match.start() > end:
            found.append(Piece(body[end : match.start()], False))
        known = match[1] in values
        found.append(Piece(values[match[1]] if known else match[0], known))
        end = match.end()
    return [*found, Piece(body[end:], False)] if end < len(body) else found


def unknown(body: str) -> list[str]:
    """What stands in braces and is no variable, each once; '{' or '}' for a brace without its partner."""
    names = [name for name in _BRACED.findall(body) if name not in VARIABLES]
    rest = _BRACED.sub("", body)
    return [*dict.fromkeys(f"{{{name}}}" for name in names), *(brace for brace in "{}" if brace in rest)]


def example() -> dict[str, str]:
    """The variables for an invented customer, to look at a script by."""
    return dict(spoken.EXAMPLE)


# ---- in one call -----------------------------------------------------------------------------------------------------


def values_for(
    revisit: Revisit, *, me: str, contact: Contact | None, questions: int, joined: Iterable[Revisit] = ()
) -> dict[str, str]:
    """The variables of a script for one call.

    `me` is the caller, `contact` who answers (None for the customer), `joined` the further tasks of the same call.
    """
    person = contact or revisit.customer
    return {
        "customer": person.name if person else spoken.SOMEBODY,
        "salutation": salutation(person),
        "store": revisit.store.short_name,
        "me": me,
        "car": car(revisit),
        "plate": (revisit.vehicle.plate_no if revisit.vehicle else "") or spoken.NO_PLATE,
        "date": _spoken(_day(revisit), revisit.due_on),
        "what": _what(revisit),
        "due": _spoken(revisit.anchor_on, revisit.due_on),
        "last_visit": _last_visit(revisit),
        "years": str(_years(revisit)),
        "minutes": str(LONG if questions > MANY_QUESTIONS else SHORT),
        "purposes": purposes(joined),
        "hotline": hotline(revisit.store.hotline),
    }


def salutation(person: Customer | Contact | None) -> str:
    """How somebody is addressed; both forms where the archive does not know, none for an enterprise."""
    if person is None:
        return spoken.EITHER
    if getattr(person, "customer_type", "") == "org":
        return ""
    return getattr(person, "salutation", "") or spoken.SALUTATIONS.get(person.sex, spoken.EITHER)


def car(revisit: Revisit) -> str:
    """The car as one would say it."""
    vehicle = revisit.vehicle
    return (vehicle.model or vehicle.series or spoken.CAR) if vehicle else spoken.CAR


def hotline(number: str) -> str:
    """The store's hotline as one would say it, also where it is not written down."""
    return spoken.HOTLINE.format(number=number) if number else spoken.OUR_HOTLINE


def purposes(joined: Iterable[Revisit]) -> str:
    """What else a call is for, each kind once; '' for nothing."""
    words = dict.fromkeys(
        spoken.OTHER_CAR if task.joined_as == Joined.FLEET else spoken.PURPOSE[Anchor(task.rule_version.anchor)]
        for task in joined
    )
    *others, last = words or [""]
    return spoken.AND.join([spoken.COMMA.join(others), last] if others else [last])


def _day(revisit: Revisit) -> date:
    """The day that the customer remembers, not the one that the rule counts from."""
    return revisit.complaint.received_on if revisit.complaint else revisit.anchor_on


def _spoken(day: date, around: date) -> str:
    """A day as one would say it: with its year only where it is another one."""
    pattern = spoken.DAY if day.year == around.year else spoken.DAY_OF_YEAR
    return pattern.format(year=day.year, month=day.month, day=day.day)


def _what(revisit: Revisit) -> str:
    if revisit.complaint_id:
        return spoken.COMPLAINED
    if revisit.repair_order:
        return spoken.WHAT_OF_JOB.get(JobType(revisit.repair_order.job_type), spoken.SERVICED)
    return spoken.DELIVERED


def _last_visit(revisit: Revisit) -> str:
    seen = revisit.vehicle.last_seen_on if revisit.vehicle else None
    return _spoken(seen, revisit.due_on) if seen else spoken.LONG_AGO


def _years(revisit: Revisit) -> int:
    """Whole years of the anniversary that is called about, at least one."""
    since = revisit.delivery.delivered_on if revisit.delivery else revisit.vehicle and revisit.vehicle.purchased_on
    return max(1, revisit.due_on.year - since.year) if since else 1
