"""Recording what a customer answered, and taking a false record out of the scores."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.models import Customer, Delivery, RepairOrder, Vehicle
from satisfaction import rules, scoring
from satisfaction.actions import checks, summing
from satisfaction.attribution import occasion_of
from satisfaction.models import Decision, Questionnaire, QuestionnaireVersion, Response
from satisfaction.queries import items_of


@transaction.atomic
def record_response(
    version: QuestionnaireVersion,
    *,
    store_id: int,
    customer: Customer | None,
    vehicle: Vehicle | None,
    delivery: Delivery | None = None,
    repair_order: RepairOrder | None = None,
    asked_by: Employee,
    channel: str,
    at: datetime,
    answers: Sequence[rules.Given],
    decision: str = "",
    decision_reason: str = "",
    submission: UUID,
) -> Response:
    """Keep one customer's answers with the scores that follow; the same `submission` again gives the same row.

    A question without a Given was not answered. Refuses, with field `answer_<code>`, `reason_<code>`, `decision` or
    `decision_reason`: a draft, an unknown question, a value off its scale, a low answer without the customer's words,
    low answers without a decision, "does not pursue it" without a reason.
    """
    known = Response.objects.filter(store_id=store_id, submission=submission).first()
    if known is not None:
        return known
    checks.check_version(version)
    checks.check_answers(version, answers)
    found = rules.evaluate(items_of(version), answers, is_scored=version.questionnaire.is_scored)
    decision = _decision(version, decision, found.low_count)
    checks.check_decision(decision, decision_reason, found.low_count, channel)
    response = Response(
        store_id=store_id, version=version, customer=customer, vehicle=vehicle, delivery=delivery,
        repair_order=repair_order, asked_by=asked_by, channel=channel, answered_at=at,
        called_on=clock.business_day(at), submission=submission, decision=decision,
        decision_reason=decision_reason.strip() if decision else "", series=vehicle.series if vehicle else "",
        job_type=repair_order.job_type if repair_order else "", **scoring.stored(found),
    )  # fmt: skip
    return _write_once(response, found)


def _write_once(response: Response, found: rules.Evaluation) -> Response:
    """Write the response, or give the one that the same submission has just written elsewhere."""
    try:
        with transaction.atomic():
            _write(response, found)
    except IntegrityError:
        twin = Response.objects.filter(store_id=response.store_id, submission=response.submission).first()
        if twin is None:
            raise
        return twin
    return response


def _write(response: Response, found: rules.Evaluation) -> None:
    """The response with its answers, attributions and scores, and the entry in the trail."""
    response.save(force_insert=True)
    questionnaire = response.version.questionnaire
    occasion = occasion_of(questionnaire.kind, response.delivery, response.repair_order)
    summing.counted(response, scoring.write(response, found, occasion))
    trail.record(
        response.asked_by,
        "response.recorded",
        response,
        questionnaire=questionnaire.code,
        valid=response.is_valid,
        low=response.low_count,
        decision=response.decision,
    )


def _decision(version: QuestionnaireVersion, decision: str, low_count: int) -> str:
    """The decision to keep: none without a low answer; about a confirmation the ticket itself decides."""
    if not low_count:
        return Decision.NONE
    if not decision and version.questionnaire.kind == Questionnaire.Kind.CONFIRMATION:
        return Decision.COMPLAINT
    return decision


@transaction.atomic
def exclude_response(response_id: int, *, reason: str, by: Employee, at: datetime) -> Response:
    """Take a response out of every score, such as one proved false by inspection; it stays readable.

    Refuses a missing reason and a response that is out already.
    """
    response = Response.objects.select_for_update().get(pk=response_id)
    if not reason.strip():
        raise RuleBroken(_("Write why the response is taken out of the scores."), code="reason", field="reason")
    if response.excluded_at is not None:
        raise RuleBroken(_("This response is out of the scores already. Nothing was changed."), code="excluded")
    response.excluded_at, response.excluded_reason = at, reason.strip()[:200]
    with summing.changing(response, at):
        response.save(update_fields=["excluded_at", "excluded_reason"])
    trail.record(by, "response.excluded", response, reason=response.excluded_reason)
    return response


@transaction.atomic
def include_response(response_id: int, *, reason: str, by: Employee, at: datetime) -> Response:
    """Let a response that was taken out count again in the month of its call.

    A published report does not move: the difference stands in the next one. Refuses a missing reason and a response
    that nobody has taken out.
    """
    response = Response.objects.select_for_update().get(pk=response_id)
    if not reason.strip():
        raise RuleBroken(_("Write why the response counts again."), code="reason", field="reason")
    if response.excluded_at is None:
        raise RuleBroken(_("This response has not been taken out of the scores. Nothing was changed."), code="counts")
    response.excluded_at, response.excluded_reason = None, ""
    with summing.changing(response, at):
        response.save(update_fields=["excluded_at", "excluded_reason"])
    trail.record(by, "response.included", response, reason=reason.strip()[:200])
    return response
