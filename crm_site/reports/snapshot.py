"""Puts the facts of one store and month together as the snapshot that is shown, frozen and written to workbooks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from typing import Any

from crm_site.accounts.models import Employee
from crm_site.core.dates import Month, month_of
from crm_site.reports import facts, rules
from crm_site.reports.facts import Ticket, Visit
from crm_site.reports.models import MonthlyReport, ReportState
from satisfaction import rules as scores
from satisfaction.queries.judgements import Judgement

_FOUR = Decimal("0.0001")


def compose(store_id: int, month: date) -> rules.Snapshot:
    """The report of a store's month as the rows stand now: ids, codes and whole numbers, no customer's name.

    Built twice from the same rows it is the same text; the number of queries does not depend on them.
    """
    return _Month(store_id, month_of(month)).snapshot()


class _Month:
    """The facts of a month, read once."""

    def __init__(self, store_id: int, month: Month) -> None:
        self.store_id, self.month = store_id, month
        window = month.shift(1 - rules.SALES_MONTHS)
        self.visits = facts.visits(store_id, month)
        self.answers = facts.answers(store_id, month)
        self.delivered = facts.deliveries(store_id, window.start, month.last)
        recent = facts.tickets(store_id, window.start, month.last)
        self.recent = Counter(one.direct for one in recent if one.is_complaint and one.direct)
        self.tickets = [one for one in recent if one.received_on >= month.start]
        self.before = _before(store_id, month.shift(-1), recent)
        self.mine = _by_employee(self.tickets)
        self.people = facts.roster(store_id, month, {*self.visits, *self.answers, *self.mine})

    def snapshot(self) -> rules.Snapshot:
        """The whole month."""
        complaints = [one for one in self.tickets if one.is_complaint]
        first, last = self.month.start, self.month.last
        rows = [self._row(employee) for employee in self.people]
        return {
            "format": rules.FORMAT,
            "store": self.store_id,
            "month": str(self.month),
            "rows": rows,
            "visits": self._visits_by_series(rows),
            "lines": {line: [one.pk for one in complaints if _line(one) == line] for line in rules.LINES},
            "grievances": [one.pk for one in self.tickets if not one.is_complaint],
            "categories": _by_category(complaints),
            "unjudged": list(facts.unjudged(self.store_id, first, last).values_list("pk", flat=True)),
            "numbers": {str(one.pk): one.number for one in self.tickets},
            "total": facts.total(self.store_id, first, last).count(),
        }

    def _row(self, employee: Employee) -> dict[str, Any]:
        """One employee's line."""
        last_day = min(self.month.last, employee.left_on or self.month.last)
        posting = employee.posting_on(last_day)
        series = rules.series_of(posting.post if posting else "")
        mine = self.mine.get(employee.pk, _NOTHING)
        served = len(self.visits.get(employee.pk, ()))
        return {
            "employee": employee.pk,
            "number": employee.number,
            "name": employee.name,
            "post": posting.post if posting else "",
            "department": posting.department if posting else "",
            "series": series,
            "left": employee.left_on is not None and employee.left_on <= self.month.last,
            "new": employee.hired_on is not None and employee.hired_on >= self.month.start,
            "visits": served,
            "per_hundred": _text(self._per_hundred(employee.pk, series, len(mine.direct), served)),
            "before": self.before.get(employee.pk, 0),
            **_satisfaction(self.answers.get(employee.pk, [])),
            **mine.figures(),
        }

    def _per_hundred(self, employee: int, series: str, direct: int, served: int) -> Decimal | None:
        """Of the month; for sales of the last three months."""
        if series == rules.SALES:
            return rules.per_hundred(self.recent[employee], len(self.delivered.get(employee, ())))
        return rules.per_hundred(direct, served)

    def _visits_by_series(self, rows: list[dict[str, Any]]) -> dict[str, int]:
        """How many visits a series served together; a car that two technicians worked on is one visit."""
        together: dict[str, set[Visit]] = {series: set() for series in rules.SERIES}
        for row in rows:
            together[row["series"]] |= self.visits.get(row["employee"], set())
        return {series: len(served) for series, served in together.items()}


# ---- tickets --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Mine:
    """The tickets that name one employee."""

    direct: tuple[Ticket, ...] = ()
    joint: tuple[Ticket, ...] = ()
    grievances: tuple[Ticket, ...] = ()

    def figures(self) -> dict[str, Any]:
        """The columns about tickets."""
        took = [one.minutes for one in self.direct if one.minutes is not None]
        return {
            "direct": [one.pk for one in self.direct],
            "joint": [one.pk for one in self.joint],
            "grievances": [one.pk for one in self.grievances],
            "categories": _by_category(self.direct),
            "closed": len(took),
            "minutes": sum(took),
        }


_NOTHING = _Mine()


def _by_employee(tickets: list[Ticket]) -> dict[int, _Mine]:
    direct: dict[int, list[Ticket]] = defaultdict(list)
    joint: dict[int, list[Ticket]] = defaultdict(list)
    grievances: dict[int, list[Ticket]] = defaultdict(list)
    for one in tickets:
        if one.direct:
            (direct if one.is_complaint else grievances)[one.direct].append(one)
        if one.is_complaint:
            for employee in one.joint:
                joint[employee].append(one)
    people = {*direct, *joint, *grievances}
    return {who: _Mine(tuple(direct[who]), tuple(joint[who]), tuple(grievances[who])) for who in people}


def _line(ticket: Ticket) -> str:
    """The line a complaint stands in; '' where an employee answers for it."""
    return "" if ticket.direct else ticket.line or rules.UNDECIDED


def _by_category(tickets: Iterable[Ticket]) -> dict[str, list[int]]:
    """{top-level category, '' for none: tickets}."""
    found: dict[str, list[int]] = defaultdict(list)
    for one in tickets:
        found[one.category].append(one.pk)
    return dict(found)


def _before(store_id: int, month: Month, recent: list[Ticket]) -> dict[int, int]:
    """{employee: complaints of the month before}: as it was published, else as its rows stand now."""
    published = MonthlyReport.objects.filter(store_id=store_id, month=month.start, state=ReportState.PUBLISHED)
    frozen = published.values_list("snapshot", flat=True).first()
    if frozen:
        return {row["employee"]: len(row["direct"]) for row in frozen["rows"]}
    days = range(month.start.toordinal(), month.end.toordinal())
    return Counter(
        one.direct for one in recent if one.is_complaint and one.direct and one.received_on.toordinal() in days
    )


# ---- answers --------------------------------------------------------------------------------------------------------


def _satisfaction(answers: list[Judgement]) -> dict[str, Any]:
    """The columns about answers: n, mean with its interval, very satisfied, low."""
    mean = scores.mean_of_values([one.score for one in answers])
    overall = [one.overall for one in answers if one.overall is not None]
    return {
        "responses": [one.response_id for one in answers],
        "score": _text(mean.value),
        "interval": [_text(mean.low), _text(mean.high)],
        "very_satisfied": sum(one >= scores.VERY_SATISFIED_FROM for one in overall),
        "overall": len(overall),
        "low": [one.response_id for one in answers if one.is_low],
    }


def _text(value: Decimal | None) -> str | None:
    """A figure as text with at most four decimals, so that every machine writes the same."""
    return None if value is None else f"{value.quantize(_FOUR, rounding=ROUND_HALF_UP):f}"
