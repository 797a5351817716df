"""The figures of satisfaction: each is a list of responses and what follows from it.

Every `rows(scope)` gives responses annotated with `points`, what the figure counts of each; the same rows are the list
behind the figure. A scope's filters are: `kind` (sales, service, confirmation), `departments` (only what judges them),
`factor`, `question`, `part` and `employee` (whose work), `low` (only responses with a low answer of that selection),
`basis` ("occasion": by the day of delivery or hand-back; else by the day of the call).
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, DecimalField, Exists, F, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce
from django.utils.translation import gettext_lazy as _

from crm_site.core.figures import Figure, Scope
from satisfaction import rules
from satisfaction.models import Answer, EmployeeScore, FactorScore, QuestionKind, Response

OCCASION = "occasion"
POINTS = DecimalField(max_digits=7, decimal_places=4)
_WIDE = DecimalField(max_digits=24, decimal_places=8)


def given_answers(scope: Scope) -> QuerySet[Answer]:
    """The answers with a number that a scope selects, whatever their response; only to be nested or joined."""
    answers = Answer.objects.filter(state=Answer.State.GIVEN, normalised__isnull=False)
    if scope.get("question"):
        answers = answers.filter(question__code=scope.get("question"))
    if scope.get("factor"):
        answers = answers.filter(question__factor__code=scope.get("factor"))
    if scope.get("employee"):
        answers = answers.filter(attributions__employee_id=scope.get("employee"))
    elif scope.get("departments") is not None:
        answers = answers.filter(department__in=scope.get("departments"))
    return answers


def valid_responses(scope: Scope) -> QuerySet[Response]:
    """The valid responses of the stores, days and kind, before any narrowing to items or people."""
    rows = Response.objects.filter(store_id__in=scope.stores).valid()
    rows = rows.annotate(counted_on=day(scope)).filter(counted_on__range=(scope.start, scope.last))
    kind = scope.get("kind")
    return rows.filter(version__questionnaire__kind=kind) if kind else rows


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
    if scope.get("low"):
        rows = rows.filter(Exists(given_answers(scope).filter(response=OuterRef("pk"), is_low=True)))
    return rows


def _points(scope: Scope) -> Any:
    """What one response says: its index, or the score of one item, factor, employee or department in it."""
    if scope.get("question"):
        return _one_of(given_answers(scope).values("normalised"))
    if scope.get("employee"):
        own = EmployeeScore.objects.filter(response=OuterRef("pk"), employee_id=scope.get("employee"))
        if scope.get("part"):
            own = own.filter(part=scope.get("part"))
        return Subquery(own.values("score")[:1])
    if scope.get("departments") is not None:
        share = Sum(F("normalised") * F("weight"), output_field=_WIDE) / Sum("weight", output_field=_WIDE)
        own_items = given_answers(scope).filter(response=OuterRef("pk"), weight__gt=0).order_by().values("response")
        return Subquery(own_items.annotate(share=share).values("share"), output_field=POINTS)
    if scope.get("factor"):
        factor = FactorScore.objects.filter(response=OuterRef("pk"), factor__code=scope.get("factor"))
        return Subquery(factor.values("score")[:1])
    return F("score")


def _one_of(values: QuerySet) -> Subquery:
    return Subquery(values.filter(response=OuterRef("pk"))[:1])


def _answered(kind: str, value: str) -> Any:
    """Rows of a figure that reads one unweighted question: responses in which it was answered."""

    def rows(scope: Scope) -> QuerySet[Response]:
        own = Answer.objects.filter(response=OuterRef("pk"), state=Answer.State.GIVEN, question__kind=kind)
        return scored(scope).annotate(points=Subquery(own.values(value)[:1])).filter(points__isnull=False)

    return rows


def _execution_rows(scope: Scope) -> QuerySet[Response]:
    own = Answer.objects.filter(
        response=OuterRef("pk"), state=Answer.State.GIVEN, question__kind=QuestionKind.EXECUTION
    )
    share = own.order_by().values("response").annotate(share=Avg("normalised")).values("share")
    return valid_responses(scope).annotate(points=Subquery(share)).filter(points__isnull=False)


def _low_rows(scope: Scope) -> QuerySet[Response]:
    return scored(scope.having(low=True))


# ---- values ---------------------------------------------------------------------------------------------------------


def sums(name: str = "points") -> dict[str, Any]:
    """The aggregates from which a mean and its interval follow."""
    return {
        "n": Count(name),
        "total": Sum(name, output_field=_WIDE),
        "squares": Sum(F(name) * F(name), output_field=_WIDE),
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
    answers = Answer.objects.filter(
        response__in=rows.order_by().values("pk"), state=Answer.State.GIVEN, question__kind=QuestionKind.EXECUTION
    )
    found = answers.aggregate(n=Count("pk"), hits=Count("pk", filter=Q(value=1)))
    return rules.rate_of(found["hits"], found["n"])


def _count(rows: QuerySet[Response]) -> int:
    return rows.count()


INDEX = Figure(
    "index",
    _("Internal satisfaction"),
    _("mean of the indexes of the valid responses; index = Σ(factor × weight) / Σ(weights of factors with an answer)"),
    scored,
    mean_of_rows,
)
VERY_SATISFIED = Figure(
    "very_satisfied",
    _("Very satisfied"),
    _("overall satisfaction 9–10 / valid responses with that answer"),
    _answered(QuestionKind.OVERALL, "value"),
    _very_satisfied,
)
NPS = Figure(
    "nps",
    _("Net promoter score"),
    _("share of 9–10 less share of 0–6, on 0–10"),
    _answered(QuestionKind.NPS, "value"),
    _nps,
)
LOYALTY = Figure(
    "loyalty",
    _("Would come again"),
    _("mean of “would come again” on 0–100"),
    _answered(QuestionKind.LOYALTY, "normalised"),
    mean_of_rows,
)
EXECUTION = Figure(
    "execution",
    _("Execution rate"),
    _("“yes” / answered execution items"),
    _execution_rows,
    _execution,
)
LOW = Figure(
    "low",
    _("Responses with a low answer"),
    _("valid responses with at least one item of 60 or less"),
    _low_rows,
    _count,
)

FIGURES = {figure.code: figure for figure in (INDEX, VERY_SATISFIED, NPS, LOYALTY, EXECUTION, LOW)}
