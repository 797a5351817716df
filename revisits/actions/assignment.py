"""A manager's hand in the pool: giving calls to somebody, taking them back, letting somebody call who served."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.notices.actions import tell
from revisits import queries
from revisits.actions.tasks import held_message, is_held_by_another
from revisits.models import Revisit
from revisits.queries import team

#: a reason shorter than this explains nothing
SHORTEST_REASON = 4


class Refused(NamedTuple):
    """A call that was left as it was, and why."""

    revisit: Revisit
    reason: str


class Assigned(NamedTuple):
    """What came of giving several calls away."""

    done: list[Revisit]
    refused: list[Refused]


@transaction.atomic
def assign(revisit_ids: Collection[int], *, to: Employee, by: Employee, now: datetime) -> Assigned:
    """Give open calls to one person, promises included; those that cannot be given are left, with the reason.

    Refuses as a whole somebody of another store or who has left, and more than team.MOST calls at once.
    """
    _check_taker(to, by, now)
    if len(set(revisit_ids)) > team.MOST:
        raise RuleBroken(_("That is more than %(most)s calls. Choose fewer.") % {"most": team.MOST}, code="many")
    rows = _locked(revisit_ids, by)
    conflicted = set(team.barred(rows, to).values_list("pk", flat=True))
    found = Assigned([], [])
    for revisit in rows:
        problem = _problem(revisit, to, conflicted, now)
        if problem:
            found.refused.append(Refused(revisit, problem))
            continue
        before = revisit.assigned_to_id
        _give(revisit, to)
        trail.record(by, "revisit.assigned", revisit, employee=(before, to.pk))
        found.done.append(revisit)
    _tell(to, by, found.done)
    return found


@transaction.atomic
def unassign(revisit_ids: Collection[int], *, by: Employee, now: datetime) -> Assigned:
    """Give calls back to the pool that a manager had given to somebody; a permission goes with it."""
    found = Assigned([], [])
    for revisit in _locked(revisit_ids, by):
        if revisit.assigned_to_id is None:
            continue
        if not revisit.is_open or is_held_by_another(revisit, by, now):
            found.refused.append(Refused(revisit, _ended_or_held(revisit)))
            continue
        before = revisit.assigned_to_id
        _give(revisit, None)
        trail.record(by, "revisit.unassigned", revisit, employee=(before, None))
        found.done.append(revisit)
    return found


@transaction.atomic
def allow(revisit_id: int, *, to: Employee, reason: str, by: Employee, now: datetime) -> Revisit:
    """Let somebody make a call whose customer they served, because nobody else is there; counted in the report.

    Refuses the person whom the complaint is about, a call that somebody at the desk may make, one that this person may
    make anyway, and a permission without a reason.
    """
    _check_taker(to, by, now)
    text = reason.strip()
    if len(text) < SHORTEST_REASON:
        raise RuleBroken(_("Write why nobody else makes this call. It is counted and shown."), field="reason")
    (revisit,) = _locked([revisit_id], by)
    _check_allowing(revisit, to, by, now)
    _give(revisit, to)
    revisit.override_by, revisit.override_reason = by, text[:200]
    revisit.save(update_fields=["override_by", "override_reason"])
    trail.record(by, "revisit.allowed", revisit, employee=to.pk, reason=revisit.override_reason)
    _tell(to, by, [revisit])
    return revisit


def _check_allowing(revisit: Revisit, to: Employee, by: Employee, now: datetime) -> None:
    """Refuse a permission that is not needed, or that nobody can give."""
    if not revisit.is_open or is_held_by_another(revisit, by, now):
        raise RuleBroken(_ended_or_held(revisit), code="held")
    row = Revisit.objects.filter(pk=revisit.pk)
    if row.filter(queries.accused_by(to)).exists():
        text = _("The complaint is about %(name)s. Nobody can allow them to make this call.")
        raise RuleBroken(text % {"name": to.name}, code="accused", field="to")
    if not team.barred([revisit], to).exists():
        text = _("%(name)s may make this call without a permission. Assign it instead.")
        raise RuleBroken(text % {"name": to.name}, code="needless", field="to")
    able = team.eligible(revisit, clock.business_day(now))
    if able:
        names = _(", ").join(person.name for person in able)
        text = _("%(names)s can make this call. A permission is only for calls that nobody else can make.")
        raise RuleBroken(text % {"names": names}, code="eligible", field="to")


def _check_taker(to: Employee, by: Employee, now: datetime) -> None:
    if to.store_id != by.store_id:
        raise RuleBroken(_("Choose somebody of this store."), field="to")
    if to.left_on and to.left_on < clock.business_day(now):
        raise RuleBroken(_("%(name)s has left. Choose somebody else.") % {"name": to.name}, field="to")


def _locked(revisit_ids: Collection[int], by: Employee) -> list[Revisit]:
    """The calls of the manager's store, locked in one order."""
    rows = Revisit.objects.select_for_update(of=("self",)).filter(pk__in=set(revisit_ids), store_id=by.store_id)
    return list(rows.select_related("claimed_by", "customer", "rule").order_by("pk"))


def _problem(revisit: Revisit, to: Employee, conflicted: set[int], now: datetime) -> str:
    """Why a call cannot be given to a person; '' when it can."""
    if not revisit.is_open or is_held_by_another(revisit, to, now):
        return _ended_or_held(revisit)
    if revisit.head_id is not None:
        return _("This call is made together with another one. Open that one.")
    if revisit.pk in conflicted:
        return _("%(name)s served this customer, and the answers are a score.") % {"name": to.name}
    return ""


def _ended_or_held(revisit: Revisit) -> str:
    return held_message(revisit) if revisit.is_open else _("This call has ended. What came of it stands below.")


def _give(revisit: Revisit, to: Employee | None) -> None:
    """Write whose call it is; a permission was for one person and ends, unless that person keeps the call."""
    if revisit.assigned_to_id is not None and revisit.assigned_to_id != (to.pk if to else None):
        revisit.override_by, revisit.override_reason = None, ""
    revisit.assigned_to = to
    if to is not None and revisit.promised_by_id is not None:
        revisit.promised_by = to
    revisit.version += 1
    revisit.save(update_fields=["assigned_to", "promised_by", "override_by", "override_reason", "version"])


def _tell(to: Employee, by: Employee, given: Sequence[Revisit]) -> None:
    """Leave a notice for whoever got calls from somebody else."""
    if given and to.user is not None and to.pk != by.pk:
        url = reverse("revisits:detail", args=[given[0].pk]) if len(given) == 1 else reverse("revisits:today")
        tell(to.user, "revisit.assigned", {"count": len(given)}, url=url)
