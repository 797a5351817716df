"""维修客户统计分析表: the repair revisits of a period by advisor, technician and item, in a fixed number of queries."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Avg, Count, F, FilteredRelation, Min, Q, QuerySet, Subquery

from crm_site.accounts.models import Department, Employee
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.core.figures import Scope
from customers.models import Phone, Workmanship
from revisits.models import CallResult, State
from revisits.queries.sheet import called
from satisfaction.models import Answer, ImprovementMeasure, Question, QuestionKind, Response
from satisfaction.rules import DETRACTOR_TO, ENOUGH, PROMOTER_FROM, VERY_SATISFIED_FROM, Mean, Rate, nps_of, rate_of

#: 满意: overall satisfaction of 7 and more, that is not low
SATISFIED_FROM = 7
#: how many low items a line names
TOP = 5
#: the two kinds of lines
ADVISOR, TECHNICIAN = "advisor", "technician"


@dataclass(frozen=True)
class ItemLine:
    """One item of the questionnaires: how it was answered."""

    code: str
    label: str
    n: int
    mean: Decimal | None
    low: int
    #: whether there are enough answers to compare
    is_enough: bool


@dataclass
class GroupLine:
    """One advisor or technician (None = nobody known): calls, answers, what they say."""

    employee: Employee | None
    calls: int = 0
    done: int = 0
    good_numbers: int = 0
    bad_numbers: int = 0
    filled: int = 0
    overall: int = 0
    satisfied: int = 0
    very_satisfied: int = 0
    asked_again: int = 0
    again_sum: Decimal = Decimal(0)
    promoters: int = 0
    detractors: int = 0
    recommended: int = 0
    items: list[ItemLine] = field(default_factory=list)

    @property
    def satisfied_rate(self) -> Rate:
        """满意率."""
        return rate_of(self.satisfied, self.overall)

    @property
    def very_satisfied_rate(self) -> Rate:
        """非常满意率."""
        return rate_of(self.very_satisfied, self.overall)

    @property
    def again(self) -> Decimal | None:
        """返厂意愿 on 0–100; None where fewer than ten were asked."""
        return self.again_sum / self.asked_again if self.asked_again >= ENOUGH else None

    @property
    def nps(self) -> Mean:
        """推荐."""
        return nps_of(self.promoters, self.detractors, self.recommended)

    @property
    def worst_five(self) -> list[ItemLine]:
        """不满项目前五: by how often they were low."""
        return sorted((one for one in self.items if one.low), key=lambda one: (-one.low, one.code))[:TOP]

    @property
    def strength(self) -> ItemLine | None:
        """优势: the best item of those with enough answers."""
        return max(self._judged(), key=lambda one: (one.mean, one.code), default=None)

    @property
    def weakness(self) -> ItemLine | None:
        """劣势: the worst one; none where there is only one item to judge."""
        judged = self._judged()
        return min(judged, key=lambda one: (one.mean, one.code)) if len(judged) > 1 else None

    def _judged(self) -> list[ItemLine]:
        return [one for one in self.items if one.is_enough and one.mean is not None]


def by_employee(scope: Scope, whose: str) -> list[GroupLine]:
    """The lines by ADVISOR or (leading) TECHNICIAN, most calls first; who is unknown stands last."""
    found: dict[int | None, GroupLine] = defaultdict(lambda: GroupLine(None))
    for row in _calls(scope, whose):
        line = found[row["who"]]
        line.calls, line.done, line.filled = row["calls"], row["done"], row["filled"]
        line.bad_numbers = row["bad"]
        line.good_numbers = row["calls"] - row["bad"]
    labels = _labels(scope)
    for row in _answers(scope, whose):
        if row["who"] in found:
            _take(found[row["who"]], row, labels)
    people = Employee.objects.in_bulk([pk for pk in found if pk])
    for pk, line in found.items():
        line.employee = people.get(pk) if pk else None
    return sorted(found.values(), key=lambda line: (line.employee is None, -line.calls, str(line.employee)))


def by_item(scope: Scope) -> list[ItemLine]:
    """Every item of the period's repair revisits, lowest mean first."""
    labels = _labels(scope)
    rows = _of(scope).filter(weight__gt=0, normalised__isnull=False).values(code=F("question__code"))
    found = [
        _item(row, labels)
        for row in rows.annotate(n=Count("pk"), mean=Avg("normalised"), low=Count("pk", filter=Q(is_low=True)))
    ]
    return sorted(found, key=lambda line: (line.mean is None, line.mean, line.code))


def _of_employee(rows: QuerySet[Any, Any], order: str, scope: Scope, whose: str) -> QuerySet[Any, Any]:
    """`rows` with `who` served the order at the path `order`; once for each lead, also where he led two trades."""
    if whose == ADVISOR:
        return rows.annotate(who=F(f"{order}__service_advisor"))
    leads = Workmanship.objects.filter(order__in=called(scope).order_by().values("repair_order"), is_lead=True)
    firsts = leads.values("order", "technician").annotate(first=Min("pk")).values("first")
    path = f"{order}__technicians"
    lead = FilteredRelation(path, condition=Q(**{f"{path}__in": Subquery(firsts)}))
    return rows.annotate(lead=lead).annotate(who=F("lead__technician"))


def _calls(scope: Scope, whose: str) -> QuerySet[Any]:
    """Calls, successes and numbers by employee."""
    bad = Q(last_result__group=CallResult.Group.NUMBER) | Q(state=State.NO_NUMBER)
    rows: QuerySet[Any, Any] = _of_employee(called(scope).order_by(), "repair_order", scope, whose).values("who")
    return rows.annotate(
        calls=Count("pk"),
        done=Count("pk", filter=Q(state=State.DONE)),
        bad=Count("pk", filter=bad),
        filled=Count("pk", filter=Q(customer_id__in=_filled(scope))),
    )


def _filled(scope: Scope) -> list[int]:
    """The customers whose facts were completed in a call of the period."""
    start, end = clock.day_bounds(scope.start, scope.last)
    rows = Entry.objects.filter(action="customer.filled_in_call", at__gte=start, at__lt=end)
    return list(rows.filter(store_id__in=scope.stores).values_list("subject_id", flat=True).distinct())


def _of(scope: Scope) -> QuerySet[Answer]:
    """The answers of the valid responses that the period's repair revisits gave."""
    tasks = called(scope).order_by()
    responses = Response.objects.valid().filter(attempt__revisit__in=tasks.values("pk"))
    return Answer.objects.filter(response__in=responses.values("pk"), state=Answer.State.GIVEN).order_by()


def _answers(scope: Scope, whose: str) -> QuerySet[Any]:
    """Answers by employee and question."""
    given = _of(scope).filter(value__isnull=False)
    rows: QuerySet[Any, Any] = _of_employee(given, "response__repair_order", scope, whose).values(
        "who", code=F("question__code"), kind=F("question__kind"), weighted=Q(weight__gt=0)
    )
    return rows.annotate(
        n=Count("pk"),
        mean=Avg("normalised"),
        low=Count("pk", filter=Q(is_low=True)),
        satisfied=Count("pk", filter=Q(value__gte=SATISFIED_FROM)),
        very=Count("pk", filter=Q(value__gte=VERY_SATISFIED_FROM)),
        promoters=Count("pk", filter=Q(value__gte=PROMOTER_FROM)),
        detractors=Count("pk", filter=Q(value__lte=DETRACTOR_TO)),
    )


def _take(line: GroupLine, row: dict[str, Any], labels: dict[str, str]) -> None:
    """Add what one question says to a line."""
    if row["kind"] == QuestionKind.OVERALL:
        line.overall += row["n"]
        line.satisfied += row["satisfied"]
        line.very_satisfied += row["very"]
    elif row["kind"] == QuestionKind.LOYALTY:
        line.asked_again += row["n"]
        line.again_sum += Decimal(str(row["mean"] or 0)) * row["n"]
    elif row["kind"] == QuestionKind.NPS:
        line.recommended += row["n"]
        line.promoters += row["promoters"]
        line.detractors += row["detractors"]
    elif row["weighted"]:
        line.items.append(_item(row, labels))


def _item(row: dict[str, Any], labels: dict[str, str]) -> ItemLine:
    mean = None if row["mean"] is None else Decimal(str(row["mean"]))
    return ItemLine(row["code"], labels.get(row["code"], row["code"]), row["n"], mean, row["low"], row["n"] >= ENOUGH)


def _labels(scope: Scope) -> dict[str, str]:
    """{question code: words}; a later version's words stand for the earlier ones."""
    rows = Question.objects.filter(
        Q(version__questionnaire__store=None) | Q(version__questionnaire__store_id__in=scope.stores),
        version__questionnaire__kind="service",
    )
    return {row.code: row.label for row in rows.order_by("version_id")}


def measures(scope: Scope) -> list[ImprovementMeasure]:
    """措施: the measures of service and workshop that were open in the period."""
    rows = ImprovementMeasure.objects.filter(
        store_id__in=scope.stores, department__in=[Department.SERVICE, Department.WORKSHOP]
    )
    _start, end = clock.day_bounds(scope.start, scope.last)
    rows = rows.filter(Q(state="open") | Q(done_on__gte=scope.start), created_at__lt=end)
    return list(rows.select_related("responsible").order_by("state", "due_on", "pk")[:30])


@dataclass(frozen=True)
class Kept:
    """信息留存 of the customers called: with a usable number, with none, completed in a call."""

    customers: int
    usable: int
    filled: int


def kept(scope: Scope) -> Kept:
    """How well the archive of the customers called is kept."""
    ids = called(scope).exclude(customer=None).order_by().values("customer").distinct()
    usable = Phone.objects.filter(customer__in=ids, bad_since=None).values("customer").distinct()
    filled = set(_filled(scope))
    return Kept(ids.count(), usable.count(), sum(row["customer"] in filled for row in ids))
