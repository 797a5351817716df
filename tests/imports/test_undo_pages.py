"""The pages of an undo: planned, decided row by row, carried out; refused with a sentence, closed to strangers."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.accounts.models import Employee
from crm_site.audit.models import Entry
from crm_site.imports.models import BatchState, UndoCase
from crm_site.jobs import runner
from crm_site.notices.models import Notice
from tests.factories import ComplaintFactory
from tests.imports import sheets

pytestmark = pytest.mark.django_db
NAMES = ("undo_ask", "undo_plan_again", "undo_decide", "undo_confirm", "undo_stop", "undo_leave")


def address(name, batch):
    return reverse(f"imports:{name}", args=[batch.pk])


def send(client, name, batch, **data):
    answer = client.post(address(name, batch), data)
    batch.refresh_from_db()
    return answer


def planned(client, person, rows=sheets.ROSTER):
    """An import whose undo is planned."""
    batch = sheets.write(person, sheets.read(person, sheets.roster(rows)))
    send(client, "undo_ask", batch)
    runner.run(batch.undo_job_id)
    batch.refresh_from_db()
    return batch


def edited(client, person, count=1, first=900):
    """As `planned`, and some of the rows were changed in between."""
    numbers = [f"E{number}" for number in range(first, first + count)]
    rows = [[number, f"员工{number}", "男", "车间", "技师", "", "2024-03-05", "在职"] for number in numbers]
    batch = sheets.write(person, sheets.read(person, sheets.roster(rows)))
    Employee.objects.filter(number__in=numbers).update(phone="13900139000")
    send(client, "undo_ask", batch)
    runner.run(batch.undo_job_id)
    batch.refresh_from_db()
    return batch


def test_from_the_result_page_to_the_undone_import(as_, admin_a):
    client = as_(admin_a)
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    assert "撤销这次导入" in client.get(address("batch", batch)).content.decode()
    answer = send(client, "undo_ask", batch)
    assert answer.url == address("undo", batch)
    assert batch.state == BatchState.UNDOING
    assert client.get(address("batch", batch)).url == address("undo", batch)
    assert "hx-get" in client.get(address("undo", batch)).content.decode()
    runner.run(batch.undo_job_id)
    assert "撤销 6 行" in client.get(address("undo", batch)).content.decode()
    send(client, "undo_confirm", batch)
    assert "正在撤销" in client.get(address("undo", batch)).content.decode()
    runner.run(batch.undo_job_id)
    assert "一切都恢复到了这次导入之前" in client.get(address("undo", batch)).content.decode()
    assert not Employee.objects.filter(number__startswith="E90").exists()
    assert Entry.objects.filter(action="import.undone").count() == 1
    assert Notice.objects.filter(code="import.undone").exists()


def test_the_progress_asks_for_the_whole_page_once_it_has_ended(as_, admin_a):
    client = as_(admin_a)
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    send(client, "undo_ask", batch)
    assert "HX-Refresh" not in client.get(address("undo_progress", batch))
    runner.run(batch.undo_job_id)
    assert client.get(address("undo_progress", batch))["HX-Refresh"] == "true"


@pytest.mark.parametrize(
    ("language", "show", "words"),
    [
        ("zh-hans", "edited", "本批新增，之后改过"),
        ("en", "edited", "added by this import, edited since"),
        ("zh-hans", "nonsense", "本批新增，之后改过"),
        ("zh-hans", "referenced", "没有别的记录引用这次导入的内容"),
        ("en", "referenced", "Nothing points to rows of this import"),
    ],
)
def test_the_plan_is_drawn_with_what_stays_and_why(as_, admin_a, language, show, words):
    client = as_(admin_a, language)
    batch = edited(client, admin_a, 2)
    assert words in client.get(address("undo", batch), {"show": show}).content.decode()


def test_what_was_changed_shows_before_imported_and_now(as_, admin_a):
    sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    rows = [["E901", "李明", "男", "售后服务部", "服务顾问", "13700137000", "2024.3.5", "在职"]]
    client = as_(admin_a)
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster(rows)))
    Employee.objects.filter(number="E901").update(phone="13900139000")
    send(client, "undo_ask", batch)
    runner.run(batch.undo_job_id)
    shown = client.get(address("undo", batch)).content.decode()
    for number in ("138****8001", "137****7000", "139****9000"):
        assert number in shown


def test_decisions_are_kept_one_by_one_and_all_at_once(as_, admin_a):
    client = as_(admin_a)
    batch = edited(client, admin_a, 3)
    first, *others = UndoCase.objects.filter(kind="edited").order_by("pk")
    send(client, "undo_decide", batch, **{f"case-{first.pk}": "restore", "case-x": "restore", "case-999999": "keep"})
    assert list(UndoCase.objects.filter(kind="edited").order_by("pk").values_list("decision", flat=True)) == [
        "restore", "", "",
    ]  # fmt: skip
    send(client, "undo_decide", batch, all="restore")
    assert not UndoCase.objects.filter(kind="edited").exclude(decision="restore").exists()
    send(client, "undo_decide", batch, all="nonsense")
    assert not UndoCase.objects.filter(kind="edited").exclude(decision="restore").exists()
    send(client, "undo_confirm", batch)
    runner.run(batch.undo_job_id)
    assert not Employee.objects.filter(number__startswith="E90").exists()


def test_a_case_of_another_import_is_left_alone(as_, admin_a):
    client = as_(admin_a)
    batch = edited(client, admin_a)
    other = edited(client, admin_a, first=950)
    case = UndoCase.objects.get(batch=batch)
    send(client, "undo_decide", other, **{f"case-{case.pk}": "restore"})
    case.refresh_from_db()
    assert case.decision == ""


def test_what_is_referred_to_stays_and_names_by_what(as_, admin_a):
    client = as_(admin_a)
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    ComplaintFactory(store=admin_a.store, handler=Employee.objects.get(number="E901"))
    send(client, "undo_ask", batch)
    runner.run(batch.undo_job_id)
    assert "投诉 1 条" in client.get(address("undo", batch), {"show": "referenced"}).content.decode()
    send(client, "undo_confirm", batch)
    runner.run(batch.undo_job_id)
    shown = client.get(address("undo", batch)).content.decode()
    assert "投诉 1 条" in shown
    assert Employee.objects.filter(number__startswith="E90").count() == 1


def test_an_undo_can_be_given_up(as_, admin_a):
    client = as_(admin_a)
    batch = planned(client, admin_a)
    send(client, "undo_leave", batch)
    assert batch.state == BatchState.APPLIED
    assert client.get(address("undo", batch)).url == address("batch", batch)
    assert Employee.objects.filter(number__startswith="E90").count() == 3


def test_an_undo_that_broke_off_says_why_and_can_be_left(as_, admin_a, monkeypatch):
    client = as_(admin_a)
    batch = planned(client, admin_a)
    send(client, "undo_confirm", batch)

    def too_much(*_how):
        raise MemoryError

    monkeypatch.setattr("crm_site.imports.undoing.take_back", too_much)
    assert runner.run(batch.undo_job_id) == "failed"
    shown = client.get(address("undo", batch)).content.decode()
    assert "处理中断" in shown
    assert "内存" in shown
    send(client, "undo_leave", batch)
    assert batch.state == BatchState.APPLIED


def test_a_waiting_plan_is_stopped_at_once(as_, admin_a):
    client = as_(admin_a)
    batch = sheets.write(admin_a, sheets.read(admin_a, sheets.roster()))
    send(client, "undo_ask", batch)
    send(client, "undo_stop", batch)
    assert batch.state == BatchState.APPLIED
    send(client, "undo_ask", batch)
    assert batch.state == BatchState.UNDOING


def test_the_plan_can_be_made_anew(as_, admin_a):
    client = as_(admin_a)
    batch = planned(client, admin_a)
    Employee.objects.filter(number="E901").update(phone="13900139000")
    send(client, "undo_plan_again", batch)
    runner.run(batch.undo_job_id)
    assert UndoCase.objects.filter(kind="edited").count() == 1


def test_confirmed_twice_it_is_undone_once(as_, admin_a):
    client = as_(admin_a)
    batch = planned(client, admin_a)
    send(client, "undo_confirm", batch)
    job = batch.undo_job_id
    send(client, "undo_confirm", batch)
    assert batch.undo_job_id == job
    runner.run(job)
    runner.run(job)
    assert Entry.objects.filter(action="import.undone").count() == 1


@pytest.mark.parametrize("name", ["undo", "undo_progress"])
def test_a_stranger_gets_404(as_, admin_a, stranger_b, name):
    batch = planned(as_(admin_a), admin_a)
    assert as_(stranger_b).get(address(name, batch)).status_code == 404


@pytest.mark.parametrize("name", NAMES)
def test_a_strangers_post_is_404_and_changes_nothing(as_, admin_a, stranger_b, name):
    batch = planned(as_(admin_a), admin_a)
    assert as_(stranger_b).post(address(name, batch), {"all": "restore"}).status_code == 404
    batch.refresh_from_db()
    assert batch.state == BatchState.UNDOING
    assert Employee.objects.filter(number__startswith="E90").count() == 3


@pytest.mark.parametrize("name", NAMES)
def test_what_does_not_fit_the_state_is_said(as_, admin_a, name):
    batch = sheets.read(admin_a, sheets.roster())
    client = as_(admin_a)
    answer = client.post(address(name, batch), {"all": "keep"}, follow=True)
    assert answer.status_code == 200
    assert answer.context["messages"]
    batch.refresh_from_db()
    assert batch.state == BatchState.PREVIEW


def test_the_plan_needs_no_more_queries_for_more_rows(as_, admin_a):
    client, found = as_(admin_a), []
    for count in (3, 25):
        batch = edited(client, admin_a, count, first=100 * count)
        client.get("/imports/")  # shows what the step before has to say
        with CaptureQueriesContext(connection) as queries:
            client.get(address("undo", batch), {"show": "edited"})
        found.append(len(queries))
        send(client, "undo_leave", batch)
    assert found[0] == found[1]
