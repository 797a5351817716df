"""The end of a ticket: what closing demands, the recovery score, a late word, and opening again with a stated clock."""

import uuid
from datetime import timedelta
from decimal import Decimal
from functools import partial

import pytest
from django.utils import translation

from complaints import actions, people
from complaints.actions import demands
from complaints.actions.settling import open_settled
from complaints.models import Complaint, Confirmation, Liability, State, TicketSettings
from complaints.page import TicketPage
from complaints.rules.transitions import CLOSING_RESULTS
from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from crm_site.notices.wording import sentence
from satisfaction.models import Response
from tests.cast import make_person
from tests.complaints.story import day, moment
from tests.factories import DAY, EmployeeFactory, RepairOrderFactory, VehicleFactory
from tests.fingerprint import unchanged
from tests.satisfaction.surveys import respond, short_answers


def lose(ticket: Complaint, gap: str) -> None:
    """Take away one thing that closing needs."""
    if gap == "liability":
        ticket.liabilities.all().delete()
    elif gap == "approval":
        Complaint.objects.filter(pk=ticket.pk).update(compensation=Decimal(5000))
    else:
        values = {"cause_class": {"cause_class": ""}, "told": {"customer_accepts": None}}[gap]
        Complaint.objects.filter(pk=ticket.pk).update(**values)


@pytest.mark.parametrize("gap", ["cause_class", "liability", "told", "approval"])
def test_what_is_missing_is_named_with_where_and_who(story, gap):
    ticket = story.ticket(State.ACTING)
    lose(ticket, gap)
    with translation.override("en"), unchanged(gap), pytest.raises(RuleBroken) as refused:
        story.submit(ticket)
    text = refused.value.message
    step = {"cause_class": "Write down the cause", "liability": "Propose who is liable", "told": "Tell the customer"}
    assert step.get(gap, "Approve the solution") in text
    assert story.manager.employee.name in text


@pytest.mark.parametrize("level", ["L3", "L4"])
@pytest.mark.parametrize("given", [{"review_note": "加强终检"}, {}])
def test_grave_tickets_are_looked_back_at_before_they_close(story, level, given):
    ticket = story.ticket(State.ACTING, level_code=level)
    if given:
        actions.review(ticket.pk, **given, submission=uuid.uuid4(), by=story.head.employee, now=moment(3.5))
    ticket.refresh_from_db()
    assert demands.gaps(ticket) == (["measure"] if given else ["measure", "review_note"])


@pytest.mark.parametrize("gap", ["cause_class", "liability", "told", "approval"])
def test_a_word_of_the_customer_is_kept_though_the_ticket_cannot_close(story, gap):
    ticket = story.ticket(State.CONFIRMING)
    lose(ticket, gap)
    story.confirm(ticket, "satisfied")
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closed_at, ticket.result) == (State.CONFIRMING, None, "satisfied")
    assert Notice.objects.filter(code="complaint.incomplete", user=story.head.user).count() == 1
    with unchanged(gap), pytest.raises(RuleBroken) as refused:
        actions.close(ticket.pk, by=story.manager.employee, now=moment(25))
    assert refused.value.code == "gaps"


def test_who_completes_it_may_close_it_then_but_never_the_handler(story):
    ticket = story.ticket(State.CONFIRMING)
    lose(ticket, "liability")
    story.confirm(ticket, "fair")
    actions.confirm_liability(ticket.pk, party="manufacturer", by=story.manager.employee, now=moment(25))
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.close(ticket.pk, by=story.head.employee, now=moment(26))
    assert refused.value.code == "conflict"
    done = actions.close(ticket.pk, by=story.manager.employee, now=moment(26))
    assert (done.state, done.closed_at, done.closed_on) == (State.CLOSED, moment(26), day(1))


@pytest.mark.parametrize("step", ["propose", "submit"])
@pytest.mark.parametrize("action", ["close", "close_unreachable"])
def test_who_solved_it_does_not_close_it_after_giving_it_away(story, step, action):
    ticket = story.ticket(State.CONFIRMING)
    ticket.steps.filter(action=step).update(by=story.manager.employee)
    if action == "close":
        lose(ticket, "liability")
        story.confirm(ticket, "fair")
        actions.confirm_liability(ticket.pk, party="manufacturer", by=story.manager.employee, now=moment(25))
        call = partial(actions.close, ticket.pk, now=moment(26))
    else:
        story.confirm(ticket, "unreachable")
        call = partial(actions.close_unreachable, ticket.pk, reason="三次未接通", now=moment(30))
    with unchanged(step), pytest.raises(RuleBroken) as refused:
        call(by=story.manager.employee)
    assert refused.value.code == "conflict"
    other = make_person(ticket.store, Role.MANAGER, "另一经理")
    assert call(by=other.employee).state == State.CLOSED


def test_who_made_a_solution_that_no_longer_stands_may_close(story):
    ticket = story.ticket(State.CONFIRMING)
    first = ticket.steps.get(action="propose")
    last = ticket.steps.latest("sequence")
    ticket.steps.create(
        store=ticket.store, sequence=last.sequence + 1, at=last.at, by=story.manager.employee, action="propose",
        from_state=first.from_state, to_state=first.to_state,
    )  # fmt: skip
    assert set(people.took_before(ticket, "close")) == {story.head.employee.pk, story.manager.employee.pk}
    ticket.steps.filter(action="submit").update(by=story.specialist.employee)
    assert set(people.took_before(ticket, "close")) == {story.specialist.employee.pk, story.manager.employee.pk}


def test_nothing_closes_without_the_customers_word(story):
    ticket = story.ticket(State.CONFIRMING)
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.close(ticket.pk, by=story.manager.employee, now=moment(25))
    assert refused.value.code == "unconfirmed"


def test_what_is_unreachable_closes_only_when_nothing_is_missing(story):
    ticket = story.ticket(State.CONFIRMING)
    story.confirm(ticket, "unreachable")
    lose(ticket, "cause_class")
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.close_unreachable(ticket.pk, reason="三次未接通", by=story.manager.employee, now=moment(30))
    assert refused.value.code == "gaps"


# --- the recovery score ---


def test_the_recovery_score_stands_apart_and_the_first_answer_is_never_touched(story):
    origin = respond(story.manager.store, answers=short_answers(3, overall=3))
    ticket = story.ticket(State.CONFIRMING, origin=origin)
    before = Response.objects.filter(pk=origin.pk).values().get()
    answers = list(origin.answers.order_by("pk").values())
    recovery = respond(story.manager.store)
    call = {"result": "satisfied", "response": recovery, "by": story.specialist.employee, "at": moment(24), "round": 1}
    actions.record_confirmation(ticket.pk, **call)
    kept = Confirmation.objects.get(complaint=ticket)
    assert (kept.response, kept.recovery_score) == (recovery, recovery.score)
    assert Response.objects.filter(pk=origin.pk).values().get() == before
    assert list(origin.answers.order_by("pk").values()) == answers
    ticket.refresh_from_db()
    assert ticket.origin == origin != kept.response


def test_each_round_keeps_its_own_confirmation(story):
    ticket = story.ticket(State.REOPENED)
    for step in ("accept", "investigate", "propose", "tell", "act", "submit"):
        getattr(story, step)(ticket)
    story.confirm(ticket, "satisfied", at=moment(50))
    assert list(ticket.confirmations.order_by("round").values_list("round", "result")) == [
        (1, "dissatisfied"),
        (2, "satisfied"),
    ]


# --- the customer rings back ---


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize("result", [*sorted(CLOSING_RESULTS), "dissatisfied"])
def test_who_rings_back_is_heard_before_and_after_closing(story, closed, result):
    ticket = story.ticket(State.CONFIRMING)
    story.confirm(ticket, "unreachable")
    if closed:
        actions.close_unreachable(ticket.pk, reason="三次未接通", by=story.manager.employee, now=moment(30))
    late = {"result": result, "note": "客户回电", "by": story.specialist.employee, "now": moment(40)}
    done = actions.record_ring_back(ticket.pk, **late)
    assert done.state == (State.REOPENED if result == "dissatisfied" else State.CLOSED)
    assert ticket.confirmations.get().result == result
    if result != "dissatisfied":
        assert done.closed_at == (moment(30) if closed else moment(40))


@pytest.mark.parametrize("state", [State.CONFIRMING, State.CLOSED])
def test_a_word_that_was_given_is_not_replaced(story, state):
    ticket = story.ticket(state)
    late = {"result": "dissatisfied", "note": "客户回电", "by": story.specialist.employee, "now": moment(40)}
    with unchanged(), pytest.raises(RuleBroken) as refused:
        actions.record_ring_back(ticket.pk, **late)
    assert refused.value.code == "tries"


# --- opening again ---


def test_the_notice_and_the_page_say_from_when_and_until_when_the_new_clock_counts(story):
    ticket = story.ticket(State.REOPENED)
    notice = Notice.objects.get(code="complaint.reopened")
    assert notice.user == story.head.user
    assert notice.params["since"] == f"{DAY + timedelta(days=1):%Y-%m-%d} 12:00"
    assert notice.params["proposal"] == f"{clock.local(ticket.proposal_due_at):%Y-%m-%d %H:%M}"
    with translation.override("en"):
        assert notice.params["closing"] in sentence(notice.code, notice.params)
        notes = TicketPage(ticket, story.head.user, moment(25)).context()["notes"]
    assert any("counts anew" in note["text"] for note in notes)


@pytest.mark.parametrize("why", ["left", "liable"])
def test_a_handler_who_cannot_take_it_up_again_lets_go_and_the_managers_hear_of_it(story, why):
    ticket = story.ticket(State.CLOSED)
    head = story.head.employee
    if why == "left":
        type(head).objects.filter(pk=head.pk).update(left_on=day(-1))
    else:
        given = {"party": "employee", "employee": head, "by": story.manager.employee, "now": moment(25)}
        actions.confirm_liability(ticket.pk, **given)
    actions.reopen(ticket.pk, reason="抽检发现未解决", by=story.manager.employee, now=moment(26))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.handler) == (State.REOPENED, None)
    assert Notice.objects.filter(code="complaint.reopened", user=story.manager.user).exists()


# --- approval ---


def served(story, person) -> dict:
    order = RepairOrderFactory(vehicle=VehicleFactory(store=story.head.store), service_advisor=person.employee)
    return {"repair_order": order}


@pytest.mark.parametrize("part", ["handler", "accused", "liable", "joint", "served"])
def test_who_has_a_part_in_it_approves_nothing(story, part):
    manager = make_person(story.manager.store, Role.MANAGER, "经理二")
    about = served(story, manager) if part == "served" else {}
    ticket = story.ticket(State.PROPOSED, **about)
    if part in {"handler", "accused"}:
        Complaint.objects.filter(pk=ticket.pk).update(**{part: manager.employee})
    elif part in {"liable", "joint"}:
        kind = "direct" if part == "liable" else "joint"
        ticket.liabilities.filter(kind=kind).delete()
        ticket.liabilities.create(store=ticket.store, kind=kind, party="employee", employee=manager.employee)
    with unchanged(part), pytest.raises(RuleBroken) as refused:
        actions.approve(ticket.pk, by=manager.employee, now=moment(2))
    assert story.manager.employee.name in refused.value.message


@pytest.mark.parametrize("part", ["served", "joint"])
def test_a_handler_with_a_part_in_it_needs_a_second_approval(story, part):
    about = served(story, story.head) if part == "served" else {}
    ticket = story.ticket(State.PROPOSED, **about)
    if part == "joint":
        joint = {"store": ticket.store, "kind": "joint", "party": "employee", "employee": story.head.employee}
        Liability.objects.create(complaint=ticket, **joint)
    with unchanged(part), pytest.raises(RuleBroken) as refused:
        story.tell(ticket)
    assert refused.value.code == "approval"
    actions.approve(ticket.pk, by=story.manager.employee, now=moment(1.8))
    story.tell(ticket)


def test_the_store_sets_its_own_limit(story):
    TicketSettings.objects.create(store=story.manager.store, compensation_limit=Decimal(200))
    ticket = story.ticket(State.INVESTIGATING)
    by = {"by": story.head.employee, "now": moment(1.5)}
    done = actions.propose(ticket.pk, solution="补偿", compensation=Decimal("200.01"), claim_amount=Decimal(900), **by)
    assert demands.is_unapproved(done)
    assert done.claim_amount == Decimal(900)
    assert not demands.is_unapproved(actions.propose(ticket.pk, solution="补偿", compensation=Decimal(200), **by))


def test_who_can_approve_is_told_and_nobody_else(story):
    ticket = story.ticket(State.INVESTIGATING)
    involved = make_person(story.manager.store, Role.MANAGER, "当事经理")
    Complaint.objects.filter(pk=ticket.pk).update(accused=involved.employee)
    by = {"by": story.head.employee, "now": moment(1.5)}
    actions.propose(ticket.pk, solution="免费重做", **by)
    assert not Notice.objects.filter(code="complaint.to_approve").exists()
    actions.propose(ticket.pk, solution="补偿", compensation=Decimal(900), **by)
    assert [one.user for one in Notice.objects.filter(code="complaint.to_approve")] == [story.manager.user]


def test_whoever_approved_and_then_handles_does_not_stand_for_two(story):
    ticket = story.ticket(State.INVESTIGATING)
    head, manager = story.head.employee, story.manager.employee
    actions.propose(ticket.pk, solution="补偿", compensation=Decimal(900), by=head, now=moment(1.5))
    actions.approve(ticket.pk, by=manager, now=moment(1.6))
    done = actions.reassign(ticket.pk, handler=manager, by=manager, now=moment(1.7))
    assert demands.is_unapproved(done)


def test_nobody_settles_on_the_spot_what_is_said_about_himself(specialist_a):
    matter = {
        "store_id": specialist_a.store.pk, "source": "phone", "words": "态度不好", "reported_by": specialist_a.employee,
        "received_at": moment(), "now": moment(), "submission": uuid.uuid4(), "accused": specialist_a.employee,
    }  # fmt: skip
    with unchanged(), pytest.raises(RuleBroken) as refused:
        open_settled(solution="已道歉", **matter)
    assert refused.value.code == "conflict"
    assert open_settled(solution="已道歉", **matter | {"accused": EmployeeFactory(store=specialist_a.store)}).closed_at
