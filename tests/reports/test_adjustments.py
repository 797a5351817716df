"""上月补记: what is decided after publishing stands in the next report's adjustments, once, and the months add up."""

from datetime import date

import pytest

from complaints.models import Complaint, Level, Liability
from crm_site.core import clock
from crm_site.reports import actions, adjustments
from crm_site.reports.models import MonthlyReport
from satisfaction.models import Response
from tests.factories import EmployeeFactory, PostingFactory
from tests.reports.month import make_staff
from tests.reports.test_figures import complain
from tests.satisfaction.surveys import order_of, respond

pytestmark = pytest.mark.django_db

JULY, AUGUST, SEPTEMBER, OCTOBER = (date(2026, month, 1) for month in (7, 8, 9, 10))
#: when each month is built and published: well after its public days
LATER = {
    month: clock.at(month.replace(month=month.month + 1, day=20), 12) for month in (JULY, AUGUST, SEPTEMBER, OCTOBER)
}


@pytest.fixture
def staff(store_a):
    return make_staff(store_a, 4)


@pytest.fixture
def close(store_a, manager_a):
    """close(month) -> the month's report, built and published on its day."""

    def publish(month: date) -> MonthlyReport:
        draft = actions.build_draft(store_a, month, None, now=LATER[month])
        return actions.publish(draft.pk, by=manager_a.employee, now=LATER[month])

    return publish


def lines(report) -> list[tuple]:
    """(month, ticket, what, from, to) of every adjustment; employees by key, lines by code."""
    return [
        (line["month"], line.get("ticket") or line.get("response"), line["as"], _end(line["from"]), _end(line["to"]))
        for line in report.snapshot["adjustments"]
    ]


def _end(end):
    return end and (end.get("employee") or end["line"])


def hand(ticket, employee) -> None:
    """Lay a complaint at somebody's door; None: nobody's."""
    party = {"party": "employee", "employee": employee} if employee else {"party": "nobody", "employee": None}
    Liability.objects.filter(complaint=ticket, kind="direct").update(post="", **party)


def test_a_chain_over_several_months_adds_up_and_nothing_stands_twice(store_a, staff, close):
    one, two = staff[0], staff[1]
    ticket = complain(store_a, one, day=date(2026, 7, 10))
    assert lines(close(JULY)) == []
    hand(ticket, two)
    assert lines(close(AUGUST)) == [("2026-07", ticket.pk, "complaint", one.pk, two.pk)]
    hand(ticket, None)
    assert lines(close(SEPTEMBER)) == [("2026-07", ticket.pk, "complaint", two.pk, "nobody")]
    hand(ticket, one)
    assert lines(close(OCTOBER)) == [("2026-07", ticket.pk, "complaint", "nobody", one.pk)]
    count = {who.pk: 0 for who in (one, two)}
    for report in MonthlyReport.objects.order_by("month"):
        for row in report.snapshot["rows"]:
            if row["employee"] in count:
                count[row["employee"]] += len(row["direct"])
        for line in report.snapshot["adjustments"]:
            for end, by in ((line["from"], -1), (line["to"], 1)):
                if end and end.get("employee") in count:
                    count[end["employee"]] += by
    assert count == {one.pk: 1, two.pk: 0}


def test_adjustments_never_stand_in_the_months_own_counts(store_a, staff, close):
    ticket = complain(store_a, None, day=date(2026, 7, 10))
    close(JULY)
    Liability.objects.create(store=store_a, complaint=ticket, kind="direct", party="employee", employee=staff[0],
                             confirmed_at=LATER[JULY])  # fmt: skip
    report = close(AUGUST)
    assert lines(report) == [("2026-07", ticket.pk, "complaint", "undecided", staff[0].pk)]
    assert report.snapshot["total"] == 0
    assert not any(row["direct"] for row in report.snapshot["rows"])


@pytest.mark.parametrize(
    ("change", "to"),
    [({"validity": "invalid"}, None), ({"kind": "question"}, None)],
)
def test_what_no_longer_counts_is_taken_back(store_a, staff, close, change, to):
    ticket = complain(store_a, staff[0], day=date(2026, 7, 10))
    close(JULY)
    Complaint.objects.filter(pk=ticket.pk).update(**change)
    assert lines(close(AUGUST)) == [("2026-07", ticket.pk, "complaint", staff[0].pk, to)]


@pytest.mark.parametrize("code", ["L1", "L4"])
def test_a_later_level_moves_nothing(store_a, staff, close, code):
    ticket = complain(store_a, staff[0], day=date(2026, 7, 10))
    close(JULY)
    Complaint.objects.filter(pk=ticket.pk).update(level=Level.objects.get(code=code))
    assert lines(close(AUGUST)) == []


def test_what_is_entered_or_judged_late_is_made_up_for(store_a, staff, close):
    judged = complain(store_a, staff[0], day=date(2026, 7, 10), validity="pending")
    close(JULY)
    late = complain(store_a, staff[1], day=date(2026, 7, 11))
    Complaint.objects.filter(pk=judged.pk).update(validity="valid")
    assert lines(close(AUGUST)) == [
        ("2026-07", judged.pk, "complaint", None, staff[0].pk),
        ("2026-07", late.pk, "complaint", None, staff[1].pk),
    ]


def test_a_receipt_that_is_corrected_into_the_next_month_counts_there_and_no_longer_here(store_a, staff, close):
    ticket = complain(store_a, staff[0], day=date(2026, 7, 31))
    close(JULY)
    received = clock.at(date(2026, 8, 1), 8)
    Complaint.objects.filter(pk=ticket.pk).update(received_at=received, received_on=date(2026, 8, 1))
    report = close(AUGUST)
    assert lines(report) == [("2026-07", ticket.pk, "complaint", staff[0].pk, None)]
    assert [row["direct"] for row in report.snapshot["rows"] if row["direct"]] == [[ticket.pk]]


def test_joint_liability_and_lost_solutions_are_made_up_for(store_a, staff, close):
    closed = {"state": "closed", "closed_at": clock.at(date(2026, 7, 12)), "closed_on": date(2026, 7, 12)}
    ticket = complain(store_a, staff[0], day=date(2026, 7, 10), **closed)
    report = close(JULY)
    assert [row["solved"] for row in report.snapshot["rows"] if row["solved"]] == [[ticket.pk]]
    Liability.objects.create(store=store_a, complaint=ticket, kind="joint", party="employee", employee=staff[1],
                             confirmed_at=LATER[JULY])  # fmt: skip
    Complaint.objects.filter(pk=ticket.pk).update(reopened=1)
    assert lines(close(AUGUST)) == [
        ("2026-07", ticket.pk, "joint", None, staff[1].pk),
        ("2026-07", ticket.pk, "solved", staff[0].pk, None),
    ]
    assert lines(close(SEPTEMBER)) == []


def test_a_response_taken_out_later_is_made_up_for(store_a, staff, close):
    response = respond(store_a, order=order_of(store_a, staff[0]), day=date(2026, 7, 10), by=staff[3])
    close(JULY)
    Response.objects.update(excluded_at=LATER[JULY])
    assert lines(close(AUGUST)) == [("2026-07", response.pk, "answer", staff[0].pk, None)]


def test_a_posting_that_is_corrected_later_moves_nobody(store_a, staff, close):
    complain(store_a, staff[0], day=date(2026, 7, 10))
    close(JULY)
    staff[0].postings.update(post="technician")
    assert lines(close(AUGUST)) == []


def test_the_published_page_says_where_each_change_stands(store_a, staff, close):
    ticket = complain(store_a, staff[0], day=date(2026, 7, 10))
    july = close(JULY)
    hand(ticket, staff[1])
    assert [line["in"] for line in adjustments.since(july)] == [""]
    close(AUGUST)
    hand(ticket, None)
    assert [(line["in"], _end(line["to"])) for line in adjustments.since(july)] == [
        ("2026-08", staff[1].pk), ("", "nobody"),
    ]  # fmt: skip


def test_a_revision_keeps_its_adjustments_and_names_what_it_counts_itself(store_a, staff, close, manager_a):
    june_ticket = complain(store_a, staff[0], day=date(2026, 7, 1))
    ticket = complain(store_a, staff[0], day=date(2026, 8, 10))
    close(JULY)
    hand(june_ticket, staff[1])
    august = close(AUGUST)
    kept = lines(august)
    hand(ticket, staff[2])
    assert lines(close(SEPTEMBER)) == [("2026-08", ticket.pk, "complaint", staff[0].pk, staff[2].pk)]
    again = actions.reopen(august.pk, by=manager_a.employee, reason="厂家改判", now=LATER[SEPTEMBER])
    again = actions.publish(again.pk, by=manager_a.employee, now=LATER[SEPTEMBER])
    assert lines(again) == kept == [("2026-07", june_ticket.pk, "complaint", staff[0].pk, staff[1].pk)]
    assert [(line["in"], line["ticket"]) for line in again.snapshot["absorbed"]] == [("2026-09", ticket.pk)]
    assert {row["employee"]: row["direct"] for row in again.snapshot["rows"]}[staff[2].pk] == [ticket.pk]
    assert lines(close(OCTOBER)) == []


def test_an_employee_of_another_department_who_left_is_named(store_a, staff, close):
    ticket = complain(store_a, staff[0], day=date(2026, 7, 10))
    close(JULY)
    gone = EmployeeFactory(store=store_a, name="早已离职", left_on=date(2026, 7, 15))
    PostingFactory(employee=gone, post="technician", department="workshop", until=gone.left_on)
    hand(ticket, gone)
    report = close(AUGUST)
    assert lines(report) == [("2026-07", ticket.pk, "complaint", staff[0].pk, gone.pk)]
    assert report.snapshot["people"][str(gone.pk)] == "早已离职"
    assert report.snapshot["adjustments"][0]["to"]["series"] == "technician"
