"""Taking a call, keeping it, giving it back, and ending it by hand; never the same call to two people."""

from __future__ import annotations

from datetime import date, datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock, formats
from crm_site.core.errors import RuleBroken
from customers.actions import reveals
from revisits import queries
from revisits.actions import joined, taking
from revisits.models import CALLABLE_STATES, CallDraft, Revisit, State
from revisits.moot import refused_along, stop_now, without_number
from revisits.rules import codes
from revisits.rules.codes import Reason
from revisits.stops import free_keys

#: how long a claimed call stays with its caller without a sign of life
LEASE = timedelta(seconds=settings.CALL_LEASE_SECONDS)


def claim_next(by: Employee, role: str, *, now: datetime, today: date) -> Revisit | None:
    """Take the most urgent call that this person may make; None when there is none left.

    By compare-and-set, so on either engine a call goes to one person only. Logs that the number was shown.
    A call whose customer meanwhile does not want to be called, or whose car is gone, ends here and the next is taken.
    """
    passed: list[int] = []
    while ahead := queries.first_in_line(by, role, now=now, today=today, passed=passed):
        for call in queries.free_for(ahead, by):
            taken = _take(call.pk, by, now=now, today=today)
            if taken is not None:
                return taken
        passed += [call.pk for call in ahead]
    return None


@transaction.atomic
def _take(revisit_id: int, by: Employee, *, now: datetime, today: date) -> Revisit | None:
    """The call, if it is still free and may still be made."""
    free = Revisit.objects.filter(pk=revisit_id, state__in=CALLABLE_STATES).unclaimed(now)
    if not free.update(claimed_by=by, claimed_at=now, lease_until=now + LEASE, version=F("version") + 1):
        return None
    revisit = queries.to_claim(revisit_id)
    stopped = stop_now(revisit, today) or without_number(revisit)
    if stopped:
        _end(revisit, *stopped, now=now)
        if stopped.reason in codes.FACT_GONE:  # further orders that the call covers are occasions of their own again
            revisit.further_orders.all().delete()
        if stopped.reason == Reason.OWNER_CHANGED:
            free_keys(Revisit.objects.filter(pk=revisit_id))
        trail.record(None, "revisit.stopped", revisit, reason=stopped[1].value)
        return None
    if _is_held_back(revisit, now=now, today=today):
        return None
    taking.follow_complaints(revisit)
    _leave_out_refused(revisit, now=now, today=today)
    _note_claim(revisit, by, now=now, today=today)
    return revisit


def _leave_out_refused(head: Revisit, *, now: datetime, today: date) -> None:
    """End what was to be talked about in the same call and is not wanted (any more) by whom it concerns."""
    if not queries.has_joined(head):
        return
    rows = Revisit.objects.filter(head=head).open()
    along = {one.pk: one for one in rows.select_related("customer", "rule_version").order_by("pk")}
    for pk, stop in refused_along(head, along.values(), today).items():
        _end(along[pk], *stop, now=now)
        trail.record(None, "revisit.stopped", along[pk], reason=stop.reason.value)


def _note_claim(revisit: Revisit, by: Employee, *, now: datetime, today: date) -> None:
    """Write down that the call is taken and which numbers its page shows in full."""
    reveals.note_call(queries.shown_numbers(revisit, today), by=by, now=now, today=today)
    trail.record(by, "revisit.claimed", revisit, phone=revisit.phone_id)


def _is_held_back(revisit: Revisit, *, now: datetime, today: date) -> bool:
    """Whether the number was called often enough lately: the call waits, or ends where its time would be over."""
    until = taking.held_back_until(revisit, now=now, today=today)
    if until is None:
        return False
    if taking.comes_too_late(revisit, until):
        _end(revisit, State.EXCUSED, Reason.CONTACT_PRESSURE, now=now)
        trail.record(None, "revisit.stopped", revisit, reason=Reason.CONTACT_PRESSURE.value)
    else:
        taking.put_off(revisit, until)
    return True


@transaction.atomic
def claim(revisit_id: int, by: Employee, role: str, *, now: datetime, today: date, called_us: bool = False) -> Revisit:
    """Take one certain open call, also before its time; one's own is kept and its lease renewed while that runs.

    Refuses a call that has ended, that somebody else holds, that this person may not make, or that must not be made;
    and one whose car is in the workshop or whose number was called often enough lately, unless it is the customer who
    rang (`called_us`).
    """
    revisit = Revisit.objects.select_for_update(of=("self",)).select_related("claimed_by").get(pk=revisit_id)
    if not revisit.is_open:
        raise RuleBroken(_("This call has ended. What came of it stands below."), code="ended")
    if is_held_by_another(revisit, by, now):
        raise RuleBroken(held_message(revisit), code="held")
    problem = queries.why_not(revisit, by, role)
    if problem:
        raise RuleBroken(problem, code="not_yours")
    shown = queries.to_claim(revisit_id)
    stopped = stop_now(shown, today)
    if stopped:
        raise RuleBroken(queries.stop_message(stopped[1]), code="stopped")
    was_mine = revisit.claimed_by_id == by.pk and revisit.lease_until is not None and revisit.lease_until >= now
    if not was_mine and not called_us and queries.waits_for_release(revisit, today):
        text = _(
            "The car is in the workshop, the call waits for its release. "
            "If the customer rings, open it from their card with “Customer called”."
        )
        raise RuleBroken(text, code="in_workshop")
    until = None if was_mine or called_us else taking.held_back_until(shown, now=now, today=today)
    if until is not None:
        text = _("This number was called often enough lately. It may be called again from %(day)s.")
        raise RuleBroken(text % {"day": formats.day(until)}, code="pressure")
    taking.follow_complaints(shown)
    _leave_out_refused(shown, now=now, today=today)
    revisit.claimed_by, revisit.lease_until = by, now + LEASE
    revisit.claimed_at = revisit.claimed_at if was_mine else now
    revisit.version = shown.version + 1
    revisit.save(update_fields=["claimed_by", "claimed_at", "lease_until", "version"])
    if not was_mine:
        _note_claim(shown, by, now=now, today=today)
    return revisit


def is_held_by_another(revisit: Revisit, by: Employee, now: datetime) -> bool:
    """Whether somebody else's lease on the call still runs."""
    held = revisit.claimed_by_id is not None and revisit.claimed_by_id != by.pk
    return held and revisit.lease_until is not None and revisit.lease_until >= now


def held_message(revisit: Revisit) -> str:
    """Who holds the call since when, and what to do now."""
    at = clock.local(revisit.claimed_at or revisit.lease_until)  # type: ignore[arg-type]
    names = {"name": revisit.claimed_by.name if revisit.claimed_by else "", "at": f"{at:%H:%M}"}
    return _("%(name)s took this call at %(at)s. Take another one, or ask them to give it back.") % names


def renew_lease(revisit_id: int, by: Employee, *, now: datetime) -> datetime | None:
    """Keep a call for another LEASE; gives until when, None when it is no longer this person's.

    A lease that ran out may be renewed as long as nobody else has taken the call.
    """
    mine = Revisit.objects.filter(pk=revisit_id, claimed_by=by).open()
    return now + LEASE if mine.update(lease_until=now + LEASE) else None


@transaction.atomic
def release(revisit_id: int, by: Employee, *, for_another: bool = False) -> Revisit:
    """Give a call back to the pool; `for_another`: a manager takes it from whoever holds it."""
    revisit = Revisit.objects.select_for_update().get(pk=revisit_id)
    if revisit.claimed_by_id is None:
        return revisit
    if revisit.claimed_by_id != by.pk and not for_another:
        raise RuleBroken(_("Somebody else holds this call. Only a manager can give it back for them."), code="held")
    holder = revisit.claimed_by_id
    revisit.claimed_by = revisit.claimed_at = revisit.lease_until = None
    revisit.version += 1
    revisit.save(update_fields=["claimed_by", "claimed_at", "lease_until", "version"])
    trail.record(by, "revisit.released", revisit, holder=holder)
    return revisit


@transaction.atomic
def end_by_hand(revisit_id: int, *, state: str, reason: str, by: Employee, now: datetime) -> Revisit:
    """Cancel or excuse an open call, with one of the reasons a manager may give; refuses one that is being made."""
    allowed = codes.BY_HAND.get(codes.State(state), ())
    if reason not in allowed:
        raise RuleBroken(_("Choose a reason from the list."), code="reason", field="reason")
    revisit = Revisit.objects.select_for_update().get(pk=revisit_id)
    if not revisit.is_open:
        raise RuleBroken(_("This call has ended. What came of it stands below."), code="ended")
    if is_held_by_another(revisit, by, now):
        raise RuleBroken(_("Somebody is making this call. Wait, or give it back to the pool first."), code="held")
    before = revisit.state
    _end(revisit, State(state), Reason(reason), now=now)
    trail.record(by, "revisit.ended_by_hand", revisit, state=(before, state), reason=reason)
    return revisit


def _end(revisit: Revisit, state: str, reason: Reason, *, now: datetime) -> None:
    """Write the end of a call that was not made, or that it waits for a number."""
    revisit.state, revisit.reason = State(state), reason.value
    if state in codes.ENDED:
        revisit.ended_at, revisit.ended_on = now, clock.business_day(now)
    revisit.claimed_by = revisit.claimed_at = revisit.lease_until = None
    revisit.version += 1
    revisit.save(
        update_fields=[
            "state", "reason", "ended_at", "ended_on", "claimed_by", "claimed_at", "lease_until", "version",
        ]
    )  # fmt: skip
    if state in codes.ENDED:
        CallDraft.objects.filter(revisit=revisit).delete()  # nobody resumes it
    joined.release(revisit)
