"""How the answers to each item go with the overall satisfaction of the same responses: the sums of a correlation.

Sums by month cannot hold products of two answers, so the newest responses of the period are read, at most SAMPLE of
them: enough for a correlation to two decimals, and the same work however many responses there are.
"""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Count, DecimalField, F, Sum

from crm_site.core.figures import Scope
from satisfaction.models import Answer, QuestionKind
from satisfaction.queries.figures import given_answers, scored
from satisfaction.rules.quadrant import Sums

SAMPLE = 5000
_WIDE = DecimalField(max_digits=24, decimal_places=8)


def pairs_by_item(scope: Scope) -> dict[str, Sums]:
    """The sums of (item, overall) over the newest responses of a scope that have both, by question code."""
    rows: Any = scored(scope)
    newest = list(rows.order_by("-counted_on", "-pk").values_list("pk", flat=True)[:SAMPLE])
    answers = given_answers(scope).filter(
        response__in=newest,
        weight__gt=0,
        response__answers__question__kind=QuestionKind.OVERALL,
        response__answers__state=Answer.State.GIVEN,
        response__answers__normalised__isnull=False,
    )
    x, y = F("normalised"), F("response__answers__normalised")
    by_code: Any = answers.order_by().values(code=F("question__code"))
    found = by_code.annotate(
        n=Count("pk"),
        x=Sum(x, output_field=_WIDE),
        y=Sum(y, output_field=_WIDE),
        xx=Sum(x * x, output_field=_WIDE),
        yy=Sum(y * y, output_field=_WIDE),
        xy=Sum(x * y, output_field=_WIDE),
    )
    sums = ("x", "y", "xx", "yy", "xy")
    return {row["code"]: Sums(row["n"], *(Decimal(row[name] or 0) for name in sums)) for row in found}
