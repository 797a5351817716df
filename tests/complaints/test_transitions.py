"""Every action in every state: what the table allows happens, everything else is refused and changes nothing."""

import pytest

from complaints.models import Complaint, State
from complaints.rules import transitions
from complaints.rules.transitions import NEXT, S
from crm_site.core.errors import RuleBroken
from tests.complaints.story import STATES, attempts, moment, open_ticket


def test_rules_and_model_know_the_same_states():
    assert {state.value for state in S} == set(State.values)


def test_every_state_is_reached_by_some_action_or_is_the_first():
    assert {end for move in NEXT.values() for end in move.ends} | {S.REGISTERED} == set(S)


def snapshot(ticket: Complaint) -> tuple:
    """Everything a refused action could have changed."""
    row = Complaint.objects.filter(pk=ticket.pk).values().get()
    tables = (ticket.steps, ticket.clock, ticket.liabilities, ticket.confirmations)
    return row, [list(table.order_by("pk").values()) for table in tables]


def expected(action: str, ticket: Complaint) -> bool:
    """What the table says, and the two demands that a plain call cannot meet."""
    unmet = {"answer", "resume", "close_unreachable"}  # no question, not paused, not unreachable
    return ticket.state in NEXT[action].starts and action not in unmet


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("action", sorted(NEXT))
def test_only_what_the_table_allows_happens(story, action, state):
    other = open_ticket(story.specialist)
    ticket = story.ticket(state)
    by = story.specialist.employee if action == "confirm" else story.manager.employee
    before = snapshot(ticket)
    call = attempts(story, other)[action]
    if expected(action, ticket):
        call(ticket, by, moment(30))
        after = Complaint.objects.get(pk=ticket.pk)
        assert after.state in (NEXT[action].ends or {state})
        assert after.version == ticket.version + 1
    else:
        with pytest.raises(RuleBroken):
            call(ticket, by, moment(30))
        assert snapshot(ticket) == before


@pytest.mark.parametrize("action", sorted(NEXT))
def test_a_merged_ticket_takes_no_action(story, action):
    main = open_ticket(story.specialist)
    ticket = open_ticket(story.specialist)
    calls = attempts(story, main)
    calls["merge"](ticket, story.manager.employee, moment(1))
    ticket.refresh_from_db()
    assert ticket.state == State.MERGED and ticket.merged_into == main
    with pytest.raises(RuleBroken):
        calls[action](ticket, story.manager.employee, moment(2))


@pytest.mark.parametrize("state", STATES)
def test_steps_are_one_unbroken_chain(story, state):
    ticket = story.ticket(state)
    steps = list(ticket.steps.order_by("sequence"))
    assert [step.sequence for step in steps] == list(range(1, ticket.version + 1))
    assert [step.from_state for step in steps[1:]] == [step.to_state for step in steps[:-1]]
    assert steps[-1].to_state == ticket.state


@pytest.mark.parametrize(
    ("result", "state"),
    [(result, S.CLOSED) for result in sorted(transitions.CLOSING_RESULTS)]
    + [("dissatisfied", S.REOPENED), ("unreachable", S.CONFIRMING)],
)
def test_the_confirming_result_decides(story, result, state):
    ticket = story.ticket(State.CONFIRMING)
    story.confirm(ticket, result)
    ticket.refresh_from_db()
    assert ticket.state == state
    assert (ticket.closed_at is not None) == (state == S.CLOSED)


def test_three_failed_calls_let_a_manager_close(story):
    ticket = story.ticket(State.CONFIRMING)
    story.confirm(ticket, "unreachable")
    call = attempts(story, ticket)["close_unreachable"]
    with pytest.raises(RuleBroken):
        call(ticket, story.specialist.employee, moment(40))
    call(ticket, story.manager.employee, moment(40))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.result) == (State.CLOSED, "unreachable")


def test_a_customer_who_rings_back_replaces_unreachable(story):
    ticket = story.ticket(State.CONFIRMING)
    story.confirm(ticket, "unreachable")
    story.confirm(ticket, "satisfied")
    ticket.refresh_from_db()
    assert ticket.state == State.CLOSED
    assert [row.result for row in ticket.confirmations.all()] == ["satisfied"]
