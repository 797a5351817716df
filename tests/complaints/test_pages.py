"""The pages of complaints: who sees what, figures that equal their lists, and forms that lose nothing."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import actions
from complaints.forms import FORMS
from complaints.models import Complaint, State
from complaints.page import TicketPage
from crm_site.accounts.models import Role
from crm_site.core import clock
from customers.models import Customer
from tests.cast import make_person
from tests.complaints.story import moment, open_ticket, snapshot
from tests.factories import ComplaintFactory, CustomerFactory, RepairOrderFactory, VehicleFactory, VehicleRoleFactory

LIST = reverse("complaints:list")


def detail(ticket: Complaint) -> str:
    return reverse("complaints:detail", args=[ticket.pk])


def do(ticket: Complaint, action: str) -> str:
    return reverse("complaints:do", args=[ticket.pk, action])


def text(answer) -> str:
    return answer.content.decode()


# --- who sees what ---


def test_a_stranger_gets_404(as_, story, stranger_b):
    ticket = story.ticket(State.ACCEPTED)
    before = snapshot(ticket)
    client = as_(stranger_b)
    assert client.get(detail(ticket)).status_code == 404
    for action in FORMS:
        assert client.post(do(ticket, action), {"version": 1, "note": "x"}).status_code == 404
    assert ticket.number not in text(client.get(LIST))
    assert snapshot(ticket) == before


@pytest.mark.parametrize(
    ("role", "status"),
    [(Role.SPECIALIST, 200), (Role.MANAGER, 200), (Role.DIRECTOR, 200), (Role.ADMIN, 403), (Role.FRONTLINE, 404)],
)
def test_each_role_sees_what_the_policy_says(as_, story, role, status):
    ticket = story.ticket(State.ACCEPTED)
    person = make_person(story.manager.store, role, "来人")
    assert as_(person).get(detail(ticket)).status_code == status


def test_the_frontline_sees_only_what_it_reported(as_, story, frontline_a):
    other, own = open_ticket(story.specialist), open_ticket(frontline_a)
    page = text(as_(frontline_a).get(LIST))
    assert own.number in page
    assert other.number not in page
    assert as_(frontline_a).get(detail(own)).status_code == 200


def test_a_head_sees_his_department(as_, story):
    own, other = open_ticket(story.specialist), open_ticket(story.specialist, department="sales")
    page = text(as_(story.head).get(LIST))
    assert own.number in page
    assert other.number not in page


def test_a_director_reads_and_changes_nothing(as_, story, director_a):
    ticket = story.ticket(State.ACCEPTED)
    client = as_(director_a)
    assert "btn-primary" not in text(client.get(detail(ticket)))
    before = snapshot(ticket)
    assert client.post(do(ticket, "contact"), {"version": ticket.version, "note": "x"}).status_code == 403
    assert snapshot(ticket) == before


def test_what_the_role_may_not_do_names_who_can_and_changes_nothing(as_, story):
    ticket = story.ticket(State.ACCEPTED)
    before = snapshot(ticket)
    answer = as_(story.specialist).post(do(ticket, "act"), {"version": ticket.version, "note": "我来处理"})
    assert answer.status_code in {403, 422}
    assert story.manager.employee.name in text(answer)
    assert "我来处理" in text(answer)
    assert snapshot(ticket) == before


# --- the list ---


def test_the_list_pages_by_cursor(as_, story):
    for _ in range(53):
        ComplaintFactory(store=story.manager.store)
    client = as_(story.manager)
    first = client.get(LIST)
    second = client.get(LIST, {"at": first.context["page"].next})
    assert (len(first.context["rows"]), len(second.context["rows"])) == (50, 3)


def test_queries_do_not_grow_with_rows(as_, story):
    client = as_(story.manager)

    def cost(url: str) -> int:
        with CaptureQueriesContext(connection) as queries_:
            assert client.get(url).status_code == 200
        return len(queries_)

    def add(count: int) -> Complaint:
        for _ in range(count):
            vehicle = VehicleFactory(store=story.manager.store)
            customer = CustomerFactory(store=story.manager.store)
            ticket = story.ticket(State.ACCEPTED, vehicle=vehicle, customer=customer)
        return ticket

    ticket = add(3)
    client.get(LIST)
    few, page = cost(LIST), cost(detail(ticket))
    add(12)
    for index in range(12):
        actions.note_contact(ticket.pk, note=f"第{index}次", by=story.head.employee, now=moment(index))
    assert cost(LIST) == few
    assert cost(detail(ticket)) == page


@pytest.mark.parametrize(("language", "word"), [("zh-hans", "全部未结"), ("en", "All open")])
def test_both_languages(as_, story, language, word):
    ticket = story.ticket(State.ACCEPTED)
    client = as_(story.manager, language=language)
    assert word in text(client.get(LIST))
    assert client.get(detail(ticket)).status_code == 200


def test_an_empty_list_says_so(as_, manager_a):
    assert "hf-empty" in text(as_(manager_a).get(LIST))


# --- the steps ---


STEPS = [
    ("accept", lambda story: {"handler": story.head.employee.pk, "level_code": "L2"}),
    ("contact", lambda story: {"note": "已联系", "reached": "on"}),
    ("investigate", lambda story: {"cause_class": "poor_service", "cause": "没洗到位"}),
    ("confirm_liability", lambda story: {"direct": "department"}),
    ("propose", lambda story: {"solution": "免费重做", "compensation": "480"}),
    ("tell", lambda story: {"accepts": "yes"}),
    ("act", lambda story: {"note": "周六返工"}),
    ("submit", lambda story: {}),
]


def test_a_head_takes_a_ticket_to_the_confirming_call(as_, story, monkeypatch):
    ticket = open_ticket(story.specialist)
    client = as_(story.head)
    for index, (action, given) in enumerate(STEPS):
        monkeypatch.setattr(clock, "now", lambda index=index: moment(index / 4 + 1))
        ticket.refresh_from_db()
        page = client.get(detail(ticket))
        assert text(page).count("btn-primary") <= 1
        answer = client.post(do(ticket, action), given(story) | {"version": ticket.version}, follow=True)
        assert answer.status_code == 200, (action, text(answer))
    ticket.refresh_from_db()
    assert ticket.state == State.CONFIRMING
    assert "二次回访" in text(answer)


@pytest.mark.parametrize("state", [state for state in State.values if state not in {State.MERGED, State.RECORDED}])
def test_the_page_offers_what_the_rules_allow(as_, story, state):
    ticket = story.ticket(state)
    page = as_(story.manager).get(detail(ticket))
    offered = {panel.action for panel in [page.context["next"], page.context["clock_panel"]] if panel}
    offered |= {panel.action for panel in page.context["more"] + page.context["side"]}
    allowed = set(TicketPage(ticket, story.manager.user, clock.now()).allowed())
    assert offered <= allowed
    assert text(page).count("btn-primary") <= 1


def test_the_steps_of_a_get_are_harmless(as_, story):
    ticket = story.ticket(State.ACCEPTED)
    before = snapshot(ticket)
    assert as_(story.manager).get(do(ticket, "pause")).status_code == 302
    assert as_(story.manager).get(do(ticket, "no-such-step")).status_code == 404
    assert snapshot(ticket) == before


def test_a_faulty_form_keeps_what_was_typed(as_, story):
    ticket = story.ticket(State.INVESTIGATING)
    given = {"version": ticket.version, "solution": "免费拆检", "compensation": "不知道"}
    answer = as_(story.manager).post(do(ticket, "propose"), given)
    assert answer.status_code == 422
    assert "免费拆检" in text(answer)
    assert "不知道" in text(answer)


def test_an_outdated_form_shows_both_values_and_then_saves(as_, story, monkeypatch):
    ticket = story.ticket(State.INVESTIGATING)
    monkeypatch.setattr(clock, "now", lambda: moment(3))
    actions.propose(ticket.pk, solution="她的方案", by=story.head.employee, now=moment(2))
    client = as_(story.manager)
    answer = client.post(do(ticket, "propose"), {"version": ticket.version, "solution": "我的方案"})
    assert answer.status_code == 409
    assert "我的方案" in text(answer)
    assert "她的方案" in text(answer)
    version = next(panel.form["version"].value() for panel in answer.context["more"] if panel.action == "propose")
    client.post(do(ticket, "propose"), {"version": version, "solution": "我的方案"})
    ticket.refresh_from_db()
    assert ticket.solution == "我的方案"


def test_the_accused_is_refused_under_the_select_with_who_can(as_, story):
    accused = make_person(story.manager.store, Role.HEAD, "罗雪")
    ticket = story.ticket(State.ACCEPTED, accused=accused.employee)
    given = {"version": ticket.version, "handler": accused.employee.pk}
    answer = as_(story.manager).post(do(ticket, "reassign"), given)
    panel = next(panel for panel in answer.context["side"] if panel.action == "reassign")
    assert story.manager.employee.name in str(panel.form.errors["handler"])


def test_a_handler_of_another_store_is_no_choice(as_, story, stranger_b):
    ticket = story.ticket(State.ACCEPTED)
    given = {"version": ticket.version, "handler": stranger_b.employee.pk}
    assert as_(story.manager).post(do(ticket, "reassign"), given).status_code == 422
    ticket.refresh_from_db()
    assert ticket.handler == story.head.employee


def test_extra_fields_change_nothing(as_, story):
    ticket = story.ticket(State.ACCEPTED)
    given = {
        "version": ticket.version,
        "note": "催",
        "state": "closed",
        "store": 99,
        "due_at": "2030-01-01",
        "level": 1,
    }
    as_(story.specialist).post(reverse("complaints:chase", args=[ticket.pk]), given)
    after = Complaint.objects.get(pk=ticket.pk)
    assert (after.state, after.store_id, after.due_at, after.level_id, after.chased) == (
        ticket.state, ticket.store_id, ticket.due_at, ticket.level_id, 1
    )  # fmt: skip


def test_markup_in_words_stays_words(as_, story):
    ticket = open_ticket(story.specialist, words="<script>alert(1)</script>")
    assert "<script>alert" not in text(as_(story.manager).get(detail(ticket)))


# --- reporting ---

NEW = reverse("complaints:new")


def report(**given) -> dict:
    return {
        "submission": str(uuid.uuid4()),
        "words": "等了两个小时没人管",
        "kind": "complaint",
        "source": "walk_in",
        "received_at": f"{clock.local(clock.now() - timedelta(hours=1)):%Y-%m-%dT%H:%M}",
    } | given


@pytest.fixture
def owner(store_a):
    """A customer with a car and a repair order."""
    customer = CustomerFactory(store=store_a, name="仇雨桐")
    vehicle = VehicleFactory(store=store_a)
    VehicleRoleFactory(vehicle=vehicle, customer=customer)
    order = RepairOrderFactory(vehicle=vehicle, customer=customer)
    return {"customer": customer.pk, "vehicle": vehicle.pk, "job": f"order:{order.pk}"}


def test_the_frontline_reports_a_complaint(as_, frontline_a, owner):
    given = report(**owner, store=frontline_a.store.pk, category="service.waiting")
    answer = as_(frontline_a).post(NEW, given, follow=True)
    ticket = Complaint.objects.get()
    assert answer.redirect_chain[-1][0] == reverse("complaints:texts", args=[ticket.pk])
    assert (ticket.customer_id, ticket.vehicle_id, ticket.reported_by) == (
        owner["customer"], owner["vehicle"], frontline_a.employee
    )  # fmt: skip
    assert (ticket.department, ticket.level.code) == ("service", "L2")


def test_the_second_post_of_a_report_finds_the_first(as_, specialist_a):
    given = report(store=specialist_a.store.pk)
    client = as_(specialist_a)
    addresses = {client.post(NEW, given).headers["Location"] for _ in range(2)}
    assert len(addresses) == 1
    assert Complaint.objects.count() == 1


def test_a_customer_taken_along_brings_cars_and_jobs(as_, specialist_a, owner):
    page = text(as_(specialist_a).get(NEW, {"customer": owner["customer"]}))
    assert "仇雨桐" in page
    assert owner["job"] in page


def test_taking_a_customer_keeps_what_was_typed(as_, specialist_a, owner):
    page = text(as_(specialist_a).post(NEW, report(take=owner["customer"], words="写到一半")))
    assert "写到一半" in page
    assert "仇雨桐" in page
    assert not Complaint.objects.exists()


def test_a_customer_of_another_store_is_404(as_, stranger_b, owner):
    assert as_(stranger_b).get(NEW, {"customer": owner["customer"]}).status_code == 404
    given = report(**owner, store=stranger_b.store.pk)
    assert as_(stranger_b).post(NEW, given).status_code == 404
    assert not Complaint.objects.exists()


@pytest.mark.parametrize(
    "fault", [{"words": " "}, {"received_at": "2099-01-01T10:00"}, {"received_at": "gestern"}, {"job": "order:999999"}]
)
def test_a_faulty_report_is_kept_and_explained(as_, specialist_a, owner, fault):
    given = report(**owner, store=specialist_a.store.pk, demand="免费重做") | fault
    answer = as_(specialist_a).post(NEW, given)
    assert answer.status_code == 422
    assert "免费重做" in text(answer)
    assert not Complaint.objects.exists()


def test_admin_and_director_do_not_report(as_, admin_a, director_a):
    for person in (admin_a, director_a):
        assert as_(person).get(NEW).status_code == 403


def test_an_open_ticket_of_the_customer_is_pointed_out(as_, story, owner):
    customer = Customer.objects.get(pk=owner["customer"])
    ticket = open_ticket(story.specialist, customer=customer)
    assert ticket.number in text(as_(story.specialist).get(NEW, {"customer": customer.pk}))
