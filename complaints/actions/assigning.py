"""Giving many tickets to one handler: each by the ordinary step, so that whatever refuses one refuses it here too."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import NamedTuple

from django.utils.translation import gettext as _

from complaints.actions.handling import accept
from complaints.actions.steering import reassign
from complaints.models import Complaint, State
from complaints.rules.transitions import BEFORE_ACCEPTANCE
from crm_site.accounts.models import Employee
from crm_site.core.errors import RuleBroken

#: how many tickets are given away in one go
MOST = 200


class Refused(NamedTuple):
    """A ticket that was left as it was, and why."""

    complaint: Complaint
    reason: str


class Assigned(NamedTuple):
    """What came of giving several tickets away."""

    done: list[Complaint]
    refused: list[Refused]


def assign(
    complaints: Iterable[Complaint], *, handler: Employee, by: Mapping[int, Employee], now: datetime
) -> Assigned:
    """Give tickets to one handler: those not accepted yet are accepted, the others change hands.

    `by` is {store: as whom the person acts there}. Each ticket is a transaction of its own: a refused one (the accused,
    another store, no right to assign) is left with its reason, the others are done. More than MOST are refused at once.
    """
    rows = list(complaints)
    if len(rows) > MOST:
        text = _("That is more than %(most)s complaints. Narrow the list with the filters, or tick fewer.")
        raise RuleBroken(text % {"most": MOST}, code="many")
    found = Assigned([], [])
    for complaint in rows:
        try:
            found.done.append(_give(complaint, handler, by.get(complaint.store_id), now))
        except RuleBroken as refused:
            found.refused.append(Refused(complaint, refused.message))
    return found


def _give(complaint: Complaint, handler: Employee, by: Employee | None, now: datetime) -> Complaint:
    if by is None:
        raise RuleBroken(_("You do not assign complaints in this store."), code="role")
    if complaint.handler_id == handler.pk and complaint.state not in BEFORE_ACCEPTANCE:
        raise RuleBroken(_("%(name)s handles it already.") % {"name": handler.name}, code="same")
    step = accept if State(complaint.state) in BEFORE_ACCEPTANCE else reassign
    return step(complaint.pk, handler=handler, by=by, now=now)
