"""One line of the report for each employee and series: whose tickets, visits and answers they are, and what follows."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from complaints.rules.clock import stands
from crm_site.accounts.models import Employee
from crm_site.reports import rules
from crm_site.reports.cases import Ticket
from crm_site.reports.facts import Visit
from crm_site.reports.matters import Matters
from crm_site.reports.periods import Period
from crm_site.reports.posts import Posts
from satisfaction import rules as scores
from satisfaction.queries.judgements import Judgement

_FOUR = Decimal("0.0001")
#: an employee in one series
Key = tuple[int, str]


@dataclass
class Mine:
    """What one employee has in one series."""

    direct: list[Ticket] = field(default_factory=list)
    joint: list[Ticket] = field(default_factory=list)
    visits: set[Visit] = field(default_factory=set)
    answers: list[Judgement] = field(default_factory=list)
    delivered: set[int] = field(default_factory=set)


def sorted_out(
    posts: Posts,
    tickets: Iterable[Ticket],
    served: dict[int, dict[Visit, date]],
    answers: dict[int, list[Judgement]],
    delivered: dict[int, dict[int, date]],
) -> dict[Key, Mine]:
    """Everything of a month laid at the door of the employee, in the series of the post held when it happened."""
    found: dict[Key, Mine] = defaultdict(Mine)
    for one in tickets:
        if one.direct:
            found[one.direct.employee, posts.series_liable(one.direct, one.received_on)].direct.append(one)
        for liable in one.joint if one.is_complaint else ():
            found[liable.employee, posts.series_liable(liable, one.received_on)].joint.append(one)
    for who, visits in served.items():
        for visit, day in visits.items():
            found[who, posts.series(who, day)].visits.add(visit)
    for who, judgements in answers.items():
        for judgement in judgements:
            found[who, posts.series(who, judgement.served_on)].answers.append(judgement)
    for who, cars in delivered.items():
        for car, day in cars.items():
            found[who, posts.series(who, day)].delivered.add(car)
    return found


class Rows:
    """Builds the lines of one period."""

    def __init__(
        self, period: Period, posts: Posts, mine: dict[Key, Mine], matters: Matters, before: Counter[Key]
    ) -> None:
        self.period, self.posts, self.mine = period, posts, mine
        self.matters, self.before = matters, before
        self.handled = {key: handled(found.direct, period, matters) for key, found in mine.items()}
        self.series_with: dict[int, set[str]] = defaultdict(set)
        for (who, series), found in mine.items():
            if self._is_of_period(found, self.handled[who, series]):
                self.series_with[who].add(series)

    def _is_of_period(self, mine: Mine, figures: dict[str, Any]) -> bool:
        """Whether something of the period itself stands there, not merely of the months around it."""
        received = (*mine.direct, *mine.joint)
        return bool(mine.visits or mine.answers or any(figures.values())) or any(
            self.period.holds(one.received_on) for one in received
        )

    def of(self, employee: Employee) -> list[dict[str, Any]]:
        """The lines of one employee: a series for each post held in the period or named by something that happened."""
        held = {rules.series_of(one.post) for one in self.posts.held(employee, self.period)}
        wanted = (held | self.series_with[employee.pk]) or {rules.OTHER}
        return [self._row(employee, series) for series in rules.SERIES if series in wanted]

    def _row(self, employee: Employee, series: str) -> dict[str, Any]:
        mine = self.mine.get((employee.pk, series)) or Mine()
        posting = self.posts.last_in(employee, series, self.period)
        direct = [one for one in mine.direct if one.is_complaint]
        own = [one for one in direct if self.period.holds(one.received_on)]
        return {
            "employee": employee.pk,
            "number": employee.number,
            "name": employee.name,
            "post": posting.post if posting else "",
            "department": posting.department if posting else "",
            "series": series,
            "held": self._held(employee, series),
            "left": employee.left_on is not None and employee.left_on <= self.period.last,
            "new": employee.hired_on is not None and employee.hired_on >= self.period.start,
            "visits": len(mine.visits),
            "per_hundred": text(self._per_hundred(series, direct, own, mine)),
            "before": self.before[employee.pk, series],
            **satisfaction(mine.answers),
            "direct": [one.pk for one in own],
            "joint": [one.pk for one in mine.joint if self.period.holds(one.received_on)],
            "grievances": [
                one.pk for one in mine.direct if not one.is_complaint and self.period.holds(one.received_on)
            ],
            "categories": by_category(own),
            **(self.handled.get((employee.pk, series)) or handled([], self.period, self.matters)),
        }

    def _held(self, employee: Employee, series: str) -> list[str]:
        """[first, last] day of the series within the period, where it was not held throughout; else []."""
        held = [one for one in self.posts.held(employee, self.period) if rules.series_of(one.post) == series]
        others = [one for one in self.posts.held(employee, self.period) if rules.series_of(one.post) != series]
        if not held or not others:
            return []
        last = min(self.period.last, employee.left_on or self.period.last)
        first, until = max(held[0].since, self.period.start), held[-1].until
        later = [one.since for one in others if one.since > held[-1].since]
        ends = min([last, *([until] if until else []), *(day - timedelta(days=1) for day in later)])
        return [first.isoformat(), ends.isoformat()]

    def _per_hundred(self, series: str, direct: list[Ticket], own: list[Ticket], mine: Mine) -> Decimal | None:
        """Of the month; for sales of the last three months."""
        if series != rules.SALES:
            return rules.per_hundred(len(own), len(mine.visits))
        since = self.period.since(rules.SALES_MONTHS)
        recent = [one for one in direct if since <= one.received_on <= self.period.last]
        return rules.per_hundred(len(recent), len(mine.delivered))


# ---- tickets --------------------------------------------------------------------------------------------------------


def handled(complaints: Collection[Ticket], period: Period, matters: Matters) -> dict[str, Any]:
    """How complaints were handled, as lists of tickets: every share's whole and its part.

    `closed` is of those received in the period, closed by its end; `closing_due` and `response_due` of those whose
    promise ended in it and is not held up by a pause; `finished` of those closed in it, whenever they were received,
    with their `minutes`.
    """
    complaints = [one for one in complaints if one.is_complaint]
    own = [one for one in complaints if period.holds(one.received_on)]
    finished = [one for one in complaints if period.holds(one.closed_on)]
    closing = [one for one in complaints if _is_due(one, one.closing_due_at, matters)]
    response = [one for one in complaints if _is_due(one, one.response_due_at, matters)]
    confirmed = [one for one in complaints if one.pk in matters.confirmed]
    return {
        "closed": [one.pk for one in own if one.closed_on is not None and one.closed_on <= period.last],
        "repeats": [one.pk for one in own if matters.is_repeat(one)],
        "finished": [one.pk for one in finished],
        "minutes": sum(one.minutes or 0 for one in finished),
        "solved": [one.pk for one in finished if matters.is_solved(one)],
        "closing_due": [one.pk for one in closing],
        "closing_met": [one.pk for one in closing if _kept(one.closed_at, one.closing_due_at)],
        "response_due": [one.pk for one in response],
        "response_met": [one.pk for one in response if _kept(one.responded_at, one.response_due_at)],
        "confirmed": [one.pk for one in confirmed],
        "content": [one.pk for one in confirmed if matters.confirmed[one.pk]],
    }


def _is_due(one: Ticket, due: datetime | None, matters: Matters) -> bool:
    """Whether a promise ended in the period; while the clock stands before it, it has not."""
    return due is not None and matters.in_period(due) and not stands(due, one.paused_at)


def _kept(done: datetime | None, due: datetime | None) -> bool:
    """Whether something was done by its deadline."""
    return done is not None and due is not None and done <= due


def by_category(tickets: Iterable[Ticket]) -> dict[str, list[int]]:
    """{top-level category, '' for none: tickets}."""
    found: dict[str, list[int]] = defaultdict(list)
    for one in tickets:
        found[one.category].append(one.pk)
    return dict(found)


# ---- answers --------------------------------------------------------------------------------------------------------


def satisfaction(answers: list[Judgement]) -> dict[str, Any]:
    """The columns about answers: n, mean with its interval, very satisfied, low."""
    overall = [one.overall for one in answers if one.overall is not None]
    return {
        "responses": [one.response_id for one in answers],
        **mean_of([one.score for one in answers]),
        "very_satisfied": sum(one >= scores.VERY_SATISFIED_FROM for one in overall),
        "overall": len(overall),
        "low": [one.response_id for one in answers if one.is_low],
    }


def together(answers: Iterable[Judgement]) -> dict[str, Any]:
    """The scores of a series: a response that judges several of its people counts once, with the mean of its scores."""
    marks: dict[int, list[Decimal]] = defaultdict(list)
    low = set()
    for one in answers:
        marks[one.response_id].append(one.score)
        if one.is_low:
            low.add(one.response_id)
    means = [sum(found, Decimal(0)) / len(found) for _response, found in sorted(marks.items())]
    return {"responses": sorted(marks), **mean_of(means), "low": sorted(low)}


def mean_of(values: list[Decimal]) -> dict[str, Any]:
    """A mean and its 95 % interval as text; None where there is none."""
    mean = scores.mean_of_values(values)
    return {"score": text(mean.value), "interval": [text(mean.low), text(mean.high)]}


def text(value: Decimal | None) -> str | None:
    """A figure as text with at most four decimals, so that every machine writes the same."""
    return None if value is None else f"{value.quantize(_FOUR, rounding=ROUND_HALF_UP):f}"
