"""Two people save the same ticket at the same moment, and twenty steer it: nothing is lost, nothing out of order."""

import random
from datetime import timedelta
from functools import partial

import pytest

from complaints import actions
from complaints.models import CauseClass, State
from tests.complaints.pages import forms_of, send, shown
from tests.complaints.story import day, moment
from tests.complaints.test_races import CLIENTS, check_chain, together

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]


def at_once(ticket, senders) -> list:
    """Send the edit form for each (client, fields) at the same moment; the answers in the order of the senders."""
    answers = {}

    def post(number, client, fields) -> None:
        answers[number] = send(client, ticket, "edit", fields)

    posts = [partial(post, number, *sender) for number, sender in enumerate(senders)]
    assert set(together(posts)) == {"done"}
    return [answers[number] for number in range(len(senders))]


@pytest.fixture
def two(reference, as_, story):
    """The head and the manager, each in a browser of their own."""
    return as_(story.head), as_(story.manager)


def test_of_two_who_save_one_field_one_wins_and_the_other_sees_both(two, story, repeat):
    ticket = story.ticket(State.ACCEPTED)
    for number in range(repeat):
        wishes = [f"处长要求{number}", f"经理要求{number}"]
        shown_to = [shown(client, ticket, "edit") for client in two]
        senders = [
            (client, fields | {"demand": wish}) for client, fields, wish in zip(two, shown_to, wishes, strict=True)
        ]
        answers = at_once(ticket, senders)
        assert sorted(answer.status_code for answer in answers) == [302, 409]
        lost = [answer.status_code for answer in answers].index(409)
        ticket.refresh_from_db()
        assert ticket.demand == wishes[1 - lost]
        page = answers[lost].content.decode()
        assert wishes[0] in page
        assert wishes[1] in page
        assert forms_of(answers[lost])["edit"]["demand"] == wishes[lost]
        check_chain(ticket)


def test_of_two_who_save_different_fields_both_are_kept(two, story, repeat):
    ticket = story.ticket(State.ACCEPTED)
    for number in range(repeat):
        changes = [{"demand": f"要求{number}"}, {"external_number": f"W-{number}"}]
        shown_to = [shown(client, ticket, "edit") for client in two]
        senders = [(client, fields | change) for client, fields, change in zip(two, shown_to, changes, strict=True)]
        assert [answer.status_code for answer in at_once(ticket, senders)] == [302, 302]
        ticket.refresh_from_db()
        assert (ticket.demand, ticket.external_number) == (f"要求{number}", f"W-{number}")
        check_chain(ticket)
    assert ticket.steps.filter(action="edit").count() == 2 * repeat


def test_the_same_click_in_parallel_is_one_step(two, story, repeat):
    ticket = story.ticket(State.ACCEPTED)
    for number in range(repeat):
        fields = shown(two[0], ticket, "edit") | {"demand": f"要求{number}"}
        assert {answer.status_code for answer in at_once(ticket, [(two[0], fields)] * 2)} == {302}
    assert ticket.steps.filter(action="edit").count() == repeat


def _steering(ticket, story) -> list:
    """Everything that may be done to a ticket's state, clock and handler, by whoever may."""
    head, manager, specialist = story.head.employee, story.manager.employee, story.specialist.employee
    by_manager, pk = {"by": manager, "now": moment(26)}, ticket.pk
    confirm = partial(actions.record_confirmation, pk, response=None, by=specialist, at=moment(25), round=ticket.round)
    waits = {"waiting_for": "manufacturer", "reason": "等配件", "until": day(20)}
    cause = {"cause_class": CauseClass.PRODUCT, "cause": "滤芯批次"}
    return [
        partial(confirm, result="satisfied"),
        partial(confirm, result="dissatisfied"),
        partial(actions.reopen, pk, reason="未解决", **by_manager),
        partial(actions.reassign, pk, handler=head, **by_manager),
        partial(actions.reassign, pk, handler=manager, **by_manager),
        partial(actions.accept, pk, handler=head, **by_manager),
        partial(actions.pause, pk, **waits, **by_manager),
        partial(actions.resume, pk, by=manager, now=moment(27)),
        partial(actions.change_level, pk, level_code="L3", reason="升级", **by_manager),
        partial(actions.change_level, pk, level_code="L2", reason="误判", **by_manager),
        partial(actions.edit, pk, received_at=ticket.received_at - timedelta(minutes=30), reason="更正", **by_manager),
        partial(actions.investigate, pk, **cause, **by_manager),
    ]


def test_twenty_who_steer_one_ticket_keep_one_chain_and_one_ledger(reference, story, repeat):
    for number in range(repeat):
        ticket, dice = story.ticket(State.CONFIRMING), random.Random(number)
        steering = _steering(ticket, story)
        plans = [dice.sample(steering, 3) for _ in range(CLIENTS)]
        results = [step for turn in range(3) for step in together([plan[turn] for plan in plans])]
        assert len(results) == 3 * CLIENTS
        assert "done" in results
        check_chain(ticket)
        closes = ticket.steps.filter(to_state=State.CLOSED).exclude(from_state=State.CLOSED).count()
        opened = ticket.steps.filter(to_state=State.REOPENED).exclude(from_state=State.REOPENED).count()
        assert (closes, opened) == (ticket.clock.filter(kind="stop").count(), ticket.reopened)
