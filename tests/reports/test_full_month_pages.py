"""Pages of a full month's report: who sees it, numbers that open exactly their lists, the workbook."""

import io
import re
from datetime import date

import pytest
from django.db import connection
from openpyxl import load_workbook

from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.reports import actions, rules, workbook
from crm_site.reports.lens import Lens
from crm_site.reports.models import MonthlyReport
from customers.models import Customer, Delivery, RepairOrder
from tests.cast import PEOPLE, STORES, keep
from tests.reports.month import LIST, MONTH, full_month, page

pytestmark = pytest.mark.django_db
store_a, store_b, specialist_a, _specialist_a2, frontline_a, head_a, manager_a, admin_a, director_a, stranger_b = keep(
    *STORES, *list(PEOPLE)[:8]
)
NOW = clock.at(date(2026, 9, 16), 12)


@pytest.fixture(scope="module", autouse=True)
def draft(store_a):
    full_month(store_a, orders=120, deliveries=30, answers=20, tickets=150)
    connection.check_constraints()  # once for all its rows, rather than at the end of every test
    return actions.build_draft(store_a, MONTH, None, now=NOW)


@pytest.fixture
def report(draft, db):
    return MonthlyReport.objects.get(pk=draft.pk)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
@pytest.mark.parametrize("who", ["manager_a", "director_a", "head_a"])
def test_the_month_is_shown_to_whoever_may_see_it(request, as_, report, who, language):
    person = request.getfixturevalue(who)
    client = as_(person, language)
    assert client.get(LIST).status_code == 200
    answer = client.get(page(report))
    assert answer.status_code == 200
    assert ("员工" if language == "zh-hans" else "Employee") in answer.text


@pytest.mark.parametrize("who", ["specialist_a", "frontline_a", "admin_a"])
def test_others_do_not_see_it(request, as_, report, who):
    client = as_(request.getfixturevalue(who))
    for url in (LIST, page(report), page(report, "tickets"), page(report, "chart")):
        assert client.get(url).status_code == 403


@pytest.mark.parametrize("name", ["report", "tickets", "chart"])
def test_a_stranger_gets_404(as_, report, stranger_b, name):
    assert as_(stranger_b).get(page(report, name)).status_code == 404


def test_a_stranger_can_neither_publish_reopen_nor_take_the_workbook(as_, report, stranger_b):
    for name in ("publish", "reopen", "workbook"):
        assert as_(stranger_b).post(page(report, name), {"reason": "x"}).status_code == 404
    report.refresh_from_db()
    assert report.state == "draft"


def test_every_number_opens_a_list_of_exactly_that_length(as_, report, manager_a):
    client = as_(manager_a)
    text = client.get(page(report)).text
    found = re.findall(rf'href="(/reports/{report.pk}/(?:tickets|answers|visits)/[^"]*)">(?:<b>)?([\d,]+)', text)
    assert len(found) > 25
    for url, number in found:
        assert client.get(url.replace("&amp;", "&")).context["rows"].__len__() == int(number), url


def test_visits_that_came_in_later_are_named_and_leave_the_number_alone(as_, report, manager_a):
    row = next(row for row in report.snapshot["rows"] if row["visits"])
    RepairOrder.objects.all().update(job_type="wash")
    Delivery.objects.all().delete()
    answer = as_(manager_a).get(f"{page(report, 'visits')}?employee={row['employee']}")
    assert (answer.context["count"], answer.context["rows"]) == (row["visits"], [])
    assert "按今天的数据为 0" in answer.text


def test_the_figures_on_top_open_their_lists(as_, report, manager_a):
    client = as_(manager_a)
    for figure in client.get(page(report)).context["figures"]:
        if figure["url"]:
            assert len(client.get(figure["url"]).context["rows"]) == int(figure["value"].replace(",", ""))


@pytest.mark.parametrize(
    "query",
    [
        "employee=999999&column=direct",
        "employee=x&column=direct",
        "column=words",
        "line=words",
        "employee=1&column=rows",
        "employee=²&column=direct",
    ],
)
def test_a_list_that_is_not_in_the_report_is_404(as_, report, manager_a, query):
    for name in ("tickets", "answers"):
        assert as_(manager_a).get(f"{page(report, name)}?{query}").status_code == 404


def test_the_workbook_holds_the_rows_and_its_download_is_audited(as_, report, manager_a):
    answer = as_(manager_a).post(page(report, "workbook"))
    assert answer["Content-Disposition"].startswith("attachment")
    sheet = load_workbook(io.BytesIO(answer.content)).worksheets[0]
    rows = list(sheet.iter_rows(values_only=True))
    head = next(number for number, row in enumerate(rows) if row[1] == "工号")
    by_number = {row[1]: row for row in rows[head + 1 :]}
    for row in report.snapshot["rows"]:
        assert by_number[row["number"]][14] == len(row["direct"])
        assert by_number[row["number"]][6] == row["visits"]
    entry = Entry.objects.get(action="report.exported")
    assert entry.detail["rows"] == len(report.snapshot["rows"])
    assert entry.actor_name == manager_a.employee.name


def test_no_customers_name_is_in_snapshot_or_workbook(report):
    names = set(Customer.objects.values_list("name", flat=True))
    book = load_workbook(io.BytesIO(workbook.render(Lens(report))))
    text = " ".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    assert names
    assert not any(name in text or name in rules.canonical(report.snapshot).decode() for name in names)
