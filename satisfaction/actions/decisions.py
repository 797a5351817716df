"""Deciding about low answers that a customer gave with nobody of ours on the line (domain 5.4)."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock, hooks
from crm_site.core.errors import RuleBroken
from satisfaction.models import AnswerAttribution, Decision, Response
from satisfaction.queries.decisions import CHOICES, LONGEST_REASON

#: without a ticket that others look at, somebody must say what was done or said
NEEDS_REASON = {Decision.SETTLED, Decision.WAIVED}


@transaction.atomic
def decide(response_id: int, *, decision: str, reason: str = "", by: Employee, at: datetime) -> Response:
    """Decide once about the low answers of a response; the ticket that follows is opened in the same transaction.

    The same decision by the same person again changes nothing. Refuses (field `decision` or `reason`) what somebody
    else has decided meanwhile, an unknown decision, a missing reason, and whoever the low answers judge, unless they
    open a ticket about it. What the higher room refuses of its ticket is refused here.
    """
    response = Response.objects.select_for_update(of=("self",)).select_related("decided_by").get(pk=response_id)
    reason = reason.strip()[:LONGEST_REASON]
    if response.decision != Decision.PENDING:
        if (response.decided_by_id, response.decision, response.decision_reason) == (by.pk, decision, reason):
            return response
        raise RuleBroken(_already(response), code="decided")
    _check(response, decision, reason, by)
    response.decision, response.decision_reason = decision, reason
    response.decided_at, response.decided_by = at, by
    response.save(update_fields=["decision", "decision_reason", "decided_at", "decided_by"])
    trail.record(by, "response.decided", response, decision=decision)
    for open_ticket in hooks.load("LOW_ANSWER_TICKETS"):
        open_ticket(response, by=by, at=at)
    return response


def _check(response: Response, decision: str, reason: str, by: Employee) -> None:
    if response.excluded_at is not None:
        raise RuleBroken(_("This response is out of the scores. There is nothing left to decide."), code="excluded")
    if decision not in CHOICES:
        raise RuleBroken(_("Choose what happens with the low answers."), code="decision", field="decision")
    if decision not in NEEDS_REASON:
        return
    if not reason:
        words = {
            Decision.SETTLED: _("Write how it was settled with the customer."),
            Decision.WAIVED: _("Write why the customer does not pursue it."),
        }
        raise RuleBroken(words[Decision(decision)], code="reason", field="reason")
    judged = AnswerAttribution.objects.filter(answer__response=response, answer__is_low=True, employee=by)
    if judged.exists():
        text = _("These answers judge your own work: open a ticket, or let somebody else decide.")
        raise RuleBroken(text, code="own", field="decision")


def _already(response: Response) -> str:
    """Who decided what and when, for whoever comes second."""
    if response.decided_by is None or response.decided_at is None:
        return _("Nothing is left to decide about this response.")
    told = {
        "name": response.decided_by.name,
        "at": f"{clock.local(response.decided_at):%m-%d %H:%M}",
        "decision": response.get_decision_display(),
    }
    return _("%(name)s decided this at %(at)s: %(decision)s. Nothing was changed.") % told
