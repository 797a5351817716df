"""What the row that stays takes over from its twin that gives way, so that nothing known and no refusal is lost."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db.models import Model

from crm_site.privacy.rules import merging as rules
from customers.models import Contact, FactCheck, Phone, ProfileRefusal, VehicleRole, YearValue

Values = dict[str, Any]


def unite(stays: Model, goes: Model) -> Values:
    """The columns of `stays` as both rows together say them; {} for tables in which one row says all."""
    how: Callable[[Any, Any], Values] | None = _HOW.get(type(stays))
    return how(stays, goes) if how else {}


def _phone(stays: Phone, goes: Phone) -> Values:
    """A number that either card calls the customer's own is; the latest word says whether it is good."""
    good = rules.later(stays.good_on, goes.good_on)
    found_bad = [(row.bad_since, row.bad_reason) for row in (stays, goes) if row.bad_since]
    since, reason = max(found_bad, key=lambda bad: bad[0], default=(None, ""))
    is_bad = since is not None and (good is None or good < since)
    return {
        "contact_id": stays.contact_id if goes.contact_id else None,
        "good_on": good,
        "bad_since": since if is_bad else None,
        "bad_reason": reason if is_bad else "",
    }


def _contact(stays: Contact, goes: Contact) -> Values:
    names = ("sex", "birthday", "title")
    filled = {name: getattr(goes, name) for name in names if rules.is_empty(getattr(stays, name))}
    if stays.identity == Contact.Identity.OTHER:
        filled["identity"] = goes.identity
    return filled


def _role(stays: VehicleRole, goes: VehicleRole) -> Values:
    return {"since": rules.earlier(stays.since, goes.since)}


def _year(stays: YearValue, goes: YearValue) -> Values:
    return {"amount": stays.amount + goes.amount, "visits": stays.visits + goes.visits}


def _untold(stays: ProfileRefusal, goes: ProfileRefusal) -> Values:
    return {"asked_on": rules.later(stays.asked_on, goes.asked_on)}


def _check(stays: FactCheck, goes: FactCheck) -> Values:
    """What somebody still waits to hear is still to be asked."""
    if stays.done_on is None or goes.done_on is not None:
        return {}
    columns = ("reason", "asked_on", "asked_by_id", "done_on", "done_by_id", "outcome")
    return {name: getattr(goes, name) for name in columns}


_HOW: dict[type[Model], Callable[[Any, Any], Values]] = {
    Phone: _phone,
    Contact: _contact,
    VehicleRole: _role,
    YearValue: _year,
    ProfileRefusal: _untold,
    FactCheck: _check,
}
