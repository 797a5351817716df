"""Many figures in one query from the answers themselves: by month, store, factor, item, employee and extra.

Each cell equals its Figure (tests prove it). Pages ask `tables`, which reads the sums where they can answer.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db.models import Count, F, Q, QuerySet

from crm_site.accounts.models import Employee
from crm_site.core.dates import Month, parse_month
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.models import Answer, EmployeeScore, Factor, FactorScore, Question, QuestionKind
from satisfaction.queries import shares
from satisfaction.queries.below import added_up, below, month_in
from satisfaction.queries.figures import (
    EXECUTION,
    LOYALTY,
    NPS,
    VERY_SATISFIED,
    departments_in,
    given_answers,
    is_of_shares,
    mean_from,
    scored,
    sums,
)

#: the questions outside the index that have figures of their own
EXTRAS = (QuestionKind.OVERALL, QuestionKind.NPS, QuestionKind.LOYALTY, QuestionKind.EXECUTION)
#: the filters that leave out responses which say nothing about something
_NARROWING = ("factor", "question", "employee", "low")


def by_month(scope: Scope) -> dict[Month, rules.Mean]:
    """The period score of every month in the scope that has a response."""
    if is_of_shares(scope):
        return {parse_month(month): mean for month, mean in shares.means_by(scope, F("month")).items()}
    by_day = scored(scope).annotate(month=month_in()).order_by()
    rows: QuerySet[Any, Any] = by_day.values("month").annotate(**sums())
    return {parse_month(row["month"]): mean_from(row) for row in rows}


def by_store(scope: Scope) -> dict[int, rules.Mean]:
    """The period score of every store of the scope that has a response, in one query."""
    if is_of_shares(scope):
        return shares.means_by(scope, F("response__store"))
    rows: QuerySet[Any, Any] = scored(scope).order_by().values("store").annotate(**sums())
    return {row["store"]: mean_from(row) for row in rows}


def factors_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """The mean of every factor in every month, by (factor code, month); of a department its own items in it."""
    if shares.is_of_departments_alone(scope):
        found = shares.factors_from(below(given_answers(scope), scope), F("month"))
        return {(code, parse_month(month)): mean for (code, month), mean in found.items()}
    if departments_in(scope) is not None or scope.get("employee"):
        each = {code: by_month(scope.having(factor=code)) for code in factor_codes(scope)}
        return {(code, month): mean for code, means in each.items() for month, mean in means.items()}
    rows = below(FactorScore.objects.all(), scope).values("month", "factor").annotate(**sums("score"))
    return added_up(rows, "factor", Factor, lambda row: parse_month(row["month"]))


def items_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """The mean of every weighted item in every month, by (question code, month)."""
    answers = below(given_answers(scope).filter(weight__gt=0), scope)
    rows = answers.values("month", "question").annotate(**sums("normalised"))
    return added_up(rows, "question", Question, lambda row: parse_month(row["month"]))


def factor_codes(scope: Scope) -> list[str]:
    """The codes of the factors of the scope's kind, of all versions."""
    rows = Factor.objects.filter(version__questionnaire__kind=scope.get("kind"))
    return sorted(set(rows.values_list("code", flat=True)))


# ---- extras ---------------------------------------------------------------------------------------------------------


def extras(scope: Scope) -> dict[str, rules.Mean | rules.Rate]:
    """The figures that read unweighted questions, by their code: very satisfied, NPS, loyalty, execution."""
    rows = extra_answers(scope).values(kind=F("question__kind")).annotate(**extra_sums())
    return extras_from({row["kind"]: row for row in rows})


def extra_answers(scope: Scope) -> QuerySet[Any, Any]:
    """The answers to the questions outside the index, of the responses that say something about the scope."""
    answers = Answer.objects.filter(state=Answer.State.GIVEN, value__isnull=False, question__kind__in=EXTRAS)
    if is_of_shares(scope):
        answers = answers.filter(response__in=shares.responses(scope))
    elif any(scope.get(name) for name in _NARROWING):
        answers = answers.filter(response__in=scored(scope).order_by().values("pk"))
    return below(answers, scope)


def extra_sums() -> dict[str, Any]:
    """The aggregates of `extra_answers` from which `extras_from` makes the figures."""
    return {"given": Count("pk"), **_thresholds(), **sums("normalised")}


def extras_from(found: Mapping[str, Mapping[str, Any]]) -> dict[str, rules.Mean | rules.Rate]:
    """The figures by code from `extra_sums` by the question's kind."""
    nothing = dict.fromkeys(("given", "n", "total", "squares", *_thresholds()), 0)
    overall, nps, loyalty, execution = (found.get(kind, nothing) for kind in EXTRAS)
    return {
        VERY_SATISFIED.code: rules.rate_of(overall["very_satisfied"], overall["given"]),
        NPS.code: rules.nps_of(nps["promoters"], nps["detractors"], nps["given"]),
        LOYALTY.code: mean_from(dict(loyalty)),
        EXECUTION.code: rules.rate_of(execution["done"], execution["given"]),
    }


def _thresholds() -> dict[str, Count]:
    """How many answers of a question reach what its figure counts."""
    return {
        "very_satisfied": Count("pk", filter=Q(value__gte=rules.VERY_SATISFIED_FROM)),
        "promoters": Count("pk", filter=Q(value__gte=rules.PROMOTER_FROM)),
        "detractors": Count("pk", filter=Q(value__lte=rules.DETRACTOR_TO)),
        "done": Count("pk", filter=Q(value=1)),
    }


def low_items(scope: Scope) -> dict[str, int]:
    """How many low answers each item has, by question code."""
    rows = below(given_answers(scope).filter(is_low=True), scope).values(code=F("question__code"))
    return {row["code"]: row["n"] for row in rows.annotate(n=Count("pk"))}


# ---- people ---------------------------------------------------------------------------------------------------------


def employee_rows(scope: Scope) -> list[dict[str, Any]]:
    """n, sums and responses with a low answer by employee, part and month."""
    rows = below(judged(scope).filter(score__isnull=False), scope).values("employee", "part", "month")
    return list(rows.annotate(low=Count("pk", filter=Q(low_count__gt=0)), **sums("score")))


def very_satisfied_by_person(scope: Scope) -> dict[tuple[int, str], rules.Rate]:
    """Share of overall 9–10 among the responses that judge somebody, by (employee, part)."""
    overall = Q(response__answers__question__kind=QuestionKind.OVERALL, response__answers__state=Answer.State.GIVEN)
    rows = below(judged(scope).filter(overall, score__isnull=False), scope).values("employee", "part")
    hits = Count("pk", filter=Q(response__answers__value__gte=rules.VERY_SATISFIED_FROM))
    return {
        (row["employee"], row["part"]): rules.rate_of(row["hits"], row["n"])
        for row in rows.annotate(n=Count("pk"), hits=hits)
    }


def judged(scope: Scope) -> QuerySet[EmployeeScore]:
    """The employee scores that a scope may show: everybody's, or those of the scope's departments' people."""
    people = people_in(scope)
    rows = EmployeeScore.objects.all()
    return rows if people is None else rows.filter(employee__in=people.values("pk"))


def people_in(scope: Scope) -> QuerySet[Employee] | None:
    """The people posted to the scope's departments on its last day; None where it is not narrowed to departments."""
    departments = departments_in(scope)
    return None if departments is None else Employee.objects.in_department(departments, scope.last)
