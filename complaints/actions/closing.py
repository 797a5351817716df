"""The end of a ticket: what the confirming call brought, closing without it, and opening again."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from complaints.actions import ticket
from complaints.models import ClockEntry, Complaint, Confirmation, ConfirmResult, State
from complaints.rules.transitions import after_confirmation
from crm_site.accounts.models import Employee
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

    The same result of the same round a second time changes nothing. The handler does not confirm his own work, unless
    `override` says that nobody else was there (the caller keeps the reason); the accused never does.
    """
    change = ticket.Change(by, at)
    made = _already(complaint_id, round, result, response)
    if made is not None:
        return made
    complaint = ticket.begin(complaint_id, "confirm", change)
    _check_caller(complaint, by, round, change, override=override)
    if result not in ConfirmResult.values:
        raise RuleBroken(_("Choose what the customer said."), field="result")
    _keep(complaint, result, response, by, at)
    complaint.result = result
    to = State(after_confirmation(result))
    fields = ["result"]
    if to == State.CLOSED:
        fields += _close(complaint, change)
    elif to == State.REOPENED:
        fields += _open_again(complaint, change, reason="")
    text = ticket.written(note, 1000, field="note", required=False)
    return ticket.finish(complaint, "confirm", change, fields=fields, to=to, note=text, result=result, round=round)


@transaction.atomic
def close_unreachable(
    complaint_id: int, *, reason: str, by: Employee, now: datetime, version: int | None = None
) -> Complaint:
    """A manager closes a ticket whose customer could not be reached in the tries of the confirming call."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "close_unreachable", change)
    if not complaint.confirmations.filter(round=complaint.round, result=ConfirmResult.UNREACHABLE).exists():
        raise RuleBroken(_("The confirming call has not failed three times yet. Wait for its result."), code="tries")
    if by.pk == complaint.handler_id:
        text = _("Whoever handles a complaint does not close it without the customer's word.")
        raise RuleBroken(text + ticket.instead(complaint, "close_unreachable", change.day), code="conflict")
    text = ticket.written(reason, 1000, field="reason")
    complaint.result = ConfirmResult.UNREACHABLE
    fields = ["result", *_close(complaint, change)]
    return ticket.finish(complaint, "close_unreachable", change, fields=fields, to=State.CLOSED, note=text)


@transaction.atomic
def reopen(complaint_id: int, *, reason: str, by: Employee, now: datetime, version: int | None = None) -> Complaint:
    """A manager opens a closed ticket again; its clock starts anew."""
    change = ticket.Change(by, now, version)
    complaint = ticket.begin(complaint_id, "reopen", change)
    text = ticket.written(reason, 200, field="reason")
    fields = _open_again(complaint, change, reason=text)
    return ticket.finish(complaint, "reopen", change, fields=fields, to=State.REOPENED, note=text)


def _already(complaint_id: int, number: int, result: str, response: Response | None) -> Complaint | None:
    """The ticket, if exactly this result was taken over before (a repeated message or click)."""
    made = Confirmation.objects.filter(complaint_id=complaint_id, round=number, result=result).first()
    if made is None or made.response_id != (response.pk if response else None):
        return None
    return Complaint.objects.get(pk=complaint_id)


def _check_caller(complaint: Complaint, by: Employee, number: int, change: ticket.Change, *, override: bool) -> None:
    if number != complaint.round:
        text = _("This call belongs to an earlier round; the complaint has moved on. Open it to see where it stands.")
        raise RuleBroken(text, code="stale")
    if by.pk == complaint.handler_id and not override:
        text = _("%(name)s handles this complaint and does not confirm it.") % {"name": by.name}
        raise RuleBroken(text + ticket.instead(complaint, "confirm", change.day), code="conflict")


def _keep(complaint: Complaint, result: str, response: Response | None, by: Employee, at: datetime) -> None:
    """Write the call's outcome; a customer who rings back replaces 'could not be reached'."""
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


def _close(complaint: Complaint, change: ticket.Change) -> list[str]:
    complaint.closed_at = change.now
    return ["closed_at", *ticket.turn_clock(complaint, ClockEntry.Kind.STOP, change)]


def _open_again(complaint: Complaint, change: ticket.Change, *, reason: str) -> list[str]:
    """Take back what only the finished round knew; the proposal is to be made and told again."""
    complaint.solved_at = complaint.closed_at = complaint.proposed_at = None
    complaint.customer_accepts = complaint.approved_by = None
    complaint.reopened += 1
    fields = ["solved_at", "closed_at", "proposed_at", "customer_accepts", "approved_by", "reopened"]
    if complaint.handler is not None and complaint.handler.user is not None:
        notices.tell(
            complaint.handler.user,
            "complaint.reopened",
            {"number": complaint.number},
            url=f"/complaints/{complaint.pk}/",
            kind="warn",
        )
    return fields + ticket.turn_clock(complaint, ClockEntry.Kind.REOPEN, change, reason=reason)
