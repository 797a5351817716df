"""Whom to dial and whether to call at all: the order of persons, refusals, the form's length, visits taken together."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date
from typing import NamedTuple

from revisits.rules.codes import Reason, State

#: several repair orders of one car within so many days are one call (domain 4.1)
MERGE_DAYS = 3
#: one full scored form to a phone within so many days
FULL_FORM_DAYS = 30

#: purpose of a ban -> the purposes of rules that it stops. A complaint is somebody waiting for our answer: only the
#: wish for no contact at all stops its confirming call.
BAN_STOPS: dict[str, frozenset[str]] = {
    "all": frozenset({"revisit", "care", "reminder", "marketing", "complaint"}),
    "revisit": frozenset({"revisit", "care", "reminder"}),
    "marketing": frozenset({"marketing"}),
}

#: the channels of a ban that forbid a telephone call
TELEPHONE = frozenset({"all", "phone"})


class Number(NamedTuple):
    """A number that can be dialled."""

    phone_id: int
    digits: str


class Choice(NamedTuple):
    """The number to dial first, or why there is none."""

    number: Number | None
    reason: Reason | None


def numbers_in_order(whom: Sequence[str], people: Mapping[str, Sequence[Number]]) -> list[Number]:
    """The numbers of the wanted persons in their order, then everybody else's, each number once.

    `whom` is the rule's order ("picker", "bringer", "driver", "owner", "complainant"); `people` maps those words to
    numbers, best first.
    """
    order = [*whom, *(who for who in people if who not in whom)]
    found: dict[str, Number] = {}
    for who in order:
        for number in people.get(who, ()):
            found.setdefault(number.digits, number)
    return list(found.values())


def choose_number(numbers: Sequence[Number], employee_numbers: Collection[str]) -> Choice:
    """The first number that is not an employee's: a call to a colleague would score ourselves."""
    if not numbers:
        return Choice(None, Reason.NO_PHONE)
    for number in numbers:
        if number.digits not in employee_numbers:
            return Choice(number, None)
    return Choice(None, Reason.EMPLOYEE_PHONE)


def bans_against(purpose: str) -> list[str]:
    """The purposes of bans that stop what a rule of this purpose wants to say, by whichever channel."""
    return [ban for ban, purposes in BAN_STOPS.items() if purpose in purposes]


def refusal(purpose: str, *, restricted: bool, bans: Iterable[str]) -> Reason | None:
    """Why a customer is not to be called for a purpose; None when nothing forbids it."""
    if restricted:
        return Reason.RESTRICTED
    for ban in bans:
        if purpose in BAN_STOPS[ban]:
            return Reason.REFUSES_MARKETING if ban == "marketing" else Reason.REFUSES_CALLS
    return None


def told_no(needs_consent: bool, consent: bool | None) -> set[str]:
    """What a customer who has told us that they do not agree to marketing refuses, whatever the rule asks for.

    A rule that needs consent finds out by itself that there is none, and why (consent_problem).
    """
    return {"marketing"} if consent is False and not needs_consent else set()


def consent_problem(needs_consent: bool, *, consent: bool, bans: Collection[str]) -> Reason | None:
    """Why a call that needs the customer's consent must not be made: withdrawn by a ban, or never given."""
    if not needs_consent:
        return None
    if "marketing" in bans:
        return Reason.REFUSES_MARKETING
    return None if consent else Reason.NO_CONSENT


def end_of_vehicle(vehicle_state: str) -> Reason | None:
    """Why a car's state cancels its calls."""
    return {"sold": Reason.VEHICLE_SOLD, "scrapped": Reason.VEHICLE_SCRAPPED}.get(vehicle_state)


def end_of_order(order_state: str, released_on: date | None) -> Reason | None:
    """Why a repair order gives no reason to call any more: void (作废), or no longer settled (反结算)."""
    if order_state == "void":
        return Reason.ORDER_VOID
    return None if order_state == "settled" and released_on else Reason.ORDER_REOPENED


def state_for(reason: Reason | None) -> State:
    """The state in which a task begins, by the reason found for it."""
    return _STATES.get(reason, State.DUE) if reason else State.DUE


_STATES: dict[Reason, State] = {
    Reason.RESTRICTED: State.EXCUSED,
    Reason.REFUSES_CALLS: State.EXCUSED,
    Reason.REFUSES_MARKETING: State.EXCUSED,
    Reason.NO_CONSENT: State.EXCUSED,
    Reason.CONTACT_PRESSURE: State.EXCUSED,
    Reason.NOT_DRAWN: State.EXCUSED,
    Reason.UNKNOWN_CUSTOMER: State.NO_NUMBER,
    Reason.NO_PHONE: State.NO_NUMBER,
    Reason.EMPLOYEE_PHONE: State.NO_NUMBER,
    Reason.BAD_NUMBERS: State.NO_NUMBER,
    Reason.VEHICLE_SOLD: State.CANCELLED,
    Reason.VEHICLE_SCRAPPED: State.CANCELLED,
    Reason.OWNER_CHANGED: State.CANCELLED,
    Reason.ANSWERED: State.CANCELLED,
    Reason.MISSED: State.FAILED,
}


# ---- which form ------------------------------------------------------------------------------------------------------


def is_drawn(anchor_key: str, percent: int) -> bool:
    """Whether an occasion is among the stable pseudo-random `percent` of all: the same answer on every run."""
    digest = hashlib.sha256(anchor_key.encode()).digest()
    return int.from_bytes(digest[:4], "big") % 100 < percent


def form_code(
    plain: str, conditions: Mapping[str, object], *, anchor_key: str, had_full_form: bool, open_complaint: bool
) -> str:
    """The code of the questionnaire to ask; '' for none.

    `conditions` of the rule: `full_form` with `full_form_percent` (the long form for a random share), `short_form`
    (asked instead where the phone had a long form within 30 days), `scored` (an open complaint turns the call into a
    progress call, without a form).
    """
    if open_complaint and conditions.get("scored"):
        return ""
    if had_full_form:
        return str(conditions.get("short_form") or plain)
    full = str(conditions.get("full_form") or "")
    if full and is_drawn(anchor_key, int(str(conditions.get("full_form_percent") or 0))):
        return full
    return plain


# ---- visits taken together -------------------------------------------------------------------------------------------


class Visit(NamedTuple):
    """One occasion of a car, for taking several together."""

    key: int
    vehicle_id: int
    on: date


class Cover(NamedTuple):
    """What covers a visit that needs no call of its own: an open task, or another visit of the same batch."""

    task_id: int | None = None
    visit: int | None = None


def merge_visits(visits: Iterable[Visit], open_tasks: Mapping[int, Sequence[tuple[date, int]]]) -> dict[int, Cover]:
    """What covers those of the visits that need no call of their own.

    `open_tasks` maps a car to its open tasks as (anchor day, id). A visit within MERGE_DAYS of one of them, or of the
    first visit of its group, is covered by it.
    """
    covered: dict[int, Cover] = {}
    head: Visit | None = None
    for visit in sorted(visits, key=lambda one: (one.vehicle_id, one.on, one.key)):
        near = [task for on, task in open_tasks.get(visit.vehicle_id, ()) if abs((visit.on - on).days) <= MERGE_DAYS]
        if near:
            covered[visit.key] = Cover(task_id=near[0])
        elif head and head.vehicle_id == visit.vehicle_id and (visit.on - head.on).days <= MERGE_DAYS:
            covered[visit.key] = Cover(visit=head.key)
        else:
            head = visit
    return covered
