"""The pages of inspections: who sees what, filling in the sheet, drawing, and what a false record shows elsewhere."""

import pytest
from django.urls import reverse

from crm_site.audit.models import Entry
from crm_site.jobs.models import Job
from revisits.actions import inspections
from revisits.models import CallAttempt, Inspection
from revisits.tasks import enqueue_inspections
from revisits.work import draw_inspections
from tests.revisits.calls import DAY, after, save, service_task
from tests.revisits.test_inspections import FULL, copies

pytestmark = pytest.mark.django_db

MONDAY = inspections.monday_of(DAY)
LIST = reverse("revisits:inspections") + f"?week={MONDAY}"


@pytest.fixture
def attempt(store_a, specialist_a) -> CallAttempt:
    """A completed scored call."""
    return save(service_task(store_a), specialist_a, note="客户赶时间")


@pytest.fixture
def drawn(store_a, attempt) -> Inspection:
    inspections.draw_week(store_a.pk, MONDAY, now=after(60))
    return Inspection.objects.get()


def page(row) -> str:
    return reverse("revisits:inspection", args=[row.pk])


def sheet(row, **changes) -> dict:
    said = {"version": row.version, "method": "listen", "verdict": "genuine"}
    return said | {f"points_{code}": points for code, points in FULL.items()} | changes


def test_the_open_ones_stand_first_with_caller_and_customer(as_, manager_a, drawn):
    told = as_(manager_a).get(LIST).content.decode()
    assert "陈思雨" in told
    assert "周晓岚" in told
    assert page(drawn) in told


def test_the_sheet_is_saved_and_leads_on(as_, manager_a, drawn):
    answer = as_(manager_a).post(page(drawn), sheet(drawn, points_digging="5", strengths="语气亲切"))
    drawn.refresh_from_db()
    assert answer.status_code == 302
    assert (str(drawn.score), drawn.strengths, drawn.inspector) == ("90.00", "语气亲切", manager_a.employee)


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"points_opening": "16"}, "0 到 15"),
        ({"points_opening": ""}, "开场与身份确认"),
        ({"verdict": ""}, "请选择抽检结论"),
        ({"measure": "加强探询"}, "请选择措施责任人"),
    ],
)
def test_what_is_missing_is_told_and_nothing_typed_is_lost(as_, manager_a, drawn, changes, told):
    answer = as_(manager_a).post(page(drawn), sheet(drawn, weaknesses="结尾仓促", **changes))
    words = answer.content.decode()
    assert answer.status_code == 422
    assert told in words
    assert "结尾仓促" in words
    assert Inspection.objects.get().inspected_at is None


def test_a_check_call_needs_two_lines_only(as_, manager_a, drawn):
    as_(manager_a).post(
        page(drawn),
        {"version": 1, "method": "call_back", "verdict": "faulty", "points_complete": 20, "points_truthful": 25},
    )
    drawn.refresh_from_db()
    assert str(drawn.score) == "90.00"


def test_the_number_to_ring_back_is_masked_until_it_is_revealed_and_that_is_logged(as_, manager_a, drawn):
    client, phone = as_(manager_a), drawn.attempt.phone
    assert phone.number not in client.get(page(drawn)).content.decode()
    asked = {"fact": phone.fact, "reason": "identify"}
    shown = client.post(reverse("customers:reveal", args=[phone.customer_id]), asked).content.decode()
    assert phone.number in shown.replace(" ", "")
    assert Entry.objects.filter(action="phone.revealed").count() == 1


def test_a_director_reads_and_cannot_save(as_, director_a, drawn):
    client = as_(director_a)
    assert client.get(page(drawn)).status_code == 200
    assert client.post(page(drawn), sheet(drawn)).status_code == 403
    assert client.post(reverse("revisits:draw_now")).status_code == 403


def test_a_caller_sees_the_own_result_once_it_is_there_and_nobody_elses(
    as_, store_a, specialist_a, specialist_a2, manager_a, drawn
):
    mine, colleague = as_(specialist_a), as_(specialist_a2)
    assert mine.get(page(drawn)).status_code == 404
    as_(manager_a).post(page(drawn), sheet(drawn, weaknesses="结尾仓促"))
    told = mine.get(page(drawn)).content.decode()
    assert "结尾仓促" in told
    assert "结尾仓促" in mine.get(reverse("revisits:inspections")).content.decode()
    assert colleague.get(page(drawn)).status_code == 404
    assert "结尾仓促" not in colleague.get(reverse("revisits:inspections")).content.decode()
    assert mine.post(page(drawn), sheet(drawn)).status_code == 403


def test_a_false_record_is_told_on_the_call_and_on_the_answers(as_, manager_a, specialist_a, drawn, attempt):
    as_(manager_a).post(page(drawn), sheet(drawn, verdict="false", note="客户说没有接到电话"))
    story = reverse("revisits:detail", args=[attempt.revisit_id])
    assert "虚假回访" in as_(specialist_a).get(story).content.decode()
    answer = as_(manager_a).get(reverse("satisfaction:response", args=[attempt.response_id])).content.decode()
    assert "抽检认定虚假回访" in answer


def test_a_call_is_sent_to_inspection_from_its_own_page(as_, manager_a, attempt):
    client, story = as_(manager_a), reverse("revisits:detail", args=[attempt.revisit_id])
    address = reverse("revisits:inspect_call", args=[attempt.pk])
    assert address in client.get(story).content.decode()
    row_page = client.post(address)
    assert row_page.url == page(Inspection.objects.get())
    assert address not in client.get(story).content.decode()


def test_drawing_now_adds_and_says_how_many(as_, manager_a, attempt, monkeypatch):
    monkeypatch.setattr("crm_site.core.clock.today", lambda: DAY)
    client = as_(manager_a)
    told = client.post(reverse("revisits:draw_now"), follow=True).content.decode()
    assert "新增 1 个" in told
    assert Inspection.objects.count() == 1


def test_the_night_asks_once_a_day_and_draws_both_weeks(store_a, attempt, monkeypatch):
    monkeypatch.setattr("crm_site.core.clock.today", lambda: DAY)
    assert enqueue_inspections() == enqueue_inspections() == 1
    job = Job.objects.get(kind="revisits.inspections")

    class Ledger:
        def progress(self, *said):
            pass

    assert draw_inspections(job, Ledger()) == {"drawn": 1}
    assert draw_inspections(job, Ledger()) == {"drawn": 0}


def test_strong_and_weak_lines_are_told_from_three_inspections_on(as_, store_a, manager_a, attempt):
    for row in copies(attempt, 3):
        inspections.draw_by_hand(row.pk, by=manager_a.employee, now=after(60))
    client = as_(manager_a)
    for row in Inspection.objects.all():
        client.post(page(row), sheet(row, points_digging="3"))
    told = client.get(LIST)
    assert [line.item.code for line in told.context["weak"]] == ["digging"]
    assert "opening" in [line.item.code for line in told.context["strong"]]


def test_more_inspections_cost_no_more_queries(as_, store_a, manager_a, attempt, django_assert_max_num_queries):
    client, rows = as_(manager_a), copies(attempt, 20)
    for row in rows[:3]:
        inspections.draw_by_hand(row.pk, by=manager_a.employee, now=after(60))
    with django_assert_max_num_queries(200) as few:
        client.get(LIST + "&show=all")
    for row in rows[3:]:
        inspections.draw_by_hand(row.pk, by=manager_a.employee, now=after(61))
    with django_assert_max_num_queries(len(few.captured_queries)):
        client.get(LIST + "&show=all")
