"""Takes a response's answers off an employee whose work they do not judge; the answers themselves stay."""

from __future__ import annotations

from datetime import datetime

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from satisfaction import scoring
from satisfaction.actions import summing
from satisfaction.models import AnswerAttribution, EmployeeScore, Response


@transaction.atomic
def reattribute(
    response_id: int, employee: Employee, *, to: Employee | None, reason: str, by: Employee, at: datetime
) -> Response:
    """Let the answers that judge one employee judge another, or nobody; the scores of both follow anew.

    Refuses a response that judges nothing of the employee, somebody of another store, and a missing reason.
    """
    response = Response.objects.select_for_update().get(pk=response_id)
    if not reason.strip():
        raise RuleBroken(_("Write why the answers are taken off the employee."), code="reason", field="reason")
    if to is not None and (to.store_id != response.store_id or to.pk == employee.pk):
        raise RuleBroken(_("Choose another employee of the same store."), code="store", field="employee")
    rows = AnswerAttribution.objects.filter(answer__response=response)
    mine = rows.filter(employee=employee)
    answers = set(mine.values_list("answer_id", flat=True))
    if not answers:
        raise RuleBroken(_("No answer of this response judges the employee."), code="absent")
    with summing.changing(response, at):
        mine.delete()
        if to is not None:
            theirs = set(rows.filter(employee=to).values_list("answer_id", flat=True))
            AnswerAttribution.objects.bulk_create(
                AnswerAttribution(answer_id=pk, employee=to) for pk in sorted(answers - theirs)
            )
        _score_anew(response_id, [one for one in (employee, to) if one is not None])
    trail.record(by, "response.reattributed", response, reason=reason.strip()[:200], employee=employee, to=to)
    return response


def _score_anew(response_id: int, people: list[Employee]) -> None:
    """Write the scores of these employees as they follow from the answers that judge them now."""
    rows = EmployeeScore.objects.filter(response_id=response_id, employee__in=people)
    parts = dict(rows.order_by("-employee_id").values_list("employee_id", "part"))
    part = next(iter(parts.values()))
    rows.delete()
    response = scoring.loaded(Response.objects.filter(pk=response_id)).get()
    EmployeeScore.objects.bulk_create(
        EmployeeScore(
            response=response, employee=one.employee, part=parts.get(one.employee.pk, part), score=one.score,
            weight=one.weight, low_count=one.low_count,
        )
        for one in scoring.employee_scores(scoring.judged_people(response))
        if one.employee in people
    )  # fmt: skip
