"""Twenty people at one ticket at once: one unbroken chain of steps, one ledger, no lost change."""

import threading
import uuid
from collections import Counter
from functools import partial

import pytest
from django.db import connection

from complaints import actions, recount
from complaints.actions import escalation, recounting
from complaints.ledger import fold, rows_of
from complaints.models import Complaint, State
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from crm_site.worktime.models import CalendarDay
from tests.complaints.story import day, moment, open_ticket

pytestmark = [pytest.mark.races, pytest.mark.django_db(transaction=True)]
CLIENTS = 20


def together(calls) -> list[str]:
    """Run the calls at the same moment in threads; 'done' or the refusal's code for each."""
    gate, results = threading.Barrier(len(calls)), []

    def run(call) -> None:
        gate.wait()
        try:
            call()
            results.append("done")
        except RuleBroken as refused:
            results.append(refused.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=(call,)) for call in calls]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


def check_chain(ticket: Complaint) -> None:
    """The log has no gap and no step out of order, and the deadlines are what the ledger says."""
    ticket.refresh_from_db()
    steps = list(ticket.steps.order_by("sequence"))
    assert [step.sequence for step in steps] == list(range(1, ticket.version + 1))
    assert [step.from_state for step in steps[1:]] == [step.to_state for step in steps[:-1]]
    assert steps[-1].to_state == ticket.state
    assert [entry.sequence for entry in rows_of(ticket)] == list(range(1, ticket.clock.count() + 1))
    assert (ticket.response_due_at, ticket.proposal_due_at, ticket.closing_due_at) == fold(ticket)


def test_assigning_closing_and_reopening_at_once_keeps_one_chain(reference, story, repeat):
    head, manager, specialist = story.head.employee, story.manager.employee, story.specialist.employee
    for _ in range(repeat):
        ticket = story.ticket(State.CONFIRMING)

        confirm = partial(actions.record_confirmation, ticket.pk, response=None, by=specialist, at=moment(24), round=1)
        kinds = [
            partial(confirm, result="satisfied"),
            partial(confirm, result="dissatisfied"),
            partial(actions.reopen, ticket.pk, reason="未解决", by=manager, now=moment(25)),
            partial(actions.reassign, ticket.pk, handler=head, by=manager, now=moment(25)),
        ]
        together([kinds[index % 4] for index in range(CLIENTS)])
        check_chain(ticket)
        closes = ticket.steps.filter(to_state=State.CLOSED).exclude(from_state=State.CLOSED).count()
        assert closes == ticket.clock.filter(kind="stop").count() <= 1


def test_of_twenty_savers_of_one_field_one_wins_and_the_others_know(reference, story, repeat):
    for _ in range(repeat):
        ticket = story.ticket(State.INVESTIGATING)
        seen = {"by": story.head.employee, "now": moment(2), "version": ticket.version}
        save = partial(actions.propose, ticket.pk, **seen)
        results = together([partial(save, solution=f"方案{index}") for index in range(CLIENTS)])
        assert Counter(results) == {"done": 1, "stale": CLIENTS - 1}
        check_chain(ticket)


def test_different_fields_are_both_kept(reference, story, repeat):
    for _ in range(repeat):
        ticket = story.ticket(State.ACCEPTED)
        seen = {"version": ticket.version, "now": moment(1)}
        head, manager = story.head.employee, story.manager.employee
        results = together(
            [
                partial(actions.note_contact, ticket.pk, note="已联系", by=head, **seen),
                partial(actions.judge_validity, ticket.pk, validity="pending", reason="待查", by=manager, **seen),
                partial(actions.set_liability, ticket.pk, party="nobody", by=head, **seen),
            ]
        )
        assert results == ["done"] * 3
        check_chain(ticket)
        assert (ticket.validity, ticket.responded_at, ticket.liabilities.get().party) == (
            "pending", moment(1), "nobody"
        )  # fmt: skip


def test_numbers_are_given_once_and_a_double_post_makes_one_ticket(reference, story, repeat):
    for _ in range(repeat):
        before = Complaint.objects.count()
        twins = {"submission": uuid.uuid4()}
        calls = [partial(open_ticket, story.specialist)] * (CLIENTS - 2)
        calls += [partial(open_ticket, story.specialist, **twins)] * 2
        assert Counter(together(calls)) == {"done": CLIENTS}
        assert Complaint.objects.count() == before + CLIENTS - 1
    numbers = list(Complaint.objects.values_list("number", flat=True))
    assert len(set(numbers)) == len(numbers)


def test_two_workers_tell_each_role_once(reference, story, director_a, repeat):
    for _ in range(repeat):
        ticket = open_ticket(story.specialist, level_code="L4")
        together([partial(escalation.escalate, ticket.pk, now=moment(1))] * 6)
        keys = Notice.objects.filter(url=f"/complaints/{ticket.pk}/go/").values_list("user__name", "key")
        assert sorted(Counter(name for name, _key in keys).items()) == [("温静", 1), ("罗总", 1)]


def test_two_managers_count_a_ticket_anew_once(reference, story, repeat):
    store = story.manager.store
    for _again in range(repeat):
        ticket = open_ticket(story.specialist)
        closed = CalendarDay.objects.create(store=store, day=day(1), kind="closed", covers="both")
        seen = recount.mark(store.pk)
        again = partial(recounting.recount_tickets, store.pk, [ticket.pk], reason="停电", seen=seen)
        together([partial(again, by=story.manager.employee, now=moment(1))] * 4)
        assert ticket.clock.filter(kind="recount").count() == 1
        closed.delete()
