"""What a digest tells of a week or a month: numbers, codes and keys, as they stand when it is built."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import Count, Q

from crm_site.accounts.models import Department
from crm_site.core import hooks
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from crm_site.core.numbers import round_half_up
from satisfaction import queries, rules
from satisfaction.attribution import department_of
from satisfaction.models import Alert, Answer, Decision, Digest, ImprovementMeasure, Questionnaire
from satisfaction.queries.said import WITH_WORDS

Kind = Questionnaire.Kind
#: which kinds speak about a department; '' = the whole store
KINDS: dict[str, tuple[Kind, ...]] = {
    "": (Kind.SERVICE, Kind.SALES),
    Department.SALES: (Kind.SALES,),
    Department.SERVICE: (Kind.SERVICE,),
    Department.WORKSHOP: (Kind.SERVICE,),
}
#: how many best and worst items, and how many of the newest words
FEW_ITEMS, FEW_WORDS = 3, 10
PLACES = 4


@dataclass(frozen=True)
class Window:
    """The days of a digest, and those of the period before it."""

    period: str
    first: date
    last: date

    @classmethod
    def week(cls, first: date) -> Window:
        """The week that begins on a Monday."""
        return cls(Digest.Period.WEEK, first, first + timedelta(days=6))

    @classmethod
    def month(cls, first: date) -> Window:
        """The calendar month that begins on a day."""
        return cls(Digest.Period.MONTH, first, month_of(first).last)

    @property
    def before(self) -> Window:
        """The period just before."""
        if self.period == Digest.Period.WEEK:
            return Window.week(self.first - timedelta(days=7))
        return Window.month(month_of(self.first).shift(-1).start)

    def scope(self, store_id: int, **filters: Any) -> Scope:
        """What is asked of the answers of these days."""
        return Scope((store_id,), self.first, self.last + timedelta(days=1), filters)


class Reading:
    """The figures of one store and period, read once for all its departments."""

    def __init__(self, store_id: int, window: Window, today: date) -> None:
        self.store_id, self.window, self.today = store_id, window, today

    def of(self, department: str) -> dict[str, Any]:
        """Everything that the digest of a department, or of the whole store, keeps."""
        return {
            "kinds": [self._kind(kind, department) for kind in KINDS[department]],
            "low": self._low(department),
            "measures": self._measures(department),
            "words": self._words(department),
            "alerts": self._alerts(department),
        }

    def is_silent(self, department: str, figures: dict[str, Any]) -> bool:
        """Whether there is nothing to tell of a department."""
        asked = any(one["score"]["n"] or one["before"]["n"] for one in figures["kinds"])
        return bool(department) and not (asked or figures["low"] or figures["measures"]["open"])

    def _kind(self, kind: str, department: str) -> dict[str, Any]:
        scope = self._scope(kind, department)
        found = {
            "kind": str(kind),
            "score": kept(self._score(scope)),
            "before": kept(self._score(self._scope(kind, department, self.window.before))),
            **self._items(kind, department),
        }
        if not department:
            found["nps"] = kept(queries.extras(scope)[queries.NPS.code])
            days = (self.window.first, self.window.last, self.today)
            for facts in hooks.load("DIGEST_FACTS"):
                found |= facts(self.store_id, kind, *days)
        return found

    def _score(self, scope: Scope) -> rules.Mean:
        """The index, from the sums where the days are a month."""
        return queries.by_store(scope).get(self.store_id, rules.Mean(0, None))

    def _scope(self, kind: str, department: str, window: Window | None = None) -> Scope:
        narrowed = {"department": department} if department else {}
        return (window or self.window).scope(self.store_id, kind=kind, **narrowed)

    @cached_property
    def _means(self) -> dict[str, list[tuple[str, str, rules.Mean]]]:
        """Of each kind the items with enough answers, best first: (code, the department it judges, mean)."""
        found = {}
        for kind in KINDS[""]:
            scope = self.window.scope(self.store_id, kind=kind)
            judges = {
                code: department_of(kind, question.attribution)
                for line in queries.tree_of(scope)
                for code, question in line.items.items()
            }
            means = queries.items_by_member(scope, "")
            rows = [(code, judges.get(code, ""), mean) for (code, _all), mean in means.items() if mean.is_enough]
            found[str(kind)] = sorted(rows, key=lambda row: (-(row[2].value or 0), row[0]))
        return found

    def _items(self, kind: str, department: str) -> dict[str, list[dict[str, Any]]]:
        """The best and the worst items; none where fewer than two have enough answers."""
        own = [(code, mean) for code, judged, mean in self._means[str(kind)] if department in ("", judged)]
        count = min(FEW_ITEMS, len(own) // 2)
        rows = [{"code": code, **kept(mean)} for code, mean in own]
        return {"best": rows[:count], "worst": rows[::-1][:count]}

    def _low(self, department: str) -> dict[str, int]:
        """What was decided about the responses with a low answer: decision → how many."""
        found: dict[str, int] = {}
        for kind in KINDS[department]:
            rows = queries.LOW.rows(self._scope(kind, department)).order_by().values("decision")
            for row in rows.annotate(n=Count("pk", distinct=True)):
                decision = row["decision"] or Decision.NONE
                found[decision] = found.get(decision, 0) + row["n"]
        return found

    def _measures(self, department: str) -> dict[str, int]:
        """Open ones as the period ended, those past their date, and those done in it."""
        rows = ImprovementMeasure.objects.filter(store_id=self.store_id)
        rows = rows.filter(department=department) if department else rows
        days = (self.window.first, self.window.last)
        late = Q(state=ImprovementMeasure.State.OPEN, due_on__lt=self.today)
        return rows.aggregate(
            open=Count("pk", filter=Q(state=ImprovementMeasure.State.OPEN)),
            late=Count("pk", filter=late),
            done=Count("pk", filter=Q(done_on__range=days)),
        )

    def _words(self, department: str) -> list[int]:
        """The keys of the newest answers with words, low ones first."""
        rows = Answer.objects.filter(WITH_WORDS, response__store_id=self.store_id, response__excluded_at=None)
        rows = rows.filter(response__called_on__range=(self.window.first, self.window.last))
        rows = rows.filter(response__version__questionnaire__kind__in=KINDS[department])
        rows = rows.filter(department=department) if department else rows
        return list(rows.order_by("-is_low", "-response__called_on", "-pk").values_list("pk", flat=True)[:FEW_WORDS])

    def _alerts(self, department: str) -> list[int]:
        """The keys of the alerts about the month in which the period ends."""
        rows = Alert.objects.filter(store_id=self.store_id, month=month_of(self.window.last).start)
        return list((rows.filter(department=department) if department else rows).values_list("pk", flat=True))


def kept(mean: rules.Mean | rules.Rate) -> dict[str, Any]:
    """A mean as it is kept: n, and value and interval as text."""
    return {"n": mean.n, **{name: _text(getattr(mean, name)) for name in ("value", "low", "high")}}


def _text(value: Decimal | None) -> str | None:
    return None if value is None else str(round_half_up(value, PLACES))


def mean_of(row: dict[str, Any]) -> rules.Mean:
    """A mean as it was kept."""
    values: Iterable[Decimal | None] = (None if row[name] is None else Decimal(row[name]) for name in _ENDS)
    return rules.Mean(row["n"], *values)


_ENDS = ("value", "low", "high")
