"""How complaints of old registers are shown and found, and that they move no figure without a recorded liability."""

import pytest
from django.db import connection
from django.test import RequestFactory
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import actions, panels, queries
from complaints.models import State
from complaints.page import TicketPage
from crm_site.core import clock
from crm_site.core.dates import Month
from crm_site.core.errors import RuleBroken
from crm_site.reports import cases
from tests.complaints.register import bare, one, row, take_in
from tests.complaints.story import open_ticket
from tests.factories import DAY, NOON, EmployeeFactory, PhoneFactory, VehicleRoleFactory

pytestmark = pytest.mark.django_db

LIST = reverse("complaints:list")


def detail(ticket) -> str:
    return reverse("complaints:detail", args=[ticket.pk])


def text(answer) -> str:
    return answer.content.decode()


# ---- the page --------------------------------------------------------------------------------------------------------


def test_the_page_tells_the_author_from_the_importer(as_, admin_a, specialist_a, manager_a):
    take_in(admin_a, row())
    page = text(as_(manager_a).get(detail(one())))
    assert "段文" in page
    assert "投诉登记表.xlsx" in page
    assert "第 2 行导入" in page
    assert "陈思雨" in page
    assert "空调修了两次还是有异味" in page
    assert "2025-03-05 14:20" in page
    assert "2025-03-07 00:00" not in page


def test_the_page_shows_what_is_not_joined_as_text(as_, admin_a, specialist_a):
    take_in(admin_a, row(责任人="早已离开的人"))
    page = text(as_(specialist_a).get(detail(one())))
    assert "张三" in page
    assert "138****8001" in page
    assert "13800138001" not in page
    assert "远岚 E5" in page
    assert "早已离开的人" in page
    assert "RO1" in page


def test_the_page_has_no_stages_no_deadline_and_no_next_step(as_, admin_a, manager_a):
    take_in(admin_a, bare(), bare(编号="B2", 是否闭环="是"))
    for number in ("B1", "B2"):
        page = as_(manager_a).get(detail(one(number=number)))
        assert (page.context["steps"], page.context["due"], page.context["promises"], page.context["next"]) == (
            [], None, [], None,
        )  # fmt: skip
        assert {panel.action for panel in page.context["side"]} == {"confirm_liability", "judge_validity"}
        assert "btn-primary" not in text(page)
        assert page.context["chase"] is None


def test_a_text_that_is_missing_is_replaced_by_the_subject(as_, admin_a, specialist_a):
    take_in(admin_a, bare(投诉内容=None, 投诉类别="接待态度"))
    assert "<h1" in text(as_(specialist_a).get(detail(one())))
    assert TicketPage(one(), specialist_a.user, NOON).context()["title"] == "接待态度"


@pytest.mark.parametrize("action", ["accept", "chase", "reopen", "change_level", "review"])
def test_nobody_works_on_a_complaint_of_an_old_register(admin_a, manager_a, action):
    take_in(admin_a, bare(是否闭环="是"))
    given = {
        "accept": {"handler": manager_a.employee}, "chase": {"note": "又来电"}, "reopen": {"reason": "没解决"},
        "change_level": {"level_code": "L3", "reason": "严重"},
        "review": {"review_note": "加强终检", "submission": one().submission},
    }[action]  # fmt: skip
    with pytest.raises(RuleBroken) as refused:
        getattr(actions, action)(one().pk, **given, by=manager_a.employee, now=NOON)
    assert refused.value.code == "state"
    assert "历史投诉" in str(refused.value)


def test_a_manager_may_record_who_was_liable(admin_a, manager_a):
    take_in(admin_a, bare(投诉级别="一般"))
    employee = EmployeeFactory(store=admin_a.store)
    actions.confirm_liability(one().pk, party="employee", employee=employee, by=manager_a.employee, now=NOON)
    ticket = one()
    assert ticket.liabilities.get().employee == employee
    assert (ticket.state, ticket.due_at, ticket.historical) == (State.RECORDED, None, True)


def test_strangers_and_the_frontline_do_not_see_it(as_, admin_a, frontline_a, stranger_b):
    take_in(admin_a, row())
    assert as_(stranger_b).get(detail(one())).status_code == 404
    assert as_(frontline_a).get(detail(one())).status_code == 404


# ---- lists and the customer's card -----------------------------------------------------------------------------------


def test_only_its_own_tab_lists_it(as_, admin_a, manager_a):
    take_in(admin_a, row(投诉日期=DAY.isoformat(), 完成日期=DAY.isoformat()), bare(车型="远岚 E5", 客户姓名="李四"))
    client = as_(manager_a)
    for tab in (code for code in queries.FIGURES if code != "historical"):
        assert client.get(LIST, {"tab": tab}).context["rows"] == []
    page = client.get(LIST, {"tab": "historical"})
    assert [line["ticket"].number for line in page.context["rows"]] == ["TS2025-0001", "B1"]
    assert "李四" in text(page)
    assert "远岚 E5" in text(page)
    assert "历史" in text(page)
    assert "2025-03-05" in text(page)


def test_the_tab_is_there_only_where_there_are_some(as_, admin_a, manager_a):
    assert "tab=historical" not in text(as_(manager_a).get(LIST))
    take_in(admin_a, bare())
    assert "tab=historical" in text(as_(manager_a).get(LIST))


@pytest.mark.parametrize("written", ["B1", " B1 "])
def test_a_number_is_found_whatever_the_tab(as_, admin_a, manager_a, specialist_a, written):
    take_in(admin_a, bare())
    live = open_ticket(specialist_a, external_number="B1")
    found = as_(manager_a).get(LIST, {"number": written, "tab": "mine"}).context["rows"]
    assert {line["ticket"].pk for line in found} == {one(number="B1").pk, live.pk}


def test_the_card_and_the_timeline_show_it_with_its_day(admin_a, manager_a, store_a):
    owner = VehicleRoleFactory(vehicle__store=store_a, customer__name="张三").customer
    PhoneFactory(customer=owner, number="13800138001")
    take_in(admin_a, bare(客户姓名="张三", 电话="13800138001", 完成日期="2025-03-09"))
    request = RequestFactory().get("/")
    request.user = manager_a.user
    context = panels.for_customer(request, owner)[0].context
    assert (context["rows"], [line["ticket"] for line in context["past"]]) == ([], [one()])
    told = panels.events(manager_a.user, owner)
    assert [(clock.business_day(event.at).day, event.day_only) for event in told] == [(5, True), (9, True)]


def test_the_list_of_old_complaints_asks_no_more_for_more(as_, admin_a, manager_a):
    client, counts = as_(manager_a), []
    for first, last in ((0, 3), (3, 30)):
        take_in(admin_a, *(bare(编号=f"B{number}", 投诉类别="接待态度") for number in range(first, last)))
        client.get(LIST, {"tab": "historical"})
        with CaptureQueriesContext(connection) as queries_made:
            client.get(LIST, {"tab": "historical"})
        counts.append(len(queries_made))
    assert counts[0] == counts[1]


# ---- figures ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cells", "complaints", "grievances"),
    [
        ({"投诉级别": "一般"}, 0, 0),
        ({"投诉级别": "轻微"}, 0, 0),
        ({"投诉级别": "一般", "责任人": "没人认识"}, 0, 0),
        ({"投诉级别": "一般", "责任人": "厂家"}, 1, 0),
        ({"投诉级别": "轻微", "责任人": "厂家"}, 0, 1),
        ({"责任人": "厂家"}, 0, 0),  # no level is made up for it
    ],
)
def test_reports_count_it_only_with_a_recorded_liability(admin_a, cells, complaints, grievances):
    take_in(admin_a, bare(投诉日期=DAY.isoformat(), **cells))
    month = Month(DAY.year, DAY.month)
    given = (admin_a.store.pk, month.start, month.last)
    assert cases.total(*given).count() == complaints
    assert len(cases.received(*given)) == complaints + grievances
    assert not cases.unjudged(*given).exists()


def test_an_old_complaint_is_a_predecessor_of_a_new_one(admin_a, specialist_a, store_a):
    """The customer did complain before: the new ticket says so, and the old one stays as it is."""
    role = VehicleRoleFactory(vehicle__store=store_a)
    take_in(admin_a, bare(投诉日期="2026-09-01", VIN=role.vehicle.vin, 投诉类别="维修质量"))
    old = one()
    ticket = open_ticket(specialist_a, vehicle=role.vehicle, category=old.category)
    assert ticket.repeat_of == old
    old.refresh_from_db()
    assert (old.repeat_of, old.state) == (None, State.RECORDED)
