"""Scores parted by department, series, job type or employee, read from the answers themselves.

A member's key is text: a department's, series' or job type's code ('' where it is not known), an employee's key. Of a
department and of an employee only their own items count; of a series and a job type whole responses do. Each cell
equals its Figure with the filter of that member set (tests prove it). "store" is read like a dimension, its members
are the stores' keys; the whole has one member, ''.
"""

from __future__ import annotations

from typing import Any

from django.db.models import Count, F, QuerySet, Value

from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.attribution import DEPARTMENT_OF
from satisfaction.models import Answer, Dimension, EmployeeScore, Question
from satisfaction.queries import raw, shares
from satisfaction.queries.below import added_up, below
from satisfaction.queries.figures import (
    INDEX,
    LOW,
    departments_in,
    given_answers,
    is_of_shares,
    mean_from,
    scored,
    sums,
)

Means = dict[tuple[str, str], rules.Mean]
#: the score of each member, and how many responses with a low answer it has
Scores = tuple[dict[str, rules.Mean], dict[str, int]]
#: the departments that an item can judge
DEPARTMENTS = tuple(sorted(set(DEPARTMENT_OF.values())))


def by_member(scope: Scope, dimension: str) -> dict[str, rules.Mean]:
    """The period score of every member with a response; of departments and employees the score of their own items."""
    if dimension == Dimension.EMPLOYEE and (scope.get("question") or scope.get("factor")):
        table = items_by_member if scope.get("question") else factors_by_member
        return {member: mean for (_code, member), mean in table(scope, dimension).items()}
    if dimension == Dimension.EMPLOYEE:
        rows = _people(scope).values(member=F("employee")).annotate(**sums("score"))
    elif found := _of_shares(scope, dimension):
        return found[0]
    elif dimension == Dimension.DEPARTMENT:
        each = {code: INDEX.of(scope.having(department=code)) for code in DEPARTMENTS}
        return {code: mean for code, mean in each.items() if mean.n}
    else:
        rows = scored(scope).order_by().values(member=_own(dimension)).annotate(**sums())
    return {str(row["member"]): mean_from(row) for row in rows if row["n"]}


def factors_by_member(scope: Scope, dimension: str) -> Means:
    """The mean of every factor for every member, by (factor code, member)."""
    if dimension == Dimension.EMPLOYEE:
        return _factors_of_people(scope)
    if shares.is_of_departments_alone(scope):
        return _by_text(shares.factors_from(below(given_answers(scope), scope), _below(dimension)))
    found = {code: by_member(scope.having(factor=code), dimension) for code in raw.factor_codes(scope)}
    return {(code, member): mean for code, means in found.items() for member, mean in means.items()}


def items_by_member(scope: Scope, dimension: str) -> Means:
    """The mean of every weighted item for every member, by (question code, member)."""
    if dimension == Dimension.EMPLOYEE:
        answers = _judging(_own_answers(scope), scope)
        rows = answers.values("question", member=F("attributions__employee")).annotate(**sums("normalised"))
        return added_up(rows, "question", Question, lambda row: str(row["member"]))
    answers = below(given_answers(scope).filter(weight__gt=0), scope)
    if dimension == Dimension.DEPARTMENT:
        answers = answers.exclude(department="")
    rows = answers.values("question", member=_below(dimension)).annotate(**sums("normalised"))
    return added_up(rows, "question", Question, lambda row: str(row["member"]))


def extras_by_member(scope: Scope, dimension: str) -> dict[str, dict[str, rules.Mean | rules.Rate]]:
    """Very satisfied, NPS, loyalty and execution of the responses that count for each member, by member and code."""
    if dimension == Dimension.DEPARTMENT:
        return {code: raw.extras(scope.having(department=code)) for code in by_member(scope, dimension)}
    answers = raw.extra_answers(scope)
    if dimension == Dimension.EMPLOYEE:
        answers = answers.filter(response__employee_scores__in=_people(scope).values("pk"))
        rows = answers.values(member=F("response__employee_scores__employee"), kind=F("question__kind"))
    else:
        rows = answers.values(member=_below(dimension), kind=F("question__kind"))
    found: dict[str, dict[str, Any]] = {}
    for row in rows.annotate(**raw.extra_sums()):
        found.setdefault(str(row["member"]), {})[row["kind"]] = row
    return {member: raw.extras_from(kinds) for member, kinds in found.items()}


def scores_by_member(scope: Scope, dimension: str) -> Scores:
    """`by_member` and `low_by_member`, read at once where both follow from shares."""
    return _of_shares(scope, dimension) or (by_member(scope, dimension), low_by_member(scope, dimension))


def low_by_member(scope: Scope, dimension: str) -> dict[str, int]:
    """How many responses with a low answer each member has; of a department, low in its own items."""
    rows: QuerySet[Any, Any]
    if dimension == Dimension.EMPLOYEE:
        rows = _people(scope).filter(low_count__gt=0).values(member=F("employee")).annotate(n=Count("pk"))
        return {str(row["member"]): row["n"] for row in rows}
    none = dict.fromkeys(DEPARTMENTS, 0) if dimension == Dimension.DEPARTMENT else {}
    if found := _of_shares(scope, dimension):
        return none | found[1]
    if dimension == Dimension.DEPARTMENT:
        return {code: LOW.of(scope.having(department=code)) for code in DEPARTMENTS}
    rows = LOW.rows(scope).order_by().values(member=_own(dimension)).annotate(n=Count("pk"))
    return {str(row["member"]): row["n"] for row in rows}


STORE = "store"
_PATHS = {
    Dimension.EMPLOYEE: "attributions__employee",
    Dimension.DEPARTMENT: "department",
    Dimension.SERIES: "response__series",
    Dimension.JOB_TYPE: "response__job_type",
    STORE: "response__store",
}


def _of_shares(scope: Scope, dimension: str) -> Scores | None:
    """The scores and low answers of members whose score is the share of some items; None where it is another."""
    if dimension == Dimension.EMPLOYEE or (dimension == Dimension.DEPARTMENT and scope.get("employee")):
        return None
    if dimension == Dimension.DEPARTMENT and departments_in(scope) is None:
        scope = scope.having(departments=DEPARTMENTS)
    if not is_of_shares(scope):
        return None
    found = {str(member): one for member, one in shares.sums_by(scope, _below(dimension)).items()}
    lows = {member: one["low"] for member, one in found.items() if one["low"]}
    return {member: mean_from(one) for member, one in found.items()}, lows


def _own(dimension: str) -> Any:
    """The member that a response belongs to."""
    return F(dimension) if dimension else Value("")


def _below(dimension: str) -> Any:
    """The member that an answer belongs to."""
    return F(_PATHS[dimension]) if dimension else Value("")


def _people(scope: Scope) -> QuerySet[Any, Any]:
    """What the scope's responses say about its people."""
    rows: QuerySet[EmployeeScore] = raw.judged(scope).filter(score__isnull=False)
    if scope.get("part"):
        rows = rows.filter(part=scope.get("part"))
    return below(rows, scope)


def _judging(answers: QuerySet[Answer], scope: Scope) -> QuerySet[Any, Any]:
    """The answers joined to the people of the scope whose work they judge."""
    people = raw.people_in(scope)
    answers = answers.filter(attributions__isnull=False)
    return answers if people is None else answers.filter(attributions__employee__in=people.values("pk"))


def _own_answers(scope: Scope) -> QuerySet[Any, Any]:
    """The weighted answers of the scope, whatever department they judge: of people all their own items count."""
    return below(given_answers(scope.having(departments=None, department=None)).filter(weight__gt=0), scope)


def _factors_of_people(scope: Scope) -> Means:
    """The mean of each employee's own items in each factor, by (factor code, employee)."""
    return _by_text(shares.factors_from(_judging(_own_answers(scope), scope), F("attributions__employee")))


def _by_text(means: dict[tuple[str, Any], rules.Mean]) -> Means:
    return {(code, str(member)): mean for (code, member), mean in means.items()}
