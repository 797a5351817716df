"""Pages of stores with few answers or none, measures, and the questionnaires themselves."""

import uuid

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.accounts.models import Department, Post
from crm_site.core import clock
from satisfaction import actions, panels
from satisfaction.models import ImprovementMeasure
from satisfaction.queries import current_version
from tests.cast import make_person
from tests.factories import DAY, EmployeeFactory, PostingFactory
from tests.satisfaction.boards import DASHBOARD, HEAT, LIST, MEASURES, NEW, SEPTEMBER, page
from tests.satisfaction.surveys import delivery_of, given, order_of, respond, short_answers

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("september")]


@pytest.fixture
def advisor(store_a):
    employee = EmployeeFactory(store=store_a, name="罗雪")
    PostingFactory(employee=employee, department=Department.SERVICE, post=Post.SERVICE_ADVISOR)
    return employee


def test_an_empty_store_shows_dashes_and_says_why(as_, manager_a):
    html = page(as_(manager_a), DASHBOARD)
    assert "十二个月内没有有效答卷" in html
    assert "样本不足" in html


def test_nine_responses_show_no_score_and_ten_do(as_, manager_a, store_a):
    for _response in range(9):
        respond(store_a)
    client = as_(manager_a)
    assert client.get(DASHBOARD, SEPTEMBER).context["score"]["shown"].amount is None
    respond(store_a)
    assert client.get(DASHBOARD, SEPTEMBER).context["score"]["shown"].amount == 90


def test_an_empty_heat_table_says_why(as_, manager_a, store_a):
    assert "十二个月内没有有效答卷" in page(as_(manager_a), HEAT)
    head = make_person(store_a, "head", "唐敏")
    head.employee.postings.update(department=Department.FINANCE)
    assert "你的部门没有分数" in page(as_(head), HEAT)


def test_execution_and_recommendation_open_their_lists(as_, manager_a, store_a):
    for _response in range(10):
        answers = [given(code, 9) for code in ("manner", "expertise", "price_fair", "charges_clear", "controls")]
        answers += [given(code, 9) for code in ("problems_solved", "maintenance", "test_drive", "overall")]
        answers += [given("recommend", 10), given("music", 1)]
        respond(store_a, code="SSI", delivery=delivery_of(store_a), answers=answers)
    client = as_(manager_a)
    rows = client.get(DASHBOARD, {"month": "2026-09", "kind": "sales"}).context["score"]["others"]
    linked = [row["shown"].href for row in rows]
    assert len(linked) == 3
    assert [client.get(url).context["total"].number for url in linked] == [10, 10, 10]


@pytest.mark.parametrize("url", [DASHBOARD, HEAT, LIST])
def test_queries_do_not_grow_with_rows(as_, manager_a, store_a, url):
    client = as_(manager_a)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            page(client, url, **SEPTEMBER)
        return len(captured)

    def add(number: int) -> None:
        for _response in range(number):
            people = EmployeeFactory(store=store_a), EmployeeFactory(store=store_a)
            respond(store_a, order=order_of(store_a, *people), answers=short_answers(8, reception=5))

    add(3)
    count()
    few = count()
    add(27)
    assert count() == few


def measure_data(employee, **changes) -> dict:
    return {
        "cause": "等候时无人告知进度", "measure": "每 30 分钟告知一次", "responsible": employee.pk,
        "department": "service", "due_on": "2026-10-15", "submission": str(uuid.uuid4()), **changes,
    }  # fmt: skip


def test_a_measure_is_begun_once_and_ended_once(as_, manager_a, advisor):
    client = as_(manager_a)
    data = measure_data(advisor)
    assert client.post(NEW, data).status_code == 302
    client.post(NEW, data)
    row = ImprovementMeasure.objects.get()
    assert "每 30 分钟告知一次" in page(client, MEASURES)
    finish = reverse("satisfaction:measure_finish", args=[row.pk])
    client.post(finish, {"state": "done"})
    client.post(finish, {"state": "dropped"})
    row.refresh_from_db()
    assert (row.state, row.done_on) == ("done", DAY)
    assert "每 30 分钟告知一次" in page(client, MEASURES, show="ended")


def test_a_wrong_measure_is_said_at_its_field_and_nothing_typed_is_lost(as_, manager_a, advisor, stranger_b):
    client = as_(manager_a)
    past = client.post(NEW, measure_data(advisor, due_on="2026-09-15"))
    assert past.status_code == 200
    assert "日期已经过去" in str(past.context["form"].errors["due_on"])
    assert "每 30 分钟告知一次" in past.content.decode()
    foreign = client.post(NEW, measure_data(stranger_b.employee))
    assert "responsible" in foreign.context["form"].errors
    assert not ImprovementMeasure.objects.exists()


def test_a_measure_of_another_department_or_store_is_out_of_reach(as_, manager_a, head_a, stranger_b, advisor):
    as_(manager_a).post(NEW, measure_data(advisor, department="sales"))
    row = ImprovementMeasure.objects.get()
    finish = reverse("satisfaction:measure_finish", args=[row.pk])
    assert as_(head_a).post(finish, {"state": "done"}).status_code == 404
    assert as_(stranger_b).post(finish, {"state": "done"}).status_code == 404
    row.refresh_from_db()
    assert row.state == "open"


# ---- questionnaires and panels ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["manager_a", "admin_a"])
@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_managers_and_admins_read_the_questionnaires(as_, request, name, language):
    client = as_(request.getfixturevalue(name), language)
    version = current_version("SSI", request.getfixturevalue("store_a").pk)
    assert "CMP_CFM" in page(client, reverse("satisfaction:trees"))
    html = page(client, reverse("satisfaction:tree", args=[version.pk]))
    assert "100.00" in html
    assert ("购车环境" if language == "zh-hans" else "Showroom") in html


@pytest.mark.parametrize("name", ["specialist_a", "head_a", "director_a"])
def test_others_do_not_read_the_questionnaires(as_, request, name):
    assert as_(request.getfixturevalue(name)).get(reverse("satisfaction:trees")).status_code == 403


def test_a_head_sees_on_the_card_only_the_words_about_their_department(rf, head_a, store_a):
    technician = EmployeeFactory(store=store_a)
    answers = short_answers(8, fixed_first_time=4, reception=5)
    response = respond(store_a, order=order_of(store_a, EmployeeFactory(store=store_a), technician), answers=answers)
    asked = rf.get("/")
    asked.user = head_a.user
    (panel,) = panels.for_customer(asked, response.customer)
    (row,) = panel.context["rows"]
    assert [answer.question.code for answer in row.low_answers] == ["reception"]
    assert panel.context["shows_score"] is False
    assert "68" not in panels.events(head_a.user, response.customer)[0].body


def test_a_measure_may_be_proposed_from_a_weak_item(as_, manager_a):
    assert "收费透明：" in page(as_(manager_a), NEW, question="charges_transparent")


def test_actions_of_measures_refuse_people_of_other_stores(manager_a, stranger_b):
    from crm_site.core.errors import RuleBroken

    with pytest.raises(RuleBroken) as refused:
        actions.create_measure(
            store_id=manager_a.store.pk, cause="x", measure="y", responsible=stranger_b.employee, due_on=DAY,
            submission=uuid.uuid4(), by=manager_a.employee, at=clock.at(DAY), today=DAY,
        )  # fmt: skip
    assert refused.value.field == "responsible"
