"""The two sheets of repair revisits: the same lines on screen, on paper and in the workbook."""

import io
import uuid
from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from complaints.models import Complaint
from crm_site.accounts.models import DataRules, Department, Post, Posting, Role
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.privacy.models import ExportEntry
from customers.models import Customer, Trade, Workmanship
from revisits.models import CallAttempt, CallResult, Revisit
from revisits.queries import analysis, sheet
from satisfaction.models import Answer
from tests.cast import make_person
from tests.factories import ComplaintFactory, EmployeeFactory, MembershipFactory, RepairOrderFactory, StoreFactory
from tests.revisits.conftest import make_task
from tests.revisits.month import TODAY, busy_month
from tests.revisits.test_indicators import scope
from tests.satisfaction.surveys import respond

pytestmark = pytest.mark.django_db
AUGUST = {"month": "2026-08"}


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: clock.at(TODAY, 12))


@pytest.fixture(scope="module")
def month(django_db_setup, django_db_blocker):
    """A store, its manager and what its desk did around August; rolled back after the module."""
    with django_db_blocker.unblock(), transaction.atomic():
        store = StoreFactory(code="SHEET")
        callers = [make_person(store, Role.SPECIALIST, name).employee for name in ("陈思雨", "冉月")]
        busy_month(store, callers, tasks=80)
        connection.check_constraints()  # once for all its rows, rather than at the end of every test
        yield SimpleNamespace(store=store, manager=make_person(store, Role.MANAGER, "温静"))
        transaction.set_rollback(True)


def taken(client, name: str):
    """The sheet of August as it leaves the house, on paper or as a workbook."""
    return client.post(f"{reverse(f'revisits:{name}')}?month=2026-08")


def test_one_line_a_called_repair(month, as_):
    page = as_(month.manager).get(reverse("revisits:sheet"), AUGUST)
    start, end = clock.day_bounds(scope(month.store).start, scope(month.store).last)
    tasks = Revisit.objects.filter(rule__code__in=("SVC_D3", "SVC_RW1"), last_attempt_at__gte=start)
    assert page.context["total"].number == tasks.filter(last_attempt_at__lt=end).count() > 0
    assert len(page.context["columns"]) + 1 == 20  # the running number stands before them


def rows_of(answer) -> list[tuple]:
    """The rows of a workbook that have a running number."""
    found = load_workbook(io.BytesIO(answer.content)).active.iter_rows(values_only=True)
    return [row for row in found if isinstance(row[0], int)]


def test_who_took_it_stands_on_paper_and_in_the_workbook(month, as_):
    client = as_(month.manager)
    book = load_workbook(io.BytesIO(taken(client, "sheet_book").content)).active
    for told in (taken(client, "sheet_print").content.decode(), book["A1"].value):
        assert f"{month.manager.user.name} 于" in told


def test_the_workbook_says_the_same_and_hides_numbers(month, as_):
    client = as_(month.manager)
    printed = taken(client, "sheet_print").context["lines"]
    answer = taken(client, "sheet_book")
    rows = rows_of(answer)
    assert len(rows) == len(printed)
    assert [row[2] or "" for row in rows] == [line["customer"] for line in printed]
    assert all("****" in row[3] for row in rows if row[3])
    assert Entry.objects.get(action="sheet.exported").detail["rows"] == len(rows)


def test_restricted_customers_are_counted_and_do_not_leave(month, as_):
    client = as_(month.manager)
    whole = sheet.called(scope(month.store))
    who = whole.exclude(customer=None).first().customer
    Customer.objects.filter(pk=who.pk).update(restricted=True)
    theirs = whole.filter(customer=who).count()
    assert client.get(reverse("revisits:sheet"), AUGUST).context["total"].number == whole.count() > theirs > 0
    answer = taken(client, "sheet_book")
    rows = rows_of(answer)
    assert len(rows) == whole.count() - theirs
    assert len(taken(client, "sheet_print").context["lines"]) == len(rows)


@pytest.mark.parametrize(("name", "action"), [("sheet_print", "sheet.printed"), ("sheet_book", "sheet.exported")])
def test_the_sheet_leaves_with_a_line_in_the_log_and_only_whole(month, as_, name, action):
    client, calls = as_(month.manager), sheet.called(scope(month.store)).count()
    assert client.get(reverse(f"revisits:{name}"), AUGUST).status_code == 405
    assert taken(client, name).status_code == 200
    entry = ExportEntry.objects.get()
    assert (entry.store, entry.employee, entry.rows) == (month.store, month.manager.employee, calls)
    assert Entry.objects.get(action=action).detail["rows"] == calls
    DataRules.objects.create(store=month.store, export_rows=calls - 1)
    refused = client.get(taken(client, name).url)
    (message,) = refused.context["messages"]
    assert f"{calls} 行" in str(message)  # as many as there are, not as many as are allowed
    assert ExportEntry.objects.count() == 1


def test_nobody_takes_the_sheet_of_several_stores(month, as_):
    MembershipFactory(user=month.manager.user, store=StoreFactory(code="SHEET2"), role=Role.MANAGER)
    client = as_(month.manager)
    page = client.get(reverse("revisits:sheet"), AUGUST)
    assert reverse("revisits:sheet_print") not in page.content.decode()
    assert taken(client, "sheet_print").status_code == 404


def test_a_line_tells_what_came_of_the_call(month):
    attempt = CallAttempt.objects.filter(response__isnull=False, revisit__repair_order__isnull=False).first()
    ticket = ComplaintFactory(
        store=month.store, handler=EmployeeFactory(store=month.store, name="何主管"), solution="返工"
    )
    CallAttempt.objects.filter(pk=attempt.pk).update(complaint=ticket)
    Complaint.objects.filter(pk=ticket.pk).update(result="satisfied")
    rows = sheet.loaded(Revisit.objects.filter(pk=attempt.revisit_id))
    (line,) = sheet.lines(list(rows))
    assert line.ticket == ticket
    assert line.response == attempt.response
    assert [one.question.code for one in line.low] == list(
        Answer.objects.filter(response=line.response, is_low=True).order_by("question__position").values_list(
            "question__code", flat=True
        )
    )  # fmt: skip


def test_filters_narrow_the_sheet(month, as_):
    client, url = as_(month.manager), reverse("revisits:sheet")
    whole = client.get(url, AUGUST).context["total"].number
    advisors = client.get(url, AUGUST).context["asked"].advisors
    parts = [client.get(url, {**AUGUST, "advisor": one.pk}).context["total"].number for one in advisors]
    without = sheet.called(scope(month.store)).filter(repair_order__service_advisor=None).count()
    assert sum(parts) + without == whole
    codes = client.get(url, AUGUST).context["asked"].results
    assert sum(client.get(url, {**AUGUST, "result": one.code}).context["total"].number for one in codes) == whole


def test_a_result_that_the_store_has_changed_stands_in_the_filter_once(month, as_):
    client, url = as_(month.manager), reverse("revisits:sheet")
    before = [one.code for one in client.get(url, AUGUST).context["asked"].results]
    task = sheet.called(scope(month.store)).filter(last_result__code=before[0]).first()
    own = CallResult.objects.get(pk=task.last_result_id)
    own.pk, own.store, own.label_zh = None, month.store, "本店自己的叫法"
    own.save(force_insert=True)
    Revisit.objects.filter(pk=task.pk).update(last_result=own)
    results = client.get(url, AUGUST).context["asked"].results
    assert [one.code for one in results] == before
    assert results[0].label_zh == "本店自己的叫法"


def test_a_page_of_the_sheet_asks_the_same_number_of_times(store_a, specialist_a):
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            sheet.lines(list(sheet.loaded(sheet.called(scope(store_a)))))
        return len(captured)

    busy_month(store_a, [specialist_a.employee], tasks=10)
    few = count()
    busy_month(store_a, [specialist_a.employee], tasks=40)
    assert count() == few


def test_the_analysis_adds_up(month):
    lines = analysis.by_employee(scope(month.store), analysis.ADVISOR)
    assert sum(line.calls for line in lines) == sheet.called(scope(month.store)).count()
    responses = CallAttempt.objects.filter(
        revisit__in=sheet.called(scope(month.store)), response__is_valid=True, response__excluded_at=None
    )
    overall = Answer.objects.filter(response__in=responses.values("response"), question__kind="overall", state="given")
    assert sum(line.overall for line in lines) == overall.count() > 0
    assert sum(line.satisfied for line in lines) == overall.filter(value__gte=7).count()


def _called_job(store, *leads, helper=None) -> None:
    """A repair with its leads, called on 20 August and answered."""
    order = RepairOrderFactory(vehicle__store=store, customer__store=store)
    for trade, technician in leads:
        Workmanship.objects.create(
            store=store, order=order, trade=trade, technician=technician, technician_name=f"{trade}主修"
        )
    if helper:
        Workmanship.objects.create(store=store, order=order, trade=Trade.MECHANICAL, technician=helper, is_lead=False)
    at, by = clock.at(date(2026, 8, 20), 10), EmployeeFactory(store=store)
    result = CallResult.objects.get(store=None, code="SUCCESS")
    task = make_task(store, "SVC_D3", repair_order=order, customer=order.customer, vehicle=order.vehicle,
                     state="done", ended_at=at, ended_on=clock.business_day(at), first_attempt_on=date(2026, 8, 20),
                     last_attempt_at=at, last_result=result)  # fmt: skip
    CallAttempt.objects.create(
        store=store, revisit=task, by=by, started_at=at, ended_at=at, called_on=clock.business_day(at), result=result,
        submission=uuid.uuid4(), response=respond(store, order=order, day=clock.business_day(at), by=by),
    )  # fmt: skip


def test_who_led_two_trades_has_each_answer_once(store_a):
    both, painter, helper = EmployeeFactory.create_batch(3, store=store_a)
    for _ in range(5):
        _called_job(store_a, (Trade.BODY, both), (Trade.PAINT, both), helper=helper)
    _called_job(store_a, (Trade.BODY, both), (Trade.PAINT, painter))
    _called_job(store_a, (Trade.BODY, None), (Trade.PAINT, None))
    _called_job(store_a, helper=helper)
    lines = {line.employee: line for line in analysis.by_employee(scope(store_a), analysis.TECHNICIAN)}
    counts = {who: (line.calls, line.done, line.overall) for who, line in lines.items()}
    # who only helped answers for nothing
    assert counts == {both: (6, 6, 6), painter: (1, 1, 1), None: (2, 2, 2)}
    assert {item.n for item in lines[both].items} == {6}
    assert lines[both].satisfied_rate.shown is None  # six customers are too few to say


def test_few_answers_make_no_strength(month):
    for line in analysis.by_employee(scope(month.store), analysis.ADVISOR):
        if line.strength:
            assert line.strength.n >= 10
        assert (line.satisfied_rate.shown is None) == (line.overall < 10)
    for item in analysis.by_item(scope(month.store)):
        assert item.mean is None or Decimal(0) <= item.mean <= Decimal(100)


def test_the_analysis_has_all_its_shapes(month, as_):
    client = as_(month.manager)
    assert client.get(reverse("revisits:analysis"), AUGUST).status_code == 200
    assert client.get(reverse("revisits:analysis_print"), AUGUST).status_code == 200
    book = client.post(f"{reverse('revisits:analysis_book')}?month=2026-08")
    assert len(load_workbook(io.BytesIO(book.content)).sheetnames) == 4


def test_a_head_of_service_sees_it_another_head_does_not(as_, head_a):
    assert as_(head_a).get(reverse("revisits:sheet")).status_code == 200
    Posting.objects.filter(employee=head_a.employee).update(department=Department.SALES, post=Post.HEAD)
    assert as_(head_a).get(reverse("revisits:sheet")).status_code == 403


def test_the_indicators_are_not_the_heads(as_, head_a, specialist_a):
    for person in (head_a, specialist_a):
        assert as_(person).get(reverse("revisits:indicators")).status_code == 403
