"""What each caller did in a period: 拨打, 接通, 成功, 通话分钟, 转单 and the mean of the inspections."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from django.db.models import Avg, Count, DurationField, ExpressionWrapper, F, Q, QuerySet, Sum
from django.utils.translation import gettext_lazy as _

from crm_site.accounts.models import Employee
from crm_site.core import clock
from crm_site.core.figures import Scope
from revisits.models import CallAttempt, Inspection
from revisits.queries.indicators.base import COUNT, Indicator, count
from revisits.queries.indicators.calls import attempts

#: the conditions on attempts, by the code of the column
PARTS: dict[str, Q] = {
    "dialled": Q(),
    "reached": Q(result__reached=True),
    "completed": Q(result__saves_answers=True),
    "handed_on": Q(complaint__isnull=False),
}


@dataclass(frozen=True)
class CallerLine:
    """One caller's period."""

    caller: Employee
    counts: dict[str, int]
    minutes: int
    #: mean of the inspections finished in the period, and how many
    score: Decimal | None
    inspected: int


def callers(scope: Scope) -> list[CallerLine]:
    """Everybody who dialled in the period, most calls first; three queries."""
    own: QuerySet = attempts(scope).order_by().values("by")
    parts = {code: Count("pk", filter=condition) for code, condition in PARTS.items()}
    length = ExpressionWrapper(F("ended_at") - F("started_at"), output_field=DurationField())
    spoken = Sum(length, filter=Q(result__reached=True))
    rows = {row["by"]: row for row in own.annotate(spoken=spoken, **parts)}
    scores = {row["caller"]: row for row in _scores(scope)}
    people = Employee.objects.in_bulk(rows.keys())
    lines = [_line(people[pk], row, scores.get(pk, {})) for pk, row in rows.items()]
    return sorted(lines, key=lambda line: (-line.counts["dialled"], line.caller.number))


def _line(caller: Employee, row: dict, score: dict) -> CallerLine:
    mean = score.get("mean")
    spoken = row["spoken"] or timedelta()
    return CallerLine(
        caller=caller,
        counts={code: row[code] for code in PARTS},
        minutes=int(spoken.total_seconds() // 60),
        score=None if mean is None else Decimal(str(mean)),
        inspected=score.get("n", 0),
    )


def _scores(scope: Scope) -> QuerySet:
    start, end = clock.day_bounds(scope.start, scope.last)
    rows = Inspection.objects.filter(store_id__in=scope.stores, inspected_at__gte=start, inspected_at__lt=end)
    return rows.filter(score__isnull=False).order_by().values("caller").annotate(mean=Avg("score"), n=Count("pk"))


def _of(code: str) -> Indicator:
    def rows(scope: Scope) -> QuerySet[CallAttempt]:
        return attempts(scope).filter(PARTS[code])

    return Indicator(f"by_{code}", WORDS[code][0], WORDS[code][1], rows, count, kind=COUNT)


WORDS = {
    "dialled": (_("Dialled"), _("attempts of the period")),
    "reached": (_("Reached"), _("attempts in which somebody was reached")),
    "completed": (_("Completed"), _("attempts that completed their task")),
    "handed_on": (_("Handed on"), _("attempts from which a ticket came")),
}
#: the columns whose numbers open a list of attempts
PEOPLE = {f"by_{code}": _of(code) for code in PARTS}
