"""What an attacker or a careless user tries: judging work given away, undoing others' words, odd input."""

import time
import uuid
from datetime import timedelta
from decimal import Decimal

import pytest
from django.http import QueryDict
from django.urls import reverse

from complaints import actions
from complaints.forms import FORMS, steps
from complaints.forms.assigning import AssignForm
from complaints.models import Category, Complaint, State
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.models import Customer
from tests.cast import make_person
from tests.complaints.pages import send, shown
from tests.complaints.story import day, moment, open_ticket
from tests.factories import CustomerFactory, EmployeeFactory, RepairOrderFactory, VehicleFactory
from tests.fingerprint import unchanged


def second_manager(story):
    return make_person(story.manager.store, "manager", "第二经理")


@pytest.mark.parametrize("gives_away", [False, True])
def test_nobody_approves_the_solution_that_is_his_own(story, gives_away):
    ticket = story.ticket(State.INVESTIGATING)
    manager, head = story.manager.employee, story.head.employee
    actions.reassign(ticket.pk, handler=manager, by=manager, now=moment(1.1))
    actions.propose(ticket.pk, solution="补偿", compensation=Decimal(90_000), by=manager, now=moment(1.5))
    if gives_away:
        actions.reassign(ticket.pk, handler=head, by=manager, now=moment(1.6))
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.approve(ticket.pk, by=manager, now=moment(1.7))
    assert refused.value.code == "conflict"
    other = second_manager(story)
    assert actions.approve(ticket.pk, by=other.employee, now=moment(1.8)).approved_by == other.employee


def test_the_page_offers_the_approval_to_somebody_else_only(as_, story):
    ticket = story.ticket(State.INVESTIGATING)
    manager = story.manager.employee
    actions.propose(ticket.pk, solution="补偿", compensation=Decimal(90_000), by=manager, now=moment(1.5))
    for person, offered in ((story.manager, False), (second_manager(story), True)):
        page = as_(person).get(reverse("complaints:detail", args=[ticket.pk])).content.decode()
        assert ('id="step-approve"' in page) is offered


def test_a_solution_by_somebody_else_is_approved_by_who_had_proposed_another(story):
    ticket = story.ticket(State.INVESTIGATING)
    manager, head = story.manager.employee, story.head.employee
    actions.propose(ticket.pk, solution="补偿", compensation=Decimal(90_000), by=manager, now=moment(1.5))
    actions.propose(ticket.pk, solution="少补", compensation=Decimal(900), by=head, now=moment(1.6))
    assert actions.approve(ticket.pk, by=manager, now=moment(1.7)).approved_by == manager


def test_who_handed_it_over_to_the_confirming_call_does_not_make_it(story):
    ticket = story.ticket(State.ACTING)
    manager = story.manager
    actions.reassign(ticket.pk, handler=manager.employee, by=manager.employee, now=moment(3.5))
    actions.submit(ticket.pk, by=manager.employee, now=moment(4))
    actions.reassign(ticket.pk, handler=story.head.employee, by=manager.employee, now=moment(5))
    with unchanged(), pytest.raises(RuleBroken) as refused:
        story.confirm(ticket, "satisfied", by=manager)
    assert refused.value.code == "conflict"
    assert story.confirm(ticket, "satisfied").state == State.CLOSED


def test_a_handler_does_not_undo_whom_the_head_has_confirmed(story):
    ticket = story.ticket(State.INVESTIGATING)
    technician = EmployeeFactory(store=ticket.store)
    given = {"party": "employee", "employee": technician}
    actions.confirm_liability(ticket.pk, **given, by=story.manager.employee, now=moment(2))
    for by in (story.head, story.manager):
        with unchanged(), pytest.raises(RuleBroken) as refused:
            actions.set_liability(ticket.pk, party="nobody", by=by.employee, now=moment(3))
        assert refused.value.code == "confirmed"
    done = actions.confirm_liability(ticket.pk, party="nobody", by=story.manager.employee, now=moment(3))
    assert done.liabilities.get().party == "nobody"


def test_who_served_the_job_does_not_take_it_off_the_ticket(story):
    order = RepairOrderFactory(vehicle=VehicleFactory(store=story.head.store), service_advisor=story.head.employee)
    ticket = story.ticket(State.INVESTIGATING, repair_order=order)
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.edit(ticket.pk, repair_order=None, by=story.head.employee, now=moment(2))
    assert refused.value.code == "conflict"
    assert actions.edit(ticket.pk, repair_order=None, by=story.manager.employee, now=moment(2)).repair_order is None


# --- odd input ---


def typed(**given) -> dict:
    received = f"{clock.local(clock.now()):%Y-%m-%dT%H:%M}"
    plain = {"words": "异味没修好", "kind": "complaint", "source": "12315", "received_at": received}
    return plain | {"submission": str(uuid.uuid4())} | given


@pytest.mark.parametrize("year", ["0001", "0202", "1900", "2100", "9999"])
def test_a_moment_of_another_age_is_refused_in_words(as_, story, monkeypatch, year):
    client, written = as_(story.manager), f"{year}-06-01T10:00"
    with unchanged():
        for name in ("received_at", "external_due_at"):
            answer = client.post(reverse("complaints:new"), typed(**{name: written}))
            assert (answer.status_code, name in answer.context["form"].errors) == (422, True)
    ticket = story.ticket(State.ACCEPTED)
    monkeypatch.setattr(clock, "now", lambda: moment(30))
    fields = shown(client, ticket, "edit")
    with unchanged():
        for name in ("received_at", "external_due_at", "external_replied_at"):
            assert send(client, ticket, "edit", fields | {name: written, "reason": "更正"}).status_code == 422


def test_a_chase_of_no_ticket_is_not_found(as_, specialist_a):
    customer = CustomerFactory(store=specialist_a.store)
    client = as_(specialist_a)
    for chase in ("abc", "1", "9" * 30):
        assert client.post(reverse("complaints:new"), typed(chase=chase, customer=customer.pk)).status_code == 404


def test_a_nul_in_a_text_that_no_form_has_cleaned_is_left_out(as_, specialist_a):
    customer = CustomerFactory(store=specialist_a.store)
    ticket = open_ticket(specialist_a, customer=customer)
    values = typed(chase=ticket.pk, customer=customer.pk, words="还没\0好")
    assert as_(specialist_a).post(reverse("complaints:new"), values).status_code == 302
    assert ticket.steps.get(action="chase").note == "还没好"


@pytest.mark.parametrize("name", ["list", "board", "learn"])
def test_keys_and_days_beyond_any_column_are_no_failure(as_, manager_a, name):
    client, url = as_(manager_a), reverse(f"complaints:{name}")
    for query in (
        {"handler": "9" * 30},
        {"store": "9" * 30},
        {"measure": "9" * 30},
        {"figure": "received", "first": "0001-01-01", "last": "0001-02-01"},
        {"figure": "received", "first": "9999-12-30", "last": "9999-12-30"},
    ):
        assert client.get(url, query).status_code == 200


def test_the_preview_names_no_ticket_that_the_reader_may_not_see(as_, specialist_a, frontline_a):
    customer, category = CustomerFactory(store=specialist_a.store), Category.objects.filter(store=None, parent=None)[0]
    before = clock.now() - timedelta(hours=2)
    earlier = open_ticket(specialist_a, customer=customer, category=category, received_at=before, now=before)
    values = typed(customer=customer.pk, category=category.code, store=customer.store_id)
    for person, sees in ((specialist_a, True), (frontline_a, False)):
        page = as_(person).post(reverse("complaints:foresee"), values).content.decode()
        assert (earlier.number in page) is sees


def test_a_restricted_customer_is_not_put_on_a_ticket_by_a_forged_key(as_, story, monkeypatch):
    ticket, blocked = story.ticket(State.ACCEPTED), CustomerFactory(store=story.head.store, restricted=True)
    monkeypatch.setattr(clock, "now", lambda: moment(30))
    client = as_(story.manager)
    fields = shown(client, ticket, "edit") | {"customer": str(blocked.pk)}
    with unchanged():
        assert send(client, ticket, "edit", fields).status_code == 422


def test_the_form_that_corrects_a_ticket_tells_nobody_whose_card_is_restricted(as_, story, monkeypatch):
    ticket = story.ticket(State.ACCEPTED, customer=CustomerFactory(store=story.head.store))
    Customer.objects.filter(pk=ticket.customer_id).update(name="甪直隐", restricted=True)
    monkeypatch.setattr(clock, "now", lambda: moment(30))
    for person in (story.specialist, story.head, story.manager):
        page = as_(person).get(reverse("complaints:do", args=[ticket.pk, "edit"])).content.decode()
        assert f'<option value="{ticket.customer_id}" selected>' in page
        assert "甪直隐" not in page


def test_a_ticket_of_a_stranger_offers_no_endless_list_to_merge_into(story, monkeypatch):
    monkeypatch.setattr(steps, "MOST_OFFERED", 2)
    tickets = [story.ticket() for _ in range(4)]
    form = FORMS["merge"](complaint=tickets[0], day=day(), action="merge", reader=story.manager.user)
    assert form.fields["into"].queryset.count() == 2
    assert Complaint.objects.count() == 4


def test_a_forged_filter_tells_no_name_of_another_store(as_, manager_a, store_b):
    own, foreign = EmployeeFactory(store=manager_a.store, name="本店人"), EmployeeFactory(store=store_b, name="外店人")
    client, url = as_(manager_a), reverse("complaints:list")
    for one, known in ((own, True), (foreign, False)):
        page = client.get(url, {"figure": "received", "liable": one.pk}).content.decode()
        assert (one.name in page) is known
    assert client.get(url, {"figure": "received", "liable": "9" * 30}).status_code == 200


def test_thousands_of_ticks_are_judged_in_an_instant(db):
    sent = QueryDict(mutable=True)
    sent.setlist("tickets", [str(10_000 + number) for number in range(4_900)])
    begun = time.process_time()
    form = AssignForm(sent, stores=[], day=day())
    assert "tickets" not in form.errors
    assert time.process_time() - begun < 1


def test_a_head_reads_no_number_of_another_departments_complaint_where_tickets_are_merged(as_, story, head_a):
    main, own, foreign = (open_ticket(story.specialist, department=one) for one in ("service", "service", "sales"))
    form = FORMS["merge"](complaint=main, day=day(), action="merge", reader=head_a.user)
    assert list(form.fields["into"].queryset) == [own]
    nobodys = FORMS["merge"](complaint=main, day=day(), action="merge")
    assert not nobodys.fields["into"].queryset.exists()
    Complaint.objects.filter(pk__in=[own.pk, foreign.pk]).update(state=State.MERGED, merged_into=main)
    page = as_(head_a).get(reverse("complaints:detail", args=[main.pk])).content.decode()
    assert own.number in page
    assert foreign.number not in page


def test_a_head_is_not_led_to_a_main_complaint_of_another_department(as_, story, head_a):
    own, foreign = (open_ticket(story.specialist, department=one) for one in ("service", "sales"))
    Complaint.objects.filter(pk=own.pk).update(state=State.MERGED, merged_into=foreign)
    url = reverse("complaints:detail", args=[own.pk])
    page = as_(head_a).get(url).content.decode()
    assert foreign.number not in page
    assert "这件事并入了其他部门的一张投诉" in page
    assert foreign.number in as_(story.manager).get(url).content.decode()
