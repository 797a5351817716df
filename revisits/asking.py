"""What is asked in a call: the questionnaire, unless the customer is waiting for our answer to a complaint."""

from __future__ import annotations

from django.db.models import Prefetch, prefetch_related_objects

from complaints.models import Complaint
from revisits.models import Anchor, Revisit
from satisfaction.models import Question, Questionnaire, QuestionnaireVersion

#: their answers are a score, or say whether a complaint is settled; who served does not ask them
SATISFACTION = {Questionnaire.Kind.SALES, Questionnaire.Kind.SERVICE}


def is_confirmation(revisit: Revisit) -> bool:
    """Whether the call asks if the customer is content with how a complaint was handled."""
    return revisit.rule_version.anchor == Anchor.COMPLAINT_SOLVED and revisit.complaint_id is not None


def is_scored(version: QuestionnaireVersion | None) -> bool:
    """Whether the answers make a score or confirm a complaint."""
    return version is not None and version.questionnaire.is_scored


def open_tickets(revisit: Revisit) -> list[Complaint]:
    """The customer's open tickets that this call is not itself about, newest first."""
    if revisit.customer_id is None:
        return []
    rows = Complaint.objects.filter(customer_id=revisit.customer_id).open()
    if revisit.complaint_id is not None:
        rows = rows.exclude(pk=revisit.complaint_id)
    return list(rows.select_related("level", "category", "handler"))


def is_progress_call(revisit: Revisit, tickets: list[Complaint]) -> bool:
    """Whether an open complaint turns a satisfaction call into one about where the matter stands: no scores asked."""
    version = revisit.questionnaire_version
    return bool(tickets) and version is not None and version.questionnaire.kind in SATISFACTION


def version_to_ask(revisit: Revisit, tickets: list[Complaint]) -> QuestionnaireVersion | None:
    """The questionnaire to ask, its questions and their factors at hand; None for a call without questions."""
    version = revisit.questionnaire_version
    if version is None or is_progress_call(revisit, tickets):
        return None
    prefetch_related_objects([version], Prefetch("questions", Question.objects.select_related("factor")))
    return version
