"""The end of a ticket, its one door: the confirming call, closing without it, a late word, and opening again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints import people
from complaints.actions import demands, priority, ticket
from complaints.models import ClockEntry, Complaint, Confirmation, ConfirmResult, State
from complaints.rules.transitions import CLOSING_RESULTS, after_confirmation
from crm_site.accounts.models import Employee, Role
from crm_site.core import clock, hooks
from crm_site.core.errors import RuleBroken
from crm_site.notices import actions as notices
from satisfaction.models import Response


@transaction.atomic
def record_confirmation(
    complaint_id: int,
    *,
    result: str,
    response: Response | None,
    by: Employee,
    at: datetime,
    round: int,
    note: str = "",
    override: bool = False,
) -> Complaint:
    """Take over what the customer said in the confirming call of a round: close, reopen, or still unreachable.

    The same result of the same round a second time changes nothing. Neither the handler nor who served confirms,
    unless `override` says that nobody else was there (the caller keeps the reason); the accused and the liable never.
    A ticket that meanwhile lacks something is not closed: the customer's word is kept, and `close` follows.
    """
    change = ticket.Change(by, at)
    made = _already(complaint_id, round, result, response)
    if made is not None:
        return made
    complaint = ticket.begin(complaint_id, "confirm", change, override=override)
    if round != complaint.round:
        text = _("This call belongs to an earlier round; the complaint has moved on. Open it to see where it stands.")
        raise RuleBroken(text, code="stale")
    if result not in ConfirmResult.values:
        raise RuleBroken(_("Choose what the customer said."), field="result")
    text = ticket.written(note, 1000, field="note", required=False)
    _keep(complaint, result, response, by, at)
    return _follow(complaint, "confirm", result, change, text)


@transaction.atomic
def record_ring_back(
    complaint_id: int, *, result: str, note: str, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """The customer whom the confirming call did not reach rings back, perhaps after the ticket was closed.

    What they say stands in the place of “could not be reached”; dissatisfied opens the ticket again.
    """
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "rang_back", change, fields=["result"])
    if not is_unreached(complaint):
        raise RuleBroken(_("The confirming call was not made in vain; nothing is to be added to it."), code="tries")
    if result not in set(ConfirmResult.values) - {ConfirmResult.UNREACHABLE}:
        raise RuleBroken(_("Choose what the customer said."), field="result")
    text = ticket.written(note, 1000, field="note")
    _keep(complaint, result, None, by, now)
    return _follow(complaint, "rang_back", result, change, text)


@transaction.atomic
def close(complaint_id: int, *, by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """Close a ticket whose customer has confirmed while something was still missing that closing needs."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "close", change, fields=["result"])
    if not is_confirmed(complaint):
        raise RuleBroken(_("The customer has not confirmed yet. The confirming call comes first."), code="unconfirmed")
    demands.check(complaint, change.day)
    return ticket.finish(complaint, "close", change, fields=shut(complaint, change), to=State.CLOSED)


@transaction.atomic
def close_unreachable(
    complaint_id: int, *, reason: str, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """A manager closes a ticket whose confirming call brought no word of the customer, and says why."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "close_unreachable", change)
    if not is_unreached(complaint):
        raise RuleBroken(_("The confirming call can still be made. Wait for its result."), code="tries")
    text = ticket.written(reason, 1000, field="reason")
    demands.check(complaint, change.day)
    complaint.result = ConfirmResult.UNREACHABLE
    fields = ["result", *shut(complaint, change)]
    return ticket.finish(complaint, "close_unreachable", change, fields=fields, to=State.CLOSED, note=text)


@transaction.atomic
def reopen(complaint_id: int, *, reason: str, by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """A manager opens a closed ticket again; its clock starts anew."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "reopen", change)
    text = ticket.written(reason, 200, field="reason")
    fields = _open_again(complaint, change, reason=text)
    return ticket.finish(complaint, "reopen", change, fields=fields, to=State.REOPENED, note=text)


def shut(complaint: Complaint, change: ticket.Change) -> list[str]:
    """Put the moment of closing on a locked ticket and stop its clock; gives the fields to save."""
    complaint.closed_at = change.now
    return ["closed_at", *ticket.turn_clock(complaint, ClockEntry.Kind.STOP, change)]


def is_unreached(complaint: Complaint) -> bool:
    """Whether the present round brought no word of the customer: the tries were in vain, or nobody is to call."""
    said = complaint.confirmations.filter(round=complaint.round).values_list("result", flat=True).first()
    if said is not None:
        return said == ConfirmResult.UNREACHABLE
    if complaint.state == State.CLOSED:
        return complaint.result == ConfirmResult.UNREACHABLE
    return any(in_vain(complaint) for in_vain in hooks.load("CONFIRMING_CALLS"))


def is_confirmed(complaint: Complaint) -> bool:
    """Whether the customer has said in the present round that it is settled."""
    return complaint.confirmations.filter(round=complaint.round, result__in=CLOSING_RESULTS).exists()


def _already(complaint_id: int, number: int, result: str, response: Response | None) -> Complaint | None:
    """The ticket, if exactly this result was taken over before (a repeated message or click)."""
    made = Confirmation.objects.filter(complaint_id=complaint_id, round=number, result=result).first()
    if made is None or made.response_id != (response.pk if response else None):
        return None
    return Complaint.objects.get(pk=complaint_id)


def _keep(complaint: Complaint, result: str, response: Response | None, by: Employee, at: datetime) -> None:
    """Write the call's outcome beside the answers that began it all; who rings back replaces 'not reached'."""
    Confirmation.objects.update_or_create(
        complaint=complaint,
        round=complaint.round,
        defaults={
            "store_id": complaint.store_id,
            "at": at,
            "by": by,
            "result": result,
            "response": response,
            "recovery_score": response.score if response else None,
        },
    )


def _follow(complaint: Complaint, action: str, result: str, change: ticket.Change, note: str) -> Complaint:
    """Bring the ticket to where the customer's word leads it."""
    to = State(after_confirmation(result))
    complaint.result = result
    fields = ["result"]
    if to == State.REOPENED:
        fields += _open_again(complaint, change, reason="")
    elif to == State.CLOSED and complaint.state != State.CLOSED:
        if demands.gaps(complaint):
            to = State.CONFIRMING
            _tell(complaint, "complaint.incomplete", change, {"number": complaint.number})
        else:
            fields += shut(complaint, change)
    return ticket.finish(
        complaint, action, change, fields=fields, to=to, note=note, result=result, round=complaint.round
    )


def _open_again(complaint: Complaint, change: ticket.Change, *, reason: str) -> list[str]:
    """Take back what only the finished round knew; the proposal is to be made and told again.

    A handler who has left, or whom the complaint turned out to be about, does not take it up again.
    """
    complaint.solved_at = complaint.closed_at = complaint.proposed_at = None
    complaint.customer_accepts = complaint.approved_by = None
    complaint.reopened += 1
    fields = ["solved_at", "closed_at", "proposed_at", "customer_accepts", "approved_by", "reopened"]
    if complaint.handler_id and not people.handlers(complaint, change.day).filter(pk=complaint.handler_id).exists():
        complaint.handler = None
        fields.append("handler")
    fields += priority.keep_clear(complaint, change)  # whom it turned out to be about while it was closed
    fields += ticket.turn_clock(complaint, ClockEntry.Kind.REOPEN, change, reason=reason)
    moments = (change.now, complaint.proposal_due_at, complaint.closing_due_at)
    since, proposal, closing = (f"{clock.local(at):%Y-%m-%d %H:%M}" if at else "–" for at in moments)
    params = {"number": complaint.number, "since": since, "proposal": proposal, "closing": closing}
    _tell(complaint, "complaint.reopened", change, params)
    return fields


def _tell(complaint: Complaint, code: str, change: ticket.Change, params: dict[str, str]) -> None:
    """Tell the handler; where there is none any more, the managers."""
    managers = people.in_role(complaint.store_id, Role.MANAGER, change.day)
    for employee in [complaint.handler] if complaint.handler else managers:
        if employee.user is not None:
            notices.tell(employee.user, code, params, url=f"/complaints/{complaint.pk}/go/", kind="warn")
