"""Puts the facts of one store and month together as the snapshot that is shown, frozen and written to workbooks."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from typing import Any

from crm_site.accounts.models import Employee
from crm_site.reports import adjustments, calendar, cases, facts, rules
from crm_site.reports.cases import Ticket
from crm_site.reports.facts import Visit
from crm_site.reports.matters import Matters
from crm_site.reports.models import MonthlyReport, ReportState
from crm_site.reports.periods import Period
from crm_site.reports.posts import Posts
from crm_site.reports.rows import Key, Rows, by_category, handled, sorted_out, together
from satisfaction import rules as scores
from satisfaction.queries.judgements import Judgement

_CENT = Decimal("0.01")


def compose(store_id: int, month: date) -> rules.Snapshot:
    """The report of a store's month as the rows stand now: ids, codes and whole numbers, no customer's name.

    Built twice from the same rows it is the same text; the number of queries does not depend on them.
    """
    return _Month(store_id, calendar.period_for(store_id, month)).snapshot()


class _Month:
    """The facts of a month, read once."""

    def __init__(self, store_id: int, period: Period) -> None:
        self.store_id, self.period = store_id, period
        since = period.since(rules.SALES_MONTHS)
        self.served = facts.visits(store_id, period)
        self.answers = facts.answers(store_id, period)
        self.tickets = cases.tickets(store_id, period, since)
        self.matters = Matters(store_id, period)
        self.complaints = [one for one in self.tickets if one.is_complaint]
        self.own = [one for one in self.tickets if period.holds(one.received_on)]
        named = {who for one in self.tickets for who in _employees(one)}
        self.people = facts.roster(store_id, period, {*self.served, *self.answers, *named})
        self.posts = Posts(self.people)
        delivered = facts.deliveries(store_id, since, period.last)
        self.mine = sorted_out(self.posts, self.tickets, self.served, self.answers, delivered)

    def snapshot(self) -> rules.Snapshot:
        """The whole month."""
        first, last = self.period.start, self.period.last
        rows = self._rows()
        own = [one for one in self.own if one.is_complaint]
        found = {
            "format": rules.FORMAT,
            "store": self.store_id,
            "month": f"{self.period.month:%Y-%m}",
            "period": [first.isoformat(), last.isoformat()],
            "rules": _rules(self.store_id, self.matters.repeat_days),
            "questionnaires": facts.questionnaires(self.store_id, self.period),
            "rows": rows,
            **self._by_series(),
            "lines": {line: [one.pk for one in own if _line(one) == line] for line in rules.LINES},
            "grievances": [one.pk for one in self.own if not one.is_complaint],
            "categories": by_category(own),
            "handled": handled(self.complaints, self.period, self.matters),
            "money": self._money(),
            "unjudged": list(cases.unjudged(self.store_id, first, last).values_list("pk", flat=True)),
            "numbers": self._numbers(),
            "total": cases.total(self.store_id, first, last).count(),
            "company": cases.by_moment(self.store_id, self.period),
            **adjustments.of_month(self.store_id, self.period.month),
        }
        return {**found, "sum": rules.sum_of(found).as_json()}

    def _rows(self) -> list[dict[str, Any]]:
        rows = Rows(self.period, self.posts, self.mine, self.matters, self._before())
        return [row for employee in self.people if self._belongs(employee, rows) for row in rows.of(employee)]

    def _belongs(self, employee: Employee, rows: Rows) -> bool:
        """Everybody employed in the period, and everybody for whom something of the period stands."""
        period = self.period
        employed = (employee.hired_on is None or employee.hired_on <= period.last) and (
            employee.left_on is None or employee.left_on >= period.start
        )
        return employed or bool(rows.series_with.get(employee.pk))

    def _by_series(self) -> dict[str, Any]:
        """What a series has together: a visit or response that several of its people share counts once."""
        visits: dict[str, set[Visit]] = defaultdict(set)
        answers: dict[str, list[Judgement]] = defaultdict(list)
        for (_who, series), found in self.mine.items():
            visits[series] |= found.visits
            answers[series] += found.answers
        return {
            "visits": {series: len(visits[series]) for series in rules.SERIES},
            "scores": {series: together(answers[series]) for series in rules.SERIES},
        }

    def _before(self) -> Counter[Key]:
        """{employee in a series: complaints of the month before}: as published, else as its rows stand now."""
        before = self.period.before()
        published = MonthlyReport.objects.filter(
            store_id=self.store_id, month=before.month, state=ReportState.PUBLISHED
        )
        frozen = published.values_list("snapshot", flat=True).first()
        if frozen:
            return Counter({(row["employee"], row["series"]): len(row["direct"]) for row in frozen["rows"]})
        return Counter(
            (one.direct.employee, self.posts.series_liable(one.direct, one.received_on))
            for one in self.complaints
            if one.direct and before.holds(one.received_on)
        )

    def _numbers(self) -> dict[str, str]:
        """{ticket: its number}, of every ticket that stands in the report."""
        period, matters = self.period, self.matters
        return {
            str(one.pk): one.number
            for one in self.tickets
            if period.holds(one.received_on)
            or period.holds(one.closed_on)
            or one.pk in matters.confirmed
            or matters.in_period(one.closing_due_at)
            or matters.in_period(one.response_due_at)
        }

    def _money(self) -> dict[str, dict[str, Any]]:
        """{liable department or line: tickets closed in the period with 补偿 or 索赔, and the sums in yuan}."""
        found: dict[str, list[Ticket]] = defaultdict(list)
        for one in self.tickets:
            if self.period.holds(one.closed_on) and (one.compensation or one.claim):
                found[self._department(one)].append(one)
        return {
            department: {
                "tickets": [one.pk for one in tickets],
                "compensation": _sum(one.compensation for one in tickets),
                "claim": _sum(one.claim for one in tickets),
            }
            for department, tickets in sorted(found.items())
        }

    def _department(self, ticket: Ticket) -> str:
        """Whose money it is: the department of the employee when it happened, the ticket's, or the line."""
        if ticket.direct:
            posting = self.posts.at(ticket.direct.employee, ticket.received_on)
            return posting.department if posting else ticket.department or rules.UNDECIDED
        if ticket.line == "department":
            return ticket.department or rules.UNDECIDED
        return ticket.line or rules.UNDECIDED


def _rules(store_id: int, repeat_days: int) -> dict[str, Any]:
    """By which definitions and settings it was counted; equal rules give an equal version."""
    return {
        "month_begins": calendar.settings_of(store_id).month_begins,
        "zone": "Asia/Shanghai",
        "levels_from": 2,
        "confirmed_only": True,
        "repeat_days": repeat_days,
        "solved_days": rules.SOLVED_DAYS,
        "adjust_back": rules.ADJUST_BACK,
        "visits_enough": rules.ENOUGH_VISITS,
        "sales_months": rules.SALES_MONTHS,
        "jobs_not_counted": sorted(str(job) for job in facts.NOT_COUNTED_JOBS),
        "answers_enough": scores.ENOUGH,
        "answers_few": scores.FEW,
        "very_satisfied_from": scores.VERY_SATISFIED_FROM,
        "low_to": str(scores.LOW),
    }


def _line(ticket: Ticket) -> str:
    """The line a complaint stands in; '' where an employee answers for it."""
    return "" if ticket.direct else ticket.line or rules.UNDECIDED


def _employees(ticket: Ticket) -> list[int]:
    return [one.employee for one in (*([ticket.direct] if ticket.direct else []), *ticket.joint)]


def _sum(amounts: Iterable[Decimal | None]) -> str:
    return f"{sum((one for one in amounts if one), Decimal(0)).quantize(_CENT):f}"
