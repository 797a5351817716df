"""Pages of reports of a few complaints: the sum, heads of departments, publishing, the picture, the workbook."""

import io
import re
import uuid
from datetime import date

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from openpyxl import load_workbook

from crm_site.accounts.models import Department, Post
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.reports import actions, board, workbook
from crm_site.reports.forms import BuildForm
from crm_site.reports.lens import Lens
from crm_site.reports.models import MonthlyReport, ReportState
from tests.factories import EmployeeFactory, PostingFactory
from tests.reports.month import LIST, MONTH, make_staff, page
from tests.reports.test_figures import complain

pytestmark = pytest.mark.django_db

NOW = clock.at(date(2026, 9, 16), 12)


@pytest.fixture
def small(store_a):
    """One complaint of a technician, one of an advisor, one undecided."""
    staff = make_staff(store_a, 4)
    for who in (staff[0], staff[1], None):
        complain(store_a, who, department="service")
    return actions.build_draft(store_a, MONTH, None, now=NOW)


def test_the_sum_is_printed(as_, small, manager_a):
    text = " ".join(re.sub(r"<[^>]+>", " ", as_(manager_a).get(page(small)).text).split())
    assert "合计一致 员工 2 + 部门责任 0 + 厂家责任 0 + 无责任 0 + 待定责 1 = 门店 3" in text


def test_zero_rows_are_shown(as_, small, manager_a):
    text = as_(manager_a).get(page(small)).text
    assert "同事2" in text
    assert "同事3" in text


def test_a_head_sees_the_employees_of_the_department_and_is_told_so(as_, small, head_a):
    client = as_(head_a)
    answer = client.get(page(small))
    names = {row["name"] for group in answer.context["groups"] for row in group["rows"]}
    assert "同事0" in names  # the advisor, of service
    assert not names & {"同事1", "同事2"}  # workshop, sales
    assert "你只看到本部门的员工：门店 3 件投诉中的 1 件" in answer.text
    other = next(row["employee"] for row in small.snapshot["rows"] if row["name"] == "同事1")
    assert client.get(f"{page(small, 'tickets')}?employee={other}&column=direct").status_code == 404
    assert client.get(f"{page(small, 'visits')}?employee={other}").status_code == 404
    assert client.get(page(small, "tickets")).status_code == 404
    assert client.get(f"{page(small, 'tickets')}?line=undecided").status_code == 404


def test_a_head_who_holds_no_post_sees_no_employee(as_, small, head_a):
    head_a.employee.postings.all().delete()
    assert as_(head_a).get(page(small)).context["groups"] == []


def test_a_ticket_of_another_department_is_listed_by_its_number_alone(as_, store_a, head_a):
    advisor = EmployeeFactory(store=store_a)
    PostingFactory(employee=advisor, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    complain(store_a, advisor, department="parts")
    report = actions.build_draft(store_a, MONTH, None, now=NOW)
    answer = as_(head_a).get(f"{page(report, 'tickets')}?employee={advisor.pk}&column=direct")
    (line,) = answer.context["rows"]
    assert line["ticket"] is None
    assert line["number"] in answer.text
    assert "等了两个小时" not in answer.text


# ---- what a manager does --------------------------------------------------------------------------------------------


def test_a_manager_publishes_what_was_seen(as_, small, manager_a, monkeypatch):
    client = as_(manager_a)
    assert f'value="{small.sha256}"' in client.get(page(small)).text
    answer = client.post(page(small, "publish"), {"sha256": small.sha256}, follow=True)
    small.refresh_from_db()
    assert small.state == "published"
    assert "完好" in answer.text


@pytest.mark.parametrize("sent", [{"sha256": "0" * 64}, {"sha256": ""}, {}])
def test_a_draft_that_has_moved_is_not_published_unseen(as_, small, manager_a, sent):
    answer = as_(manager_a).post(page(small, "publish"), sent, follow=True)
    small.refresh_from_db()
    assert small.state == "draft"
    assert "重新统计过" in answer.text


@pytest.mark.parametrize("who", ["head_a", "director_a"])
def test_only_the_manager_publishes(request, as_, small, who):
    client = as_(request.getfixturevalue(who))
    assert "btn-primary" in client.get(page(small)).text
    for name in ("publish", "reopen"):
        assert client.post(page(small, name), {"reason": "x"}).status_code == 403
    assert client.post(reverse("reports:build")).status_code == 403


def test_the_running_month_is_offered_once_the_last_one_is_published(small):
    def offered() -> str:
        after = date(MONTH.year + MONTH.month // 12, MONTH.month % 12 + 1, 15)
        return BuildForm(stores=[small.store_id], today=after).fields["month"].initial

    assert offered() == f"{MONTH:%Y-%m}"
    MonthlyReport.objects.filter(pk=small.pk).update(state=ReportState.PUBLISHED, published_at=NOW, sha256="f" * 64)
    assert offered() > f"{MONTH:%Y-%m}"


def test_building_by_hand_asks_once_for_each_form(as_, store_a, manager_a):
    client = as_(manager_a)
    values = {"store": store_a.pk, "month": "2026-08", "submission": str(uuid.uuid4())}
    for _click in range(2):
        assert client.post(reverse("reports:build"), values).status_code == 302
    job = Job.objects.get(kind="reports.draft")
    assert (job.store, job.requested_by, job.payload) == (store_a, manager_a.employee, {"month": "2026-08-01"})


def test_a_published_month_is_not_asked_for_again(as_, small, manager_a):
    actions.publish(small.pk, by=manager_a.employee, now=NOW)
    values = {"store": small.store_id, "month": "2026-08", "submission": str(uuid.uuid4())}
    answer = as_(manager_a).post(reverse("reports:build"), values, follow=True)
    assert "已发布并冻结" in answer.text
    assert not Job.objects.exists()


def test_another_stores_month_cannot_be_built(as_, store_b, manager_a):
    values = {"store": store_b.pk, "month": "2026-08", "submission": str(uuid.uuid4())}
    assert "form" in as_(manager_a).post(reverse("reports:build"), values).context
    assert not Job.objects.exists()


def test_reopening_without_a_reason_says_so_and_keeps_the_page(as_, small, manager_a):
    actions.publish(small.pk, by=manager_a.employee, now=NOW)
    answer = as_(manager_a).post(page(small, "reopen"), {"reason": " "})
    assert answer.status_code == 422
    assert "请写明重开的原因" in answer.text


def test_reopening_leads_to_the_new_revision_and_marks_the_old_one(as_, small, manager_a):
    actions.publish(small.pk, by=manager_a.employee, now=NOW)
    client = as_(manager_a)
    answer = client.post(page(small, "reopen"), {"reason": "厂家改判"}, follow=True)
    assert answer.context["report"].revision == 2
    assert "本月有更新的修订" in client.get(page(small)).text


def test_a_published_page_names_what_moved_since(as_, small, manager_a):
    actions.publish(small.pk, by=manager_a.employee, now=NOW)
    client = as_(manager_a)
    assert client.get(page(small)).context["moved"] == []
    complain(small.store, None)
    answer = client.get(page(small))
    (line,) = answer.context["moved"]
    assert (line["before"], line["after"], line["place"]) == ("未计入", board.wording.LINES["undecided"], "")
    assert answer.context["sum"]["total"]["number"] == 3


# ---- the picture and the workbook -----------------------------------------------------------------------------------


@pytest.mark.parametrize("query", ["", "?theme=dark&shape=narrow", "?theme=dark", "?shape=narrow"])
def test_the_picture_is_the_same_bytes_twice(as_, small, manager_a, query):
    client = as_(manager_a)
    one, two = (client.get(page(small, "chart") + query) for _ in range(2))
    assert one["Content-Type"] == "image/svg+xml"
    assert one.content == two.content
    assert one.content.startswith(b"<?xml")


def test_an_unknown_theme_is_404(as_, small, manager_a):
    assert as_(manager_a).get(page(small, "chart") + "?theme=pink").status_code == 404


def test_the_chart_has_every_employee_in_the_series(small):
    groups = board.chart_groups(Lens(small))
    assert [(len(group.bars), sum(value for _name, value in group.bars)) for group in groups[:3]] == [
        (1, 1),
        (1, 1),
        (1, 0),
    ]


def test_a_published_months_workbook_is_the_same_bytes_twice(small, manager_a):
    actions.publish(small.pk, by=manager_a.employee, now=NOW)
    first = workbook.render(Lens(MonthlyReport.objects.get()))
    complain(small.store, None)
    assert workbook.render(Lens(MonthlyReport.objects.get())) == first


def test_a_heads_workbook_holds_the_department_only(as_, small, head_a):
    answer = as_(head_a).post(page(small, "workbook"))
    book = load_workbook(io.BytesIO(answer.content))
    text = " ".join(str(cell) for sheet in book for row in sheet.values for cell in row)
    assert "同事0" in text
    assert "同事1" not in text


def test_looking_at_a_workbook_address_exports_nothing(as_, small, manager_a):
    assert as_(manager_a).get(page(small, "workbook")).status_code == 405
    assert not Entry.objects.filter(action="report.exported").exists()


def test_queries_of_the_pages_do_not_grow(as_, store_a, manager_a):
    client, counts = as_(manager_a), []
    for staff, month in ((4, MONTH), (30, date(2026, 7, 1))):
        make_staff_numbers(store_a, staff)
        report = actions.build_draft(store_a, month, None, now=NOW)
        with CaptureQueriesContext(connection) as queries:
            assert client.get(page(report)).status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1]


def make_staff_numbers(store, count: int) -> None:
    """Employees with a complaint each."""
    for number in range(count):
        employee = EmployeeFactory(store=store, number=f"Q{count}-{number}")
        PostingFactory(employee=employee)
        complain(store, employee, day=date(2026, 8, 3))
        complain(store, employee, day=date(2026, 7, 3))


def test_an_empty_store_says_what_will_be_here(as_, manager_a):
    assert "还没有月报" in as_(manager_a).get(LIST).text


def test_while_a_month_is_counted_the_table_asks_again_and_comes_alone(as_, store_a, manager_a):
    client = as_(manager_a)
    values = {"store": store_a.pk, "month": "2026-08", "submission": str(uuid.uuid4())}
    assert "正在统计 1 份月报" in client.post(reverse("reports:build"), values, follow=True).text
    fragment = client.get(LIST, headers={"HX-Request": "true", "HX-Target": "months"}).text
    assert 'hx-trigger="every 2s"' in fragment
    assert "<html" not in fragment
    Job.objects.update(state="done")
    assert "every 2s" not in client.get(LIST).text


def test_a_report_says_how_far_its_adjustments_reach(as_, small, manager_a):
    assert "只补记此前 12 个月的变动" in as_(manager_a).get(page(small)).text
    small.snapshot["rules"]["adjust_back"] = 6
    small.save(update_fields=["snapshot"])
    assert "只补记此前 6 个月的变动" in as_(manager_a).get(page(small)).text
