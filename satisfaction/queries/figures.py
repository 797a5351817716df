"""The figures of satisfaction: each is a list of responses and what follows from it.

Every `rows(scope)` gives responses annotated with `points`, what the figure counts of each; the same rows are the list
behind the figure. A scope's filters are: `kind` (sales, service, confirmation), `departments` (a head's: only what
judges them), `department` (one of these), `factor`, `question`, `part` and `employee` (whose work), `series`,
`job_type` ("" = not known) and `version` (its key; which responses at all), `low` (only responses with a low answer of
that selection), `basis` ("occasion": by the day of delivery or hand-back; else by the day of the call).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import (
    Avg,
    Count,
    DecimalField,
    Exists,
    ExpressionWrapper,
    F,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
)
from django.db.models.functions import Coalesce, NullIf, Round

from crm_site.core.figures import Figure, Scope
from satisfaction import rules
from satisfaction.models import Answer, EmployeeScore, FactorScore, QuestionKind, Response
from satisfaction.queries import words

OCCASION = "occasion"
POINTS = DecimalField(max_digits=7, decimal_places=4)
WIDE = DecimalField(max_digits=24, decimal_places=8)
#: what scores are kept to, and what is added to what is divided, so that a half goes up on an engine that reckons in
#: floats too (and does not divide whole numbers without a rest); less than it can be away from a half
PLACES, _HAIR = 4, Decimal("0.0000001")


def given_answers(scope: Scope) -> QuerySet[Answer]:
    """The answers with a number that a scope selects, whatever their response; only to be nested or joined."""
    answers = Answer.objects.filter(state=Answer.State.GIVEN, normalised__isnull=False)
    if scope.get("question"):
        answers = answers.filter(question__code=scope.get("question"))
    if scope.get("factor"):
        answers = answers.filter(question__factor__code=scope.get("factor"))
    if scope.get("employee"):
        answers = answers.filter(attributions__employee_id=scope.get("employee"))
    elif (departments := departments_in(scope)) is not None:
        answers = answers.filter(department__in=departments)
    return answers


def departments_in(scope: Scope) -> tuple[str, ...] | None:
    """The departments that a scope is narrowed to: the chosen one of a head's; None where it is not narrowed."""
    reach, chosen = scope.get("departments"), scope.get("department")
    if not chosen:
        return None if reach is None else tuple(reach)
    return (chosen,) if reach is None or chosen in reach else ()


def valid_responses(scope: Scope) -> QuerySet[Response]:
    """The valid responses of the stores, days and kind, before any narrowing to items or people."""
    rows = Response.objects.filter(store_id__in=scope.stores).valid()
    rows = rows.annotate(counted_on=day(scope)).filter(counted_on__range=(scope.start, scope.last))
    return rows.filter(of_responses(scope))


def of_responses(scope: Scope, path: str = "") -> Q:
    """What the scope asks of the response itself: its questionnaire's kind, version, series and job type.

    `path` leads to the response, such as "response__".
    """
    asked = {
        "version__questionnaire__kind": scope.get("kind") or None,
        "version": scope.get("version") or None,
        "series": scope.get("series"),
        "job_type": scope.get("job_type"),
    }
    return Q(**{f"{path}{name}": value for name, value in asked.items() if value is not None})


def day(scope: Scope, path: str = "") -> Any:
    """The day that decides the month of a response: its call, or the delivery or hand-back that it is about.

    `path` leads to the response, such as "response__".
    """
    if scope.get("basis") == OCCASION:
        return Coalesce(F(f"{path}delivery__delivered_on"), F(f"{path}repair_order__released_on"))
    return F(f"{path}called_on")


def scored(scope: Scope) -> QuerySet[Response]:
    """The valid responses that say something about the scope, with `points` 0–100: what they say."""
    rows = valid_responses(scope).annotate(points=_points(scope)).filter(points__isnull=False)
    if scope.get("employee") and scope.get("part"):
        served = EmployeeScore.objects.filter(employee_id=scope.get("employee"), part=scope.get("part"))
        rows = rows.filter(Exists(served.filter(response=OuterRef("pk"))))
    if scope.get("low"):
        rows = rows.filter(Exists(given_answers(scope).filter(response=OuterRef("pk"), is_low=True)))
    return rows


def _points(scope: Scope) -> Any:
    """What one response says: its index, or the score of one item, factor, employee or department in it."""
    if scope.get("question"):
        return _one_of(given_answers(scope).values("normalised"))
    if is_of_shares(scope):
        items = given_answers(scope).filter(response=OuterRef("pk"), weight__gt=0).order_by().values("response")
        return Subquery(items.annotate(share=share_of_items()).values("share"), output_field=POINTS)
    if scope.get("employee"):
        own = EmployeeScore.objects.filter(response=OuterRef("pk"), employee_id=scope.get("employee"))
        return Subquery(own.values("score")[:1])
    if scope.get("factor"):
        factor = FactorScore.objects.filter(response=OuterRef("pk"), factor__code=scope.get("factor"))
        return Subquery(factor.values("score")[:1])
    return F("score")


def is_of_shares(scope: Scope) -> bool:
    """Whether a response says the share of some of its items: of those of departments, or an employee's in a factor."""
    if scope.get("question"):
        return False
    return bool(scope.get("factor")) if scope.get("employee") else departments_in(scope) is not None


def share_of_items() -> Any:
    """Σ(item × weight) / Σ(weights) of grouped answers, rounded as stored scores are: half up to four decimals.

    NULL of answers without weight.
    """
    total = ExpressionWrapper(Sum(F("normalised") * F("weight"), output_field=WIDE) + Value(_HAIR), output_field=WIDE)
    share = ExpressionWrapper(total / NullIf(Sum("weight", output_field=WIDE), Value(Decimal(0))), output_field=WIDE)
    return Round(share, precision=PLACES, output_field=POINTS)


def _one_of(values: QuerySet) -> Subquery:
    return Subquery(values.filter(response=OuterRef("pk"))[:1])


def _answered(kind: str, value: str) -> Any:
    """Rows of a figure that reads one unweighted question: responses in which it was answered."""

    def rows(scope: Scope) -> QuerySet[Response]:
        own = Answer.objects.filter(response=OuterRef("pk"), state=Answer.State.GIVEN, question__kind=kind)
        return scored(scope).annotate(points=Subquery(own.values(value)[:1])).filter(points__isnull=False)

    return rows


def _execution_rows(scope: Scope) -> QuerySet[Response]:
    """Responses with answered execution items: how many were `counted` and `done` in each, `points` the share of 100.

    `question` is one of these items; of the responses that answered it.
    """
    asked = scope.get("question")
    own = Answer.objects.filter(
        response=OuterRef("pk"), state=Answer.State.GIVEN, question__kind=QuestionKind.EXECUTION
    )
    own = (own.filter(question__code=asked) if asked else own).order_by().values("response")
    rows = scored(scope).annotate(
        points=Subquery(own.annotate(share=Avg("normalised")).values("share")),
        counted=Subquery(own.annotate(n=Count("pk")).values("n")),
        done=Subquery(own.annotate(n=Count("pk", filter=Q(value=1))).values("n")),
    )
    return rows.filter(points__isnull=False)


def _low_rows(scope: Scope) -> QuerySet[Response]:
    return scored(scope.having(low=True))


# ---- values ---------------------------------------------------------------------------------------------------------


def sums(name: str = "points") -> dict[str, Any]:
    """The aggregates from which a mean and its interval follow."""
    return {
        "n": Count(name),
        "total": Sum(name, output_field=WIDE),
        "squares": Sum(F(name) * F(name), output_field=WIDE),
    }


def mean_from(found: dict[str, Any]) -> rules.Mean:
    """The mean from aggregates made by `sums` (SQLite gives floats there; they are read back as decimals)."""
    return rules.mean_of(found["n"], Decimal(found["total"] or 0), Decimal(found["squares"] or 0))


def mean_of_rows(rows: QuerySet[Response]) -> rules.Mean:
    """The mean of `points`."""
    return mean_from(rows.order_by().aggregate(**sums()))


def _very_satisfied(rows: QuerySet[Response]) -> rules.Rate:
    hits = Count("pk", filter=Q(points__gte=rules.VERY_SATISFIED_FROM))
    found = rows.order_by().aggregate(n=Count("pk"), hits=hits)
    return rules.rate_of(found["hits"], found["n"])


def _nps(rows: QuerySet[Response]) -> rules.Mean:
    found = rows.order_by().aggregate(
        n=Count("pk"),
        promoters=Count("pk", filter=Q(points__gte=rules.PROMOTER_FROM)),
        detractors=Count("pk", filter=Q(points__lte=rules.DETRACTOR_TO)),
    )
    return rules.nps_of(found["promoters"], found["detractors"], found["n"])


def _execution(rows: QuerySet[Response]) -> rules.Rate:
    found = rows.order_by().aggregate(n=Sum("counted"), hits=Sum("done"))
    return rules.rate_of(found["hits"] or 0, found["n"] or 0)


def _count(rows: QuerySet[Response]) -> int:
    return rows.count()


INDEX = Figure("index", rows=scored, value=mean_of_rows, **words.INDEX)
#: the same figure of a narrowed scope, as the dictionary and the pages call it
FACTOR = Figure("factor", rows=scored, value=mean_of_rows, **words.FACTOR)
ITEM = Figure("item", rows=scored, value=mean_of_rows, **words.ITEM)
DEPARTMENT = Figure("department", rows=scored, value=mean_of_rows, **words.DEPARTMENT)
EMPLOYEE = Figure("employee", rows=scored, value=mean_of_rows, **words.EMPLOYEE)
VERY_SATISFIED = Figure(
    "very_satisfied", rows=_answered(QuestionKind.OVERALL, "value"), value=_very_satisfied, **words.VERY_SATISFIED
)
NPS = Figure("nps", rows=_answered(QuestionKind.NPS, "value"), value=_nps, **words.NPS)
LOYALTY = Figure("loyalty", rows=_answered(QuestionKind.LOYALTY, "normalised"), value=mean_of_rows, **words.LOYALTY)
EXECUTION = Figure("execution", rows=_execution_rows, value=_execution, **words.EXECUTION)
LOW = Figure("low", rows=_low_rows, value=_count, **words.LOW)

FIGURES = {figure.code: figure for figure in (INDEX, VERY_SATISFIED, NPS, LOYALTY, EXECUTION, LOW)}
