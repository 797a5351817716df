"""What single responses say about single employees: the rows from which another room makes a figure per employee."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import F, OuterRef, Subquery
from django.db.models.functions import Coalesce

from crm_site.core.figures import Scope
from satisfaction.models import Answer, EmployeeScore, QuestionKind
from satisfaction.queries.figures import valid_responses


@dataclass(frozen=True)
class Judgement:
    """One valid response's say about one employee: score 0–100, whether an item of theirs is low, the overall 1–10."""

    employee_id: int
    response_id: int
    score: Decimal
    is_low: bool
    overall: Decimal | None
    #: when they served: check-in or delivery, else the day of the call
    served_on: date


def judgements(scope: Scope, kinds: tuple[str, ...]) -> list[Judgement]:
    """Every judgement of the valid responses of the scope's stores and days, of the questionnaire kinds; one query."""
    overall = Answer.objects.filter(
        response=OuterRef("response"), state=Answer.State.GIVEN, question__kind=QuestionKind.OVERALL
    )
    rows = (
        EmployeeScore.objects.filter(
            response__in=valid_responses(scope).filter(version__questionnaire__kind__in=kinds).order_by().values("pk"),
            score__isnull=False,
        )
        .annotate(
            overall=Subquery(overall.values("value")[:1]),
            served_on=Coalesce(
                F("response__repair_order__checked_in_on"),
                F("response__delivery__delivered_on"),
                F("response__called_on"),
            ),
        )
        .order_by("response_id", "employee_id")
        .values_list("employee_id", "response_id", "score", "low_count", "overall", "served_on")
    )
    return [
        Judgement(who, response, score, low > 0, overall, served_on)
        for who, response, score, low, overall, served_on in rows
        if score is not None
    ]
