"""Reads out of the answers of a loss call why the customer leaves, and puts it on the card."""

from __future__ import annotations

from datetime import date

from crm_site.accounts.models import Employee
from customers.actions.defection import note_defection
from customers.rules.defection import read
from satisfaction.models import Answer, Response

#: the question of the loss questionnaires that asks for the reason (domain 4.3)
QUESTION = "loss_reason"


def note(customer_id: int, response: Response | None, *, by: Employee, today: date) -> None:
    """Note kind and reason where the response has an answer to the question; without one nothing changes."""
    if response is None:
        return
    answer = Answer.objects.filter(response=response, question__code=QUESTION).exclude(text="").first()
    told = read(answer.text) if answer else None
    if told is not None:
        note_defection(customer_id, kind=told.kind, reason=told.reason, told_on=today, by=by, today=today)
