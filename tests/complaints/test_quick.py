"""The page for the thumb: three forms, each all of its steps or none, and never past a rule."""

import pytest
from django.urls import reverse

from complaints.models import Complaint, State
from crm_site.audit.models import Entry
from crm_site.core import clock
from crm_site.notices.models import Notice
from customers.models import Customer, Reveal
from tests.complaints.story import day, open_ticket, snapshot
from tests.factories import CustomerFactory, PhoneFactory


def page_of(ticket):
    return reverse("complaints:quick", args=[ticket.pk])


def tap(client, ticket, step, **given):
    ticket.refresh_from_db()
    url = reverse("complaints:quick_take", args=[ticket.pk, step])
    return client.post(url, {"version": ticket.version} | given)


PROPOSAL = {"cause_class": "poor_service", "solution": "免费重做"}


@pytest.fixture
def ticket(story):
    """A complaint in the head's department that nobody handles yet."""
    return open_ticket(story.specialist, department="service", level_code="L2")


def test_three_taps_take_a_ticket_from_registered_to_the_confirming_call(as_, head_a, ticket):
    client = as_(head_a)
    assert tap(client, ticket, "contact", reached="yes").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.handler, ticket.responded_at is not None) == (
        State.ACCEPTED, head_a.employee, True
    )  # fmt: skip
    assert tap(client, ticket, "proposal", **PROPOSAL, accepts="yes").status_code == 302
    ticket.refresh_from_db()
    assert (ticket.state, ticket.solution, ticket.customer_accepts) == (State.TOLD, "免费重做", True)
    assert tap(client, ticket, "done", direct="department").status_code == 302
    ticket.refresh_from_db()
    assert ticket.state == State.CONFIRMING
    actions = list(ticket.steps.values_list("action", flat=True))
    assert actions == [
        "open", "accept", "contact", "investigate", "propose", "tell", "set_liability", "act", "submit",
    ]  # fmt: skip


def test_the_first_step_not_done_is_open(as_, head_a, ticket):
    client = as_(head_a)
    opened = [one.step for one in client.get(page_of(ticket)).context["taps"] if one.is_open]
    assert opened == ["contact"]
    tap(client, ticket, "contact", reached="yes")
    opened = [one.step for one in client.get(page_of(ticket)).context["taps"] if one.is_open]
    assert opened == ["proposal"]
    page = client.get(page_of(ticket), {"step": "contact"})
    assert [one.step for one in page.context["taps"] if one.is_open] == ["contact"]


def test_not_reached_is_no_response(as_, head_a, ticket):
    tap(as_(head_a), ticket, "contact", reached="no")
    ticket.refresh_from_db()
    assert ticket.responded_at is None
    assert ticket.steps.filter(action="contact").exists()


def test_the_same_page_sent_twice_logs_one_contact_and_is_no_second_try(as_, head_a, ticket):
    client, version = as_(head_a), ticket.version
    url = reverse("complaints:quick_take", args=[ticket.pk, "contact"])
    for _ in range(2):  # the answer to the first was lost
        assert client.post(url, {"version": version, "reached": "no"}).status_code == 302
    ticket.refresh_from_db()
    assert ticket.steps.filter(action="contact").count() == 1
    assert ticket.responded_at is None
    tap(client, ticket, "contact", reached="no")  # from a page that shows the first try
    ticket.refresh_from_db()
    assert ticket.responded_at is not None


def test_not_told_yet_stays_a_proposal_and_done_tells_it(as_, head_a, ticket):
    client = as_(head_a)
    tap(client, ticket, "contact", reached="yes")
    tap(client, ticket, "proposal", **PROPOSAL, accepts="")
    ticket.refresh_from_db()
    assert ticket.state == State.PROPOSED
    tap(client, ticket, "done", direct="nobody", note="已重做")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.customer_accepts) == (State.CONFIRMING, True)


def test_money_that_needs_approval_is_not_told_and_nothing_is_half_done(as_, head_a, ticket):
    client = as_(head_a)
    tap(client, ticket, "contact", reached="yes")
    before = snapshot(ticket)
    answer = tap(client, ticket, "proposal", **PROPOSAL, compensation="5000", accepts="yes")
    assert answer.status_code == 422
    assert "免费重做" in answer.content.decode()
    assert snapshot(ticket) == before


def test_done_without_what_closing_needs_changes_nothing(as_, head_a, ticket):
    client = as_(head_a)
    tap(client, ticket, "contact", reached="yes")
    tap(client, ticket, "proposal", **PROPOSAL, accepts="yes")
    before = snapshot(ticket)
    assert tap(client, ticket, "done", direct="").status_code == 422
    assert snapshot(ticket) == before


def test_the_person_complained_about_has_no_step_here(as_, story, head_a):
    ticket = open_ticket(story.specialist, department="service", level_code="L2", accused=head_a.employee)
    client, before = as_(head_a), snapshot(ticket)
    assert all(one.form is None for one in client.get(page_of(ticket)).context["taps"])
    for step, given in (("contact", {"reached": "yes"}), ("proposal", PROPOSAL), ("done", {"direct": "nobody"})):
        assert tap(client, ticket, step, **given).status_code in (403, 422)
    assert snapshot(ticket) == before


def test_a_question_ends_with_its_answer(as_, story):
    ticket = open_ticket(story.specialist, kind="question", words="保养间隔是多少")
    tap(as_(story.specialist), ticket, "done", note="一万公里或一年")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.solution) == (State.CLOSED, "一万公里或一年")


def test_the_number_is_shown_once_asked_for_and_that_is_logged(as_, head_a, story):
    customer = CustomerFactory(store=head_a.store)
    PhoneFactory(customer=customer, number="13800138000")
    ticket = open_ticket(story.specialist, department="service", level_code="L2", customer=customer)
    client = as_(head_a)
    assert "13800138000" not in client.get(page_of(ticket)).content.decode()
    shown = client.post(reverse("complaints:number", args=[ticket.pk]))
    assert "tel:13800138000" in shown.content.decode()
    assert "no-store" in shown.headers["Cache-Control"]
    assert Entry.objects.filter(action="phone.revealed").count() == 1


@pytest.mark.parametrize("has_it_in_hand", [True, False])
def test_the_number_of_a_restricted_card_is_told_nobody(as_, story, has_it_in_hand):
    customer = CustomerFactory(store=story.head.store)
    PhoneFactory(customer=customer, number="13800138000")
    ticket = story.ticket(State.ACCEPTED, customer=customer)
    Customer.objects.filter(pk=customer.pk).update(restricted=True)
    client = as_(story.head if has_it_in_hand else story.specialist)
    shown = client.post(reverse("complaints:number", args=[ticket.pk]))
    assert shown.status_code == 422
    assert "13800138000" not in shown.content.decode().replace(" ", "")
    assert reverse("complaints:number", args=[ticket.pk]) not in client.get(page_of(ticket)).content.decode()
    assert not Reveal.objects.exists()


def test_a_strangers_number_is_shown_and_logged_too(as_, head_a, story):
    ticket = open_ticket(story.specialist, department="service", level_code="L2")
    Complaint.objects.filter(pk=ticket.pk).update(customer_phone="13900139000")
    shown = as_(head_a).post(reverse("complaints:number", args=[ticket.pk]))
    assert "tel:13900139000" in shown.content.decode()
    assert Entry.objects.filter(action="complaint.phone_revealed", subject_id=ticket.pk).count() == 1


def test_strangers_get_404_and_unknown_steps_too(as_, stranger_b, head_a, ticket):
    before = snapshot(ticket)
    client = as_(stranger_b)
    assert client.get(page_of(ticket)).status_code == 404
    assert tap(client, ticket, "contact", reached="yes").status_code == 404
    assert client.post(reverse("complaints:number", args=[ticket.pk])).status_code == 404
    assert tap(as_(head_a), ticket, "merge").status_code == 404
    assert snapshot(ticket) == before


def test_two_taps_at_once_the_second_is_refused_with_its_words(as_, head_a, manager_a, ticket):
    version = ticket.version
    tap(as_(head_a), ticket, "proposal", **PROPOSAL)
    url = reverse("complaints:quick_take", args=[ticket.pk, "proposal"])
    answer = as_(manager_a).post(url, {"version": version, "cause_class": "product", "solution": "换总成"})
    assert answer.status_code == 409
    assert "换总成" in answer.content.decode()
    ticket.refresh_from_db()
    assert ticket.solution == "免费重做"
    assert clock.now() >= ticket.accepted_at


# ---- where a notice leads --------------------------------------------------------------------------------------------

PHONE = {"User-Agent": "Mozilla/5.0 (Linux; Android 14) AppleWebKit/537.36 Chrome/126.0 Mobile Safari/537.36"}
DESK = {"User-Agent": "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/126.0 Safari/537.36"}


@pytest.mark.parametrize(
    ("headers", "name"),
    [
        (PHONE, "quick"), (DESK, "detail"), ({}, "detail"), ({**DESK, "Sec-CH-UA-Mobile": "?1"}, "quick"),
        ({**PHONE, "Sec-CH-UA-Mobile": "?0"}, "detail"),
    ],
)  # fmt: skip
def test_a_notice_leads_a_head_on_a_phone_to_the_three_taps(as_, story, headers, name):
    ticket = story.ticket(State.ACCEPTED)
    url = reverse("complaints:lead", args=[ticket.pk])
    assert as_(story.head).get(url, headers=headers)["Location"] == reverse(f"complaints:{name}", args=[ticket.pk])


def test_who_has_no_step_to_take_is_led_to_the_ticket_on_a_phone_too(as_, story, director_a, stranger_b):
    ticket, closed = story.ticket(State.ACCEPTED), story.ticket(State.CLOSED)
    full = [reverse("complaints:detail", args=[one.pk]) for one in (ticket, closed)]
    leads = [reverse("complaints:lead", args=[one.pk]) for one in (ticket, closed)]
    assert as_(director_a).get(leads[0], headers=PHONE)["Location"] == full[0]
    assert as_(story.head).get(leads[1], headers=PHONE)["Location"] == full[1]
    assert as_(stranger_b).get(leads[0], headers=PHONE).status_code == 404


def test_a_notice_of_a_new_handler_leads_on(as_, story):
    ticket = story.ticket(State.REGISTERED)
    story.accept(ticket)
    notice = Notice.objects.get(user=story.head.user, code="complaint.assigned")
    opened = as_(story.head).post(reverse("notices:mark_read"), {"notice": notice.pk}, headers=PHONE, follow=True)
    assert opened.redirect_chain[-1][0] == reverse("complaints:quick", args=[ticket.pk])


@pytest.mark.parametrize("why", ["bad", "left"])
def test_a_number_that_leads_nowhere_is_passed_over(as_, head_a, story, why):
    customer = CustomerFactory(store=head_a.store)
    contact = customer.contacts.create(store=head_a.store, name="已离职", left_on=day(-9)) if why == "left" else None
    PhoneFactory(
        customer=customer, number="13800138001", rank=1, contact=contact, bad_since=day(-9) if not contact else None
    )
    PhoneFactory(customer=customer, number="13900139002", rank=2)
    ticket = story.ticket(State.ACCEPTED, customer=customer)
    client = as_(head_a)
    assert "139****9002" in client.get(page_of(ticket)).content.decode()
    assert "13900139002" in client.post(reverse("complaints:number", args=[ticket.pk])).content.decode()
