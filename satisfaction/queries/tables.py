"""Many figures in one query: by month, factor, item and employee; each cell equals its Figure (tests prove it)."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from django.db.models import CharField, Count, F, Q, QuerySet
from django.db.models.functions import Cast, Left

from crm_site.accounts.models import Employee
from crm_site.core.dates import Month, parse_month
from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.attribution import department_of
from satisfaction.models import Answer, EmployeeScore, Factor, FactorScore, Question, QuestionKind, QuestionnaireVersion
from satisfaction.queries.figures import (
    EXECUTION,
    LOYALTY,
    NPS,
    VERY_SATISFIED,
    day,
    given_answers,
    mean_from,
    scored,
    sums,
)

NOTHING = rules.Mean(0, None)


def by_month(scope: Scope) -> dict[Month, rules.Mean]:
    """The period score of every month in the scope that has a response."""
    by_day = scored(scope).annotate(month=_month_in()).order_by()
    rows: QuerySet[Any, Any] = by_day.values("month").annotate(**sums())
    return {parse_month(row["month"]): mean_from(row) for row in rows}


def by_store(scope: Scope) -> dict[int, rules.Mean]:
    """The period score of every store of the scope that has a response, in one query."""
    rows: QuerySet[Any, Any] = scored(scope).order_by().values("store").annotate(**sums())
    return {row["store"]: mean_from(row) for row in rows}


def factors_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """The mean of every factor in every month, by (factor code, month)."""
    rows = _of(FactorScore.objects.all(), scope).values("month", "factor").annotate(**sums("score"))
    return _by_code(rows, "factor", Factor)


def items_by_month(scope: Scope) -> dict[tuple[str, Month], rules.Mean]:
    """The mean of every weighted item in every month, by (question code, month)."""
    answers = _of(given_answers(scope).filter(weight__gt=0), scope)
    rows = answers.values("month", "question").annotate(**sums("normalised"))
    return _by_code(rows, "question", Question)


def _by_code(
    rows: QuerySet[Any, Any], link: str, model: type[Factor] | type[Question]
) -> dict[tuple[str, Month], rules.Mean]:
    """Means by (code, month) from sums by row and month: a code has a row in every version of its questionnaire.

    Joined to the codes and grouped by them, the engine would take a fifth longer over a year of answers.
    """
    found = list(rows)
    codes = dict(model.objects.filter(pk__in={row[link] for row in found}).values_list("pk", "code"))
    added: dict[tuple[str, Month], dict[str, Any]] = {}
    for row in found:
        one = added.setdefault(
            (codes[row[link]], parse_month(row["month"])), dict.fromkeys(("n", "total", "squares"), 0)
        )
        for name in one:
            one[name] += row[name] or 0
    return {place: mean_from(one) for place, one in added.items()}


def extras(scope: Scope) -> dict[str, rules.Mean | rules.Rate]:
    """The figures that read unweighted questions, by their code: very satisfied, NPS, loyalty, execution."""
    kinds = [QuestionKind.OVERALL, QuestionKind.NPS, QuestionKind.LOYALTY, QuestionKind.EXECUTION]
    answers = Answer.objects.filter(state=Answer.State.GIVEN, value__isnull=False, question__kind__in=kinds)
    rows: QuerySet[Any, Any] = _of(answers, scope).values(kind=F("question__kind"))
    found = {row["kind"]: row for row in rows.annotate(given=Count("pk"), **_thresholds(), **sums("normalised"))}
    nothing = dict.fromkeys(("given", "n", "total", "squares", *_thresholds()), 0)
    overall, nps, loyalty, execution = (found.get(kind, nothing) for kind in kinds)
    return {
        VERY_SATISFIED.code: rules.rate_of(overall["very_satisfied"], overall["given"]),
        NPS.code: rules.nps_of(nps["promoters"], nps["detractors"], nps["given"]),
        LOYALTY.code: mean_from(loyalty),
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
    rows = _of(given_answers(scope).filter(is_low=True), scope).values(code=F("question__code"))
    return {row["code"]: row["n"] for row in rows.annotate(n=Count("pk"))}


def _of(rows: QuerySet[Any], scope: Scope) -> QuerySet[Any]:
    """Rows below responses, of the valid responses of a scope, with `month`."""
    return (
        rows.annotate(counted_on=day(scope, "response__"))
        .filter(
            response__store_id__in=scope.stores,
            counted_on__range=(scope.start, scope.last),
            response__is_valid=True,
            response__excluded_at=None,
            response__version__questionnaire__kind=scope.get("kind"),
        )
        .annotate(month=_month_in())
        .order_by()
    )


def _month_in() -> Left:
    """The month that a row counts in, as its day is written (2026-11): cheaper than truncating or comparing dates."""
    return Left(Cast("counted_on", CharField()), 7)


# ---- people ---------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class EmployeeLine:
    """One employee in one part: the score now and in the month before, how many very satisfied, how many low."""

    employee: Employee
    part: str
    now: rules.Mean
    before: rules.Mean
    very_satisfied: rules.Rate
    low: int


def employees(scope: Scope) -> list[EmployeeLine]:
    """Everybody whose work the scope's month judges, best first, those with too few answers last.

    The score is the mean over responses of Σ(his items × weight) / Σ(weights of his answered items).
    """
    month = scope.month
    rows = _employee_rows(scope.during(month.shift(-1), month))
    found = {(row["employee"], row["part"], parse_month(row["month"])): row for row in rows}
    wishes = _very_satisfied(scope)
    people = Employee.objects.in_bulk({pk for pk, _part, at in found if at == month})
    lines = [
        EmployeeLine(
            employee=people[pk],
            part=part,
            now=mean_from(row),
            before=mean_from(found[pk, part, month.shift(-1)]) if (pk, part, month.shift(-1)) in found else NOTHING,
            very_satisfied=wishes.get((pk, part), rules.rate_of(0, 0)),
            low=row["low"],
        )
        for (pk, part, at), row in found.items()
        if at == month
    ]
    return sorted(lines, key=lambda one: (one.now.shown is None, -(one.now.shown or 0), one.employee.number))


def _employee_rows(scope: Scope) -> QuerySet[Any]:
    """n, sums and responses with a low answer by employee, part and month."""
    rows = _of(_judged(scope).filter(score__isnull=False), scope).values("employee", "part", "month")
    return rows.annotate(low=Count("pk", filter=Q(low_count__gt=0)), **sums("score"))


def _very_satisfied(scope: Scope) -> dict[tuple[int, str], rules.Rate]:
    """Share of overall 9–10 among the responses that judge somebody, by (employee, part)."""
    overall = Q(response__answers__question__kind=QuestionKind.OVERALL, response__answers__state=Answer.State.GIVEN)
    rows = _of(_judged(scope).filter(overall, score__isnull=False), scope).values("employee", "part")
    hits = Count("pk", filter=Q(response__answers__value__gte=rules.VERY_SATISFIED_FROM))
    return {
        (row["employee"], row["part"]): rules.rate_of(row["hits"], row["n"])
        for row in rows.annotate(n=Count("pk"), hits=hits)
    }


def _judged(scope: Scope) -> QuerySet[EmployeeScore]:
    """The employee scores that a scope may show: everybody's, or those of the scope's departments' people."""
    rows = EmployeeScore.objects.all()
    if scope.get("departments") is None:
        return rows
    people = Employee.objects.in_department(scope.get("departments"), scope.last)
    return rows.filter(employee__in=people.values("pk"))


# ---- the tree, for labels -------------------------------------------------------------------------------------------


@dataclass
class TreeLine:
    """A factor with its items as a dashboard lists them, over all versions of a kind."""

    code: str
    label: str
    weight: Any
    items: dict[str, Question] = field(default_factory=dict)


def tree_of(scope: Scope) -> list[TreeLine]:
    """The factors and weighted items of a kind; the newest version says the words, older codes follow."""
    questions = (
        Question.objects.filter(factor__isnull=False, weight__gt=0, version__questionnaire__kind=scope.get("kind"))
        .filter(Q(version__questionnaire__store=None) | Q(version__questionnaire__store_id__in=scope.stores))
        .exclude(version__state=QuestionnaireVersion.State.DRAFT)
        .select_related("factor")
        .order_by("version__state", "version__questionnaire__code", "-version__number", "position")
    )
    departments = scope.get("departments")
    lines: dict[str, TreeLine] = {}
    for question in questions:
        if departments is not None and department_of(scope.get("kind"), question.attribution) not in departments:
            continue
        factor: Any = question.factor  # not NULL by the filter above
        line = lines.setdefault(factor.code, TreeLine(factor.code, factor.label, factor.weight))
        line.items.setdefault(question.code, question)
    return list(lines.values())
