"""Every action in every state: what the table allows happens, everything else is refused and changes nothing."""

import pytest
from django.db import transaction

from complaints.models import Complaint, State
from complaints.rules import transitions
from complaints.rules.transitions import NEXT, S
from crm_site.core.errors import RuleBroken
from tests.complaints.story import BESIDE, STATES, attempts, moment, open_ticket, snapshot


class Undone(Exception):
    """Takes an attempt back, so that the next starts from the same ticket."""


def test_rules_and_model_know_the_same_states():
    assert {state.value for state in S} == set(State.values)


def test_every_state_is_reached_by_some_action_or_is_the_first():
    by_import = {S.RECORDED}
    assert {end for move in NEXT.values() for end in move.ends} | {S.REGISTERED} | by_import == set(S)


#: demands that a plain attempt cannot meet: no question, not paused, neither confirmed nor unreachable
UNMET = {"answer", "resume", "close", "close_unreachable", "rang_back"}


@pytest.mark.parametrize("state", STATES)
def test_only_what_the_table_allows_happens(story, state):
    other = open_ticket(story.specialist)
    ticket = story.ticket(state)
    calls = attempts(story, other)
    assert set(calls) == set(NEXT) - BESIDE
    for action, call in calls.items():
        by = story.specialist.employee if action == "confirm" else story.manager.employee
        allowed = state in NEXT[action].starts and action not in UNMET
        with pytest.raises(Undone if allowed else RuleBroken):
            try_and_undo(ticket, action, lambda call=call, by=by: call(ticket, by, moment(30)))


def try_and_undo(ticket: Complaint, action: str, call) -> None:
    """Do it, look at what became of the ticket, and take it back."""
    with transaction.atomic():
        call()
        after = Complaint.objects.get(pk=ticket.pk)
        assert after.state in (NEXT[action].ends or {ticket.state}), action
        assert after.version == ticket.version + 1, action
        raise Undone


@pytest.mark.parametrize("state", STATES)
def test_what_is_refused_changes_nothing(story, state):
    other = open_ticket(story.specialist)
    ticket = story.ticket(state)
    before = snapshot(ticket)
    for action, call in attempts(story, other).items():
        if state in NEXT[action].starts and action not in UNMET:
            continue
        with pytest.raises(RuleBroken):
            call(ticket, story.manager.employee, moment(30))
        assert snapshot(ticket) == before, action


def test_a_merged_ticket_takes_no_action(story):
    main, ticket = open_ticket(story.specialist), open_ticket(story.specialist)
    calls = attempts(story, main)
    calls["merge"](ticket, story.manager.employee, moment(1))
    ticket.refresh_from_db()
    assert ticket.state == State.MERGED
    assert ticket.merged_into == main
    for call in calls.values():
        with pytest.raises(RuleBroken):
            call(ticket, story.manager.employee, moment(2))


def test_a_ticket_is_not_merged_into_itself_or_into_a_closed_one(story):
    ticket, closed = open_ticket(story.specialist), story.ticket(State.CLOSED)
    for main in (ticket, closed):
        with pytest.raises(RuleBroken):
            attempts(story, main)["merge"](ticket, story.manager.employee, moment(30))


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


def test_the_same_confirmation_twice_is_one(story):
    ticket = story.ticket(State.CLOSED)
    steps = ticket.steps.count()
    story.confirm(ticket, "satisfied")
    assert ticket.steps.count() == steps
    with pytest.raises(RuleBroken):
        story.confirm(ticket, "dissatisfied")


def test_three_failed_calls_let_a_manager_close(story):
    ticket = story.ticket(State.CONFIRMING)
    call = attempts(story, ticket)["close_unreachable"]
    with pytest.raises(RuleBroken) as early:
        call(ticket, story.manager.employee, moment(25))
    assert early.value.code == "tries"
    story.confirm(ticket, "unreachable")
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


def test_a_reopened_ticket_needs_a_new_proposal_and_a_new_round(story):
    ticket = story.ticket(State.REOPENED)
    assert (ticket.reopened, ticket.round, ticket.proposed_at, ticket.customer_accepts) == (1, 1, None, None)
    for step in ("accept", "investigate", "propose", "tell", "act", "submit"):
        getattr(story, step)(ticket)
    ticket.refresh_from_db()
    assert ticket.round == 2
    story.confirm(ticket, "fair")
    assert [row.round for row in ticket.confirmations.order_by("round")] == [1, 2]
