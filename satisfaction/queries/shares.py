"""What some of a response's items say of it, of many responses in one query: a department's, an employee's in a factor.

`figures.scored` works the same out response by response, for the lists behind the figures: in a subquery that the
engine goes through again wherever its points are asked for, which a year of answers makes felt.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any

from django.db.models import Count, F, Q, QuerySet, Value

from crm_site.core.figures import Scope
from satisfaction import rules
from satisfaction.models import Factor
from satisfaction.queries.below import added_up, below
from satisfaction.queries.figures import departments_in, given_answers, mean_from, share_of_items

Sums = dict[str, Any]
#: the one place of what is not parted
WHOLE = Value("")


def sums_by(scope: Scope, place: Any) -> dict[Any, Sums]:
    """What means follow from, and how many responses have a low answer, of a scope that `is_of_shares`.

    By an expression of its answers, every place with a response. Where the place is the answers' department, a response
    says to each what its items say.
    """
    return _added_up(of_each(scope, place).values_list("place", "share", "low"))


def means_by(scope: Scope, place: Any) -> dict[Any, rules.Mean]:
    """The period scores of a scope that `is_of_shares`, by an expression of its answers."""
    return {at: mean_from(one) for at, one in sums_by(scope, place).items()}


def of_each(scope: Scope, place: Any = WHOLE) -> QuerySet[Any, Any]:
    """One row for each response and place with a weighted answer that the scope selects: response, place, share, low.

    These are the responses of `figures.scored`, each with its points.
    """
    low = Count("pk", filter=Q(is_low=True))
    rows = _answers(scope).values("response", place=place).annotate(share=share_of_items(), low=low)
    rows = rows.filter(share__isnull=False)
    return rows.filter(low__gt=0) if scope.get("low") else rows


def responses(scope: Scope) -> QuerySet[Any, Any]:
    """The keys of the responses of `of_each`, as a condition."""
    rows = of_each(scope) if scope.get("low") else _answers(scope).filter(weight__gt=0)
    return rows.values("response")


def _answers(scope: Scope) -> QuerySet[Any, Any]:
    """The answers that a scope selects, of its valid responses."""
    answers = below(given_answers(scope), scope)
    if not (scope.get("employee") and scope.get("part")):
        return answers
    served = {f"response__employee_scores__{name}": scope.get(name) for name in ("employee", "part")}
    return answers.filter(**served)


def is_of_departments_alone(scope: Scope) -> bool:
    """Whether only the scope's departments say which answers of a response count, and every response has its say."""
    narrowing = ("factor", "question", "employee", "low")
    return departments_in(scope) is not None and not any(scope.get(name) for name in narrowing)


def factors_from(answers: QuerySet[Any, Any], place: Any) -> dict[tuple[str, Any], rules.Mean]:
    """Means by (factor code, place) from answers: the share of the weighted ones in each factor of each response."""
    rows = answers.filter(weight__gt=0, question__factor__isnull=False).values_list(
        "response", F("question__factor"), place
    )
    rows = rows.annotate(share=share_of_items())
    found = _added_up(((factor, at), share, 0) for _response, factor, at, share in rows)
    lines = [{"factor": factor, "place": at, **added} for (factor, at), added in found.items()]
    return added_up(lines, "factor", Factor, lambda row: row["place"])


def _added_up(shares: Iterable[tuple[Any, Any, int]]) -> dict[Any, Sums]:
    """The sums by place, from (place, share, how many low answers)."""
    found: dict[Any, Sums] = {}
    for at, told, low in shares:
        one = found.setdefault(at, {"n": 0, "total": Decimal(0), "squares": Decimal(0), "low": 0})
        share = Decimal(told)
        one["n"] += 1
        one["total"] += share
        one["squares"] += share * share
        one["low"] += bool(low)
    return found
