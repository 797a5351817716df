"""The text to read aloud: a script's steps with the customer, the car and the occasion filled in.

Scripts are read to customers in Chinese, whatever the language of the page around them.
"""

from __future__ import annotations

import re
from datetime import date
from typing import NamedTuple

from customers.models import Contact, Customer, JobType
from revisits.defaults import spoken
from revisits.models import Revisit, Script, ScriptVersion

#: how long the call takes, by the number of questions
SHORT, LONG, MANY_QUESTIONS = 3, 5, 12

_VARIABLE = re.compile(r"\{(\w+)\}")


class Piece(NamedTuple):
    """A stretch of the text; a filled-in one is shown strong, so that it is read with care."""

    text: str
    is_variable: bool


class Step(NamedTuple):
    """One step of the script, ready to be read."""

    label: str
    pieces: list[Piece]


def current_version(script: Script | None) -> ScriptVersion | None:
    """The version of a script that is read now, with its steps at hand; None without a script."""
    if script is None:
        return None
    return script.versions.filter(is_current=True).prefetch_related("steps").first()


def steps(version: ScriptVersion | None, values: dict[str, str]) -> list[Step]:
    """The steps of a script with its variables filled in."""
    return [Step(step.label, pieces(step.body, values)) for step in version.steps.all()] if version else []


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


def values_for(revisit: Revisit, *, me: str, contact: Contact | None, questions: int) -> dict[str, str]:
    """The variables of a script for one call; `me` is the caller, `contact` who answers, None for the customer."""
    person = contact or revisit.customer
    return {
        "customer": person.name if person else spoken.SOMEBODY,
        "salutation": salutation(person),
        "store": revisit.store.short_name,
        "me": me,
        "car": car(revisit),
        "date": _spoken(_day(revisit)),
        "what": _what(revisit),
        "minutes": str(LONG if questions > MANY_QUESTIONS else SHORT),
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


def _day(revisit: Revisit) -> date:
    """The day that the customer remembers, not the one that the rule counts from."""
    return revisit.complaint.received_on if revisit.complaint else revisit.anchor_on


def _spoken(day: date) -> str:
    return spoken.DAY.format(month=day.month, day=day.day)


def _what(revisit: Revisit) -> str:
    if revisit.complaint_id:
        return spoken.COMPLAINED
    if revisit.repair_order:
        return spoken.WHAT_OF_JOB.get(JobType(revisit.repair_order.job_type), spoken.SERVICED)
    return spoken.DELIVERED
