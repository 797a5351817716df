"""Many tickets to one handler: each by the ordinary step, the refused ones left with their reason."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints import actions
from complaints.actions import assigning
from complaints.models import Complaint, State
from crm_site.accounts.models import Role
from crm_site.core import clock
from tests.cast import make_person
from tests.complaints.story import moment, open_ticket
from tests.fingerprint import unchanged

ASSIGN, LIST = reverse("complaints:assign"), reverse("complaints:list")


@pytest.fixture(autouse=True)
def now(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: moment(2))


def post(client, tickets, handler, query="", **more):
    data = {"tickets": [one.pk for one in tickets], "handler": handler.pk if handler else "", "scope": "ticked"}
    return client.post(ASSIGN + query, data | more)


def numbers(lines) -> list[str]:
    return [line["ticket"].number for line in lines]


def test_what_can_be_given_is_given_and_the_rest_says_why(as_, story):
    accused = make_person(story.manager.store, Role.HEAD, "罗雪")
    new, worked, about, closed = (
        open_ticket(story.specialist),
        story.ticket(State.INVESTIGATING),
        open_ticket(story.specialist, accused=accused.employee),
        story.ticket(State.CLOSED),
    )
    answer = post(as_(story.manager, "en"), [new, worked, about, closed], accused.employee)
    assert answer.status_code == 200
    assert sorted(numbers(answer.context["done"])) == sorted([new.number, worked.number])
    left = {line["ticket"].number: line["reason"] for line in answer.context["left"]}
    assert left.keys() == {about.number, closed.number}
    assert "person complained about" in left[about.number]
    new.refresh_from_db()
    worked.refresh_from_db()
    assert (new.state, new.handler, worked.state, worked.handler) == (
        State.ACCEPTED, accused.employee, State.INVESTIGATING, accused.employee,
    )  # fmt: skip


def test_refused_tickets_are_left_exactly_as_they_were(as_, story):
    accused = make_person(story.manager.store, Role.HEAD, "罗雪")
    about = [open_ticket(story.specialist, accused=accused.employee) for _ in range(3)]
    client = as_(story.manager)
    with unchanged():
        answer = post(client, about, accused.employee)
    assert len(answer.context["left"]) == 3


def test_an_accused_manager_assigns_nothing_in_his_own_matter(as_, story):
    manager = make_person(story.manager.store, Role.MANAGER, "涉事经理")
    about, other = open_ticket(story.specialist, accused=manager.employee), open_ticket(story.specialist)
    answer = post(as_(manager), [about, other], story.head.employee)
    assert (numbers(answer.context["done"]), numbers(answer.context["left"])) == ([other.number], [about.number])


def test_a_head_assigns_in_his_department_only(as_, story):
    own, other = open_ticket(story.specialist), open_ticket(story.specialist, department="sales")
    answer = post(as_(story.head), [own, other], story.head.employee)
    assert (numbers(answer.context["done"]), answer.context["left"]) == ([own.number], [])
    other.refresh_from_db()
    assert other.handler is None


@pytest.mark.parametrize("role", [Role.SPECIALIST, Role.FRONTLINE, Role.DIRECTOR, Role.ADMIN])
def test_others_are_refused_and_see_no_boxes(as_, story, role):
    ticket, person = open_ticket(story.specialist), make_person(story.manager.store, role, "旁人")
    client = as_(person)
    with unchanged(role):
        assert post(client, [ticket], story.head.employee).status_code == 403
    if role != Role.ADMIN:
        assert client.get(LIST).context["assign"] is None


def test_another_stores_tickets_and_people_are_out_of_reach(as_, story, stranger_b):
    ticket, foreign = open_ticket(story.specialist), open_ticket(stranger_b)
    client = as_(stranger_b)
    with unchanged():
        assert post(client, [ticket], stranger_b.employee).context["left"] == []
        assert post(client, [foreign], story.head.employee).status_code == 422


def test_all_of_the_filtered_list_are_meant(as_, story):
    grievance = open_ticket(story.specialist, kind="grievance")
    complaint = open_ticket(story.specialist)
    answer = post(as_(story.manager), [], story.head.employee, query="?level=L2", scope="all")
    assert numbers(answer.context["done"]) == [complaint.number]
    grievance.refresh_from_db()
    assert grievance.handler is None


def test_more_than_two_hundred_are_refused_as_a_whole(as_, story, monkeypatch):
    monkeypatch.setattr(assigning, "MOST", 2)
    tickets = [open_ticket(story.specialist) for _ in range(3)]
    client = as_(story.manager)
    with unchanged():
        answer = post(client, [], story.head.employee, scope="all")
    assert answer.status_code == 422
    assert "2" in answer.content.decode()
    assert Complaint.objects.filter(pk__in=[one.pk for one in tickets], handler=None).count() == 3


def test_without_a_handler_the_ticks_are_kept(as_, story):
    ticket = open_ticket(story.specialist)
    client = as_(story.manager)
    with unchanged():
        answer = post(client, [ticket], None)
    assert answer.status_code == 422
    assert numbers(answer.context["left"]) == [ticket.number]
    assert f'value="{ticket.pk}" checked' in answer.content.decode()


def test_whoever_has_it_already_is_not_told_again(as_, story):
    ticket = story.ticket(State.ACCEPTED)
    client = as_(story.manager)
    with unchanged():
        answer = post(client, [ticket], story.head.employee)
    assert numbers(answer.context["left"]) == [ticket.number]


def test_the_bar_under_the_list_costs_the_same_for_any_number_of_rows(as_, story):
    client = as_(story.manager)

    def count() -> int:
        with CaptureQueriesContext(
            connection,
        ) as seen:
            client.get(LIST)
        return len(seen)

    for _ in range(3):
        open_ticket(story.specialist)
    few = count()
    for _ in range(6):
        open_ticket(story.specialist)
    assert count() == few


def test_the_step_is_the_ordinary_one(story):
    ticket = open_ticket(story.specialist)
    by = {ticket.store_id: story.manager.employee}
    assigning.assign([ticket], handler=story.head.employee, by=by, now=moment(2))
    assert ticket.steps.latest("sequence").action == "accept"
    done = actions.reassign(ticket.pk, handler=story.manager.employee, by=story.manager.employee, now=moment(2))
    assigning.assign([done], handler=story.head.employee, by=by, now=moment(2))
    assert ticket.steps.latest("sequence").action == "reassign"
