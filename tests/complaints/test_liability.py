"""Whose fault it was: proposed, named, confirmed; the post of that day; and a handler who turns out to be the one."""

from datetime import timedelta

import pytest

from complaints import actions, people
from complaints.forms import FORMS
from complaints.models import Category, Complaint, Liability, State
from crm_site.accounts.models import Employee, Role
from crm_site.core.errors import RuleBroken
from tests.cast import make_person
from tests.complaints.story import day, moment, open_ticket
from tests.factories import DAY, DeliveryFactory, EmployeeFactory, PostingFactory, RepairOrderFactory, VehicleFactory
from tests.fingerprint import unchanged


def category(code: str) -> Category:
    return Category.objects.get(store=None, code=code)


@pytest.mark.parametrize("code", ["sales.paperwork", "insurance"])
@pytest.mark.parametrize(("clerks", "party"), [(1, "employee"), (0, "department"), (2, "department")])
def test_papers_and_insurance_are_the_clerks_where_there_is_one(specialist_a, code, clerks, party):
    for _ in range(clerks):
        PostingFactory(employee=EmployeeFactory(store=specialist_a.store), department="finance", post="insurance_clerk")
    row = open_ticket(specialist_a, category=category(code)).liabilities.get()
    assert (row.party, row.post) == (party, "insurance_clerk" if party == "employee" else "")


def moved(employee: Employee, left_on=None) -> None:
    """An advisor until ten days ago, a technician since; perhaps gone."""
    employee.postings.all().delete()
    until, since = DAY - timedelta(days=10), DAY - timedelta(days=9)
    PostingFactory(employee=employee, post="service_advisor", until=until)
    PostingFactory(employee=employee, department="workshop", post="technician", since=since, until=left_on)
    Employee.objects.filter(pk=employee.pk).update(left_on=left_on)


@pytest.mark.parametrize(
    ("received", "left_on", "post"),
    [
        (0, None, "technician"),
        (-24 * 12, None, "service_advisor"),
        (0, DAY - timedelta(days=1), "technician"),  # gone before it was received: the post at the job's day
    ],
)
def test_the_post_is_that_of_the_event_across_postings_and_leavers(specialist_a, received, left_on, post):
    employee = EmployeeFactory(store=specialist_a.store)
    moved(employee, left_on)
    order = RepairOrderFactory(
        vehicle=VehicleFactory(store=specialist_a.store), service_advisor=employee, released_on=DAY - timedelta(days=3)
    )
    given = {"received_at": moment(received), "now": moment(received)} if received else {}
    ticket = open_ticket(specialist_a, category=category("service.attitude"), repair_order=order, **given)
    assert ticket.liabilities.get().post == post


def test_who_has_left_can_still_be_named(story):
    gone = EmployeeFactory(store=story.head.store, left_on=DAY - timedelta(days=2))
    order = RepairOrderFactory(vehicle=VehicleFactory(store=story.head.store), service_advisor=gone)
    ticket = story.ticket(State.INVESTIGATING, repair_order=order)
    form = FORMS["confirm_liability"](complaint=ticket, day=day(), action="confirm_liability")
    offered = [value for _word, group in form.fields["direct"].choices if isinstance(group, list) for value, _ in group]
    assert f"employee:{gone.pk}" in offered


@pytest.mark.parametrize("action", ["set_liability", "confirm_liability"])
def test_a_handler_who_is_named_must_hand_the_ticket_over(story, action):
    ticket = story.ticket(State.INVESTIGATING)
    head, manager = story.head.employee, story.manager.employee
    given = {"party": "employee", "employee": head, "by": manager, "now": moment(2)}
    with unchanged(action), pytest.raises(RuleBroken) as refused:
        getattr(actions, action)(ticket.pk, **given)
    assert (refused.value.field, manager.name in refused.value.message) == ("handler", True)
    done = getattr(actions, action)(ticket.pk, **given, handler=manager)
    assert (done.handler, done.liabilities.get(kind="direct").employee) == (manager, head)
    with unchanged(action), pytest.raises(RuleBroken):
        actions.propose(ticket.pk, solution="免费重做", by=head, now=moment(3))


def test_it_is_not_handed_over_to_another_whom_it_is_about(story):
    accused = make_person(story.head.store, Role.HEAD, "罗雪")
    ticket = story.ticket(State.INVESTIGATING, accused=accused.employee)
    given = {"party": "employee", "employee": story.head.employee, "handler": accused.employee}
    with unchanged(), pytest.raises(RuleBroken):
        actions.set_liability(ticket.pk, **given, by=story.manager.employee, now=moment(2))


def test_who_does_not_assign_hands_nothing_over_on_the_way(story):
    grievance = open_ticket(story.specialist, kind="grievance")
    head, by = story.head.employee, story.specialist.employee
    actions.accept(grievance.pk, handler=head, by=by, now=moment(1))
    given = {"party": "employee", "employee": head, "handler": by, "by": by, "now": moment(2)}
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.set_liability(grievance.pk, **given)
    assert refused.value.code == "role"


def test_an_accused_who_is_named_later_lets_go(story):
    ticket = story.ticket(State.INVESTIGATING)
    by = {"by": story.manager.employee, "now": moment(2)}
    with unchanged(), pytest.raises(RuleBroken):
        actions.edit(ticket.pk, accused=story.head.employee, **by)
    actions.reassign(ticket.pk, handler=story.manager.employee, **by)
    assert actions.edit(ticket.pk, accused=story.head.employee, **by).accused == story.head.employee


@pytest.mark.parametrize("how", ["accused", "liable"])
def test_a_merged_ticket_brings_along_whom_it_is_about(story, how):
    main, other = story.ticket(State.INVESTIGATING), open_ticket(story.specialist)
    if how == "accused":
        Complaint.objects.filter(pk=other.pk).update(accused=story.head.employee)
    else:
        other.liabilities.create(store=main.store, kind="direct", party="employee", employee=story.head.employee)
    merge = {"into": main, "by": story.manager.employee, "now": moment(2)}
    with unchanged(how), pytest.raises(RuleBroken):
        actions.merge(other.pk, **merge)
    actions.reassign(main.pk, handler=story.manager.employee, by=story.manager.employee, now=moment(2))
    actions.merge(other.pk, **merge)
    main.refresh_from_db()
    assert story.head.employee.pk in people.involved(main).blocked
    with unchanged(how), pytest.raises(RuleBroken):
        actions.reassign(main.pk, handler=story.head.employee, by=story.manager.employee, now=moment(3))


def test_what_was_merged_before_goes_along(story):
    first, second = open_ticket(story.specialist, accused=story.head.employee), open_ticket(story.specialist)
    main = open_ticket(story.specialist)
    by = {"by": story.manager.employee, "now": moment(1)}
    actions.merge(first.pk, into=second, **by)
    actions.merge(second.pk, into=main, **by)
    first.refresh_from_db()
    assert first.merged_into == main
    assert story.head.employee.pk in people.involved(main).blocked


@pytest.mark.parametrize(("ground", "reason", "field"), [("", "误报", "ground"), ("false_report", " ", "reason")])
def test_an_invalid_complaint_has_a_ground_and_a_reason(story, ground, reason, field):
    ticket = story.ticket(State.ACCEPTED)
    by = {"by": story.manager.employee, "now": moment(1)}
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.judge_validity(ticket.pk, validity="invalid", ground=ground, reason=reason, **by)
    assert refused.value.field == field
    done = actions.judge_validity(ticket.pk, validity="invalid", ground="malicious", reason="查无此事", **by)
    assert done.steps.latest("sequence").detail["ground"] == "malicious"


def test_two_may_be_jointly_liable_and_neither_is_lost_by_saving_the_form(story):
    ticket = story.ticket(State.INVESTIGATING)
    two = [EmployeeFactory(store=ticket.store) for _ in range(2)]
    by = {"by": story.manager.employee, "now": moment(2)}
    actions.set_liability(ticket.pk, party="department", joint=two, **by)
    form = FORMS["confirm_liability"](complaint=ticket, day=day(), action="confirm_liability")
    data = {name: form.get_initial_for_field(field, name) or "" for name, field in form.fields.items()}
    sent = FORMS["confirm_liability"](data, complaint=ticket, day=day(), action="confirm_liability")
    assert sent.is_valid(), sent.errors
    assert sorted(one.pk for one in sent.arguments()["joint"]) == sorted(one.pk for one in two)


def test_the_delivery_names_its_people_as_served(story):
    delivery = DeliveryFactory(vehicle=VehicleFactory(store=story.head.store), sales_consultant=story.head.employee)
    ticket = open_ticket(story.specialist, delivery=delivery)
    assert people.involvement(ticket, story.head.employee) == "served"
    Liability.objects.create(
        complaint=ticket, store=ticket.store, kind="joint", party="employee", employee=story.head.employee
    )
    assert people.involvement(ticket, story.head.employee) == "joint"
