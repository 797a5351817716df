"""A gold or A customer who complains again: who is to call at once, and when that is done."""

from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import translation

from complaints import actions, queries
from complaints.models import Complaint, TicketSettings
from complaints.page import TicketPage
from crm_site.accounts.models import Role
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from tests.cast import make_person
from tests.complaints.story import moment, open_ticket
from tests.factories import CustomerFactory
from tests.fingerprint import unchanged


@pytest.fixture
def gold(manager_a):
    return CustomerFactory(store=manager_a.store, value_class="gold")


def again(person, customer, *, ago: int = 30, **given) -> Complaint:
    """A complaint so many days ago, and one now."""
    earlier = moment(-24 * ago)
    open_ticket(person, customer=customer, received_at=earlier, now=earlier)
    return open_ticket(person, customer=customer, **given)


@pytest.mark.parametrize(
    ("value_class", "ago", "kind", "flagged"),
    [
        ("gold", 30, "complaint", True),
        ("a", 364, "complaint", True),
        ("gold", 366, "complaint", False),
        ("b", 30, "complaint", False),
        ("", 30, "complaint", False),
        ("gold", 30, "grievance", False),
    ],
)
def test_the_second_complaint_in_twelve_months_of_a_gold_or_a_customer(
    manager_a, specialist_a, value_class, ago, kind, *, flagged
):
    customer = CustomerFactory(store=manager_a.store, value_class=value_class)
    ticket = again(specialist_a, customer, ago=ago, kind=kind)
    assert (ticket.priority_caller == manager_a.employee) is flagged
    assert Notice.objects.filter(code="complaint.priority", user=manager_a.user).exists() is flagged


def test_the_first_complaint_is_like_any_other(manager_a, specialist_a, gold):
    assert open_ticket(specialist_a, customer=gold).priority_caller is None


def test_the_store_names_who_calls_and_how_often_is_often(manager_a, specialist_a, gold):
    TicketSettings.objects.create(store=manager_a.store, priority_caller=specialist_a.employee, priority_complaints=3)
    assert again(specialist_a, gold).priority_caller is None
    assert open_ticket(specialist_a, customer=gold).priority_caller == specialist_a.employee


@pytest.mark.parametrize("why", ["accused", "left", "no sign-in"])
def test_the_next_manager_calls_where_the_named_person_cannot(manager_a, specialist_a, specialist_a2, gold, why):
    named = specialist_a2.employee
    TicketSettings.objects.create(store=manager_a.store, priority_caller=named)
    given = {"accused": named} if why == "accused" else {}
    if why == "left":
        type(named).objects.filter(pk=named.pk).update(left_on=moment(-48).date())
    elif why == "no sign-in":
        type(specialist_a2.user).objects.filter(pk=specialist_a2.user.pk).update(is_active=False)
    assert again(specialist_a, gold, **given).priority_caller == manager_a.employee


def test_an_accused_manager_is_passed_over(manager_a, specialist_a, gold):
    second = make_person(manager_a.store, Role.MANAGER, "经理二")
    ticket = again(specialist_a, gold, accused=manager_a.employee)
    assert ticket.priority_caller == second.employee


def test_who_is_accused_later_no_longer_calls(story, gold):
    second = make_person(story.manager.store, Role.MANAGER, "经理二")
    ticket = again(story.specialist, gold)
    assert ticket.priority_caller == story.manager.employee
    done = actions.edit(ticket.pk, accused=story.manager.employee, by=second.employee, now=moment(1))
    assert done.priority_caller == second.employee
    assert Notice.objects.filter(code="complaint.priority", user=second.user).exists()


def test_it_is_done_when_that_person_logs_a_contact(story, gold):
    ticket = again(story.specialist, gold)
    actions.accept(ticket.pk, handler=story.head.employee, by=story.manager.employee, now=moment(0.1))
    figure = queries.FIGURES["priority"]
    assert list(figure.rows(story.manager.user, moment(1))) == [ticket]
    actions.note_contact(ticket.pk, note="已联系", by=story.head.employee, now=moment(0.2))
    ticket.refresh_from_db()
    assert ticket.priority_called_at is None
    actions.note_contact(ticket.pk, note="经理致电", by=story.manager.employee, now=moment(0.3))
    ticket.refresh_from_db()
    assert ticket.priority_called_at == moment(0.3)
    assert not figure.rows(story.manager.user, moment(1)).exists()


def test_a_named_specialist_may_log_the_contact_and_nothing_else(manager_a, specialist_a, gold):
    TicketSettings.objects.create(store=manager_a.store, priority_caller=specialist_a.employee)
    ticket = again(specialist_a, gold)
    by = {"by": specialist_a.employee, "now": moment(1)}
    with unchanged(), pytest.raises(RuleBroken):
        actions.accept(ticket.pk, handler=manager_a.employee, **by)
    actions.note_contact(ticket.pk, note="已致电", **by)
    ticket.refresh_from_db()
    assert (ticket.priority_called_at, ticket.responded_at) == (moment(1), moment(1))


def test_a_customer_who_becomes_known_later_is_called_too(story, gold):
    earlier = moment(-240)
    open_ticket(story.specialist, customer=gold, received_at=earlier, now=earlier)
    ticket = open_ticket(story.specialist)
    done = actions.edit(ticket.pk, customer=gold, by=story.manager.employee, now=moment(1))
    assert done.priority_caller == story.manager.employee


def test_a_grievance_that_is_raised_counts_from_then_on(story, gold):
    ticket = again(story.specialist, gold, kind="grievance")
    done = actions.change_level(ticket.pk, level_code="L2", reason="要求赔偿", by=story.manager.employee, now=moment(1))
    assert (done.kind, done.priority_caller) == ("complaint", story.manager.employee)


def test_the_page_and_the_list_say_who_calls_whom(as_, story, gold):
    ticket = again(story.specialist, gold)
    with translation.override("en"):
        notes = TicketPage(ticket, story.head.user, moment(1)).context()["notes"]
    assert notes[0]["kind"] == "bad"
    assert "complaint 2 within 12 months" in notes[0]["text"]
    assert story.manager.employee.name in notes[0]["text"]
    figures = as_(story.manager).get(reverse("complaints:list"), {"tab": "priority"}).context["figures"]
    assert [one["value"].number for one in figures if one["current"]] == [1]


def test_a_year_is_counted_to_the_day_of_receipt(manager_a, specialist_a, gold):
    base = moment(-24 * 365) - timedelta(minutes=1)
    open_ticket(specialist_a, customer=gold, received_at=base, now=base)
    assert open_ticket(specialist_a, customer=gold).priority_caller is None


def test_a_closed_complaint_orders_nobody_to_call(story):
    customer = CustomerFactory(store=story.manager.store)
    open_ticket(story.specialist, customer=customer)
    ticket = story.ticket("closed", customer=customer)
    type(customer).objects.filter(pk=customer.pk).update(value_class="gold")
    given = {"external_number": "400-1", "external_replied_at": moment(40)}
    done = actions.edit(ticket.pk, **given, by=story.manager.employee, now=moment(41))
    assert (done.external_number, done.priority_caller) == ("400-1", None)
    assert not Notice.objects.filter(code="complaint.priority").exists()


def test_who_was_to_call_and_turns_out_liable_is_replaced_only_when_it_is_opened_again(story):
    first = story.manager.employee
    other = make_person(story.manager.store, Role.MANAGER, "另一经理")
    ticket = story.ticket("closed")
    Complaint.objects.filter(pk=ticket.pk).update(priority_caller=first)
    liable = {"party": "employee", "employee": first, "by": other.employee, "now": moment(30)}
    actions.confirm_liability(ticket.pk, **liable)
    assert not Notice.objects.filter(code="complaint.priority").exists()
    assert (
        actions.reopen(ticket.pk, reason="未解决", by=other.employee, now=moment(31)).priority_caller == other.employee
    )
