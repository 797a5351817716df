"""What an attacker or a careless user tries: handing one's own work over to judge it, undoing others' words, odd input."""

from decimal import Decimal

import pytest

from complaints import actions
from complaints.models import State
from crm_site.core.errors import RuleBroken
from tests.cast import make_person
from tests.complaints.story import moment
from tests.factories import EmployeeFactory
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
