"""Who may do what on the way through the stages, and what each step demands."""

import uuid
from datetime import timedelta
from decimal import Decimal

import pytest

from complaints import actions, ledger, people, queries
from complaints.models import ClockEntry, Complaint, Kind, State
from complaints.rules import clock
from complaints.rules.transitions import NEXT
from crm_site.accounts.models import Role
from crm_site.core.errors import RuleBroken
from crm_site.notices.models import Notice
from tests.cast import make_person
from tests.complaints.story import STATES, attempts, day, moment, open_ticket, snapshot
from tests.factories import EmployeeFactory, RepairOrderFactory, VehicleFactory


@pytest.mark.parametrize("state", STATES)
@pytest.mark.parametrize("involved", ["accused", "liable"])
def test_whom_it_is_about_decides_nothing(story, state, involved):
    manager = make_person(story.manager.store, Role.MANAGER, "涉事经理")
    other = open_ticket(story.specialist)
    ticket = story.ticket(state)
    if involved == "accused":
        Complaint.objects.filter(pk=ticket.pk).update(accused=manager.employee)
    else:
        ticket.liabilities.all().delete()
        ticket.liabilities.create(store=ticket.store, kind="direct", party="employee", employee=manager.employee)
    before = snapshot(ticket)
    for action, call in attempts(story, other).items():
        if action == "chase":
            continue
        with pytest.raises(RuleBroken) as refused:
            call(ticket, manager.employee, moment(30))
        if state in NEXT[action].starts and action != "confirm":
            assert refused.value.code == "conflict", action
            assert manager.employee.name in refused.value.message
    assert snapshot(ticket) == before


@pytest.mark.parametrize("by", ["accept", "reassign"])
def test_the_accused_is_not_made_handler_and_the_others_are_named(story, by):
    accused = make_person(story.manager.store, Role.HEAD, "罗雪")
    ticket = story.ticket(State.ACCEPTED if by == "reassign" else State.REGISTERED, accused=accused.employee)
    function = actions.reassign if by == "reassign" else actions.accept
    with pytest.raises(RuleBroken) as refused:
        function(ticket.pk, handler=accused.employee, by=story.manager.employee, now=moment(1))
    assert refused.value.field == "handler"
    assert story.manager.employee.name in refused.value.message
    assert "罗雪" not in [one.name for one in people.who_can(ticket, "accept", day())]


def test_nobody_without_a_sign_in_handles(story):
    ticket = open_ticket(story.specialist)
    technician = EmployeeFactory(store=ticket.store)
    with pytest.raises(RuleBroken):
        actions.accept(ticket.pk, handler=technician, by=story.manager.employee, now=moment(1))


def test_the_handler_neither_confirms_nor_approves_his_own_work(story):
    ticket = story.ticket(State.CONFIRMING)
    Complaint.objects.filter(pk=ticket.pk).update(handler=story.specialist.employee)
    with pytest.raises(RuleBroken) as refused:
        story.confirm(ticket, "satisfied")
    assert refused.value.code == "conflict"
    actions.record_confirmation(
        ticket.pk,
        result="satisfied",
        response=None,
        by=story.specialist.employee,
        at=moment(24),
        round=1,
        override=True,
    )
    ticket.refresh_from_db()
    assert ticket.state == State.CLOSED


@pytest.mark.parametrize(("compensation", "refused"), [(None, False), (Decimal(500), False), (Decimal(501), True)])
def test_money_above_the_limit_waits_for_a_manager(story, compensation, refused):
    ticket = story.ticket(State.INVESTIGATING)
    head = story.head.employee
    actions.propose(ticket.pk, solution="补偿", compensation=compensation, by=head, now=moment(2))
    if refused:
        with pytest.raises(RuleBroken) as why:
            actions.tell_customer(ticket.pk, accepts=True, by=head, now=moment(3))
        assert why.value.code == "approval"
        actions.approve(ticket.pk, by=story.manager.employee, now=moment(3))
    actions.tell_customer(ticket.pk, accepts=True, by=head, now=moment(4))
    ticket.refresh_from_db()
    assert ticket.state == State.TOLD


def test_who_served_the_job_handles_with_a_second_approval(story):
    order = RepairOrderFactory(vehicle=VehicleFactory(store=story.head.store), service_advisor=story.head.employee)
    ticket = story.ticket(State.PROPOSED, repair_order=order)
    with pytest.raises(RuleBroken) as refused:
        story.tell(ticket)
    assert refused.value.code == "approval"


def test_a_new_proposal_needs_a_new_approval(story):
    ticket = story.ticket(State.PROPOSED)
    actions.approve(ticket.pk, by=story.manager.employee, now=moment(2))
    actions.propose(ticket.pk, solution="更多", compensation=Decimal(900), by=story.head.employee, now=moment(2))
    with pytest.raises(RuleBroken):
        story.tell(ticket)


def test_who_does_not_accept_sends_it_back(story):
    ticket = story.ticket(State.PROPOSED)
    actions.tell_customer(ticket.pk, accepts=False, note="要求换新", by=story.head.employee, now=moment(2))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.customer_accepts) == (State.INVESTIGATING, False)


@pytest.mark.parametrize("lacking", ["cause_class", "liability", "told"])
def test_the_confirming_call_waits_for_what_closing_needs(story, lacking):
    ticket = story.ticket(State.ACTING)
    if lacking == "liability":
        ticket.liabilities.all().delete()
    Complaint.objects.filter(pk=ticket.pk).update(
        **{"cause_class": {"cause_class": ""}, "told": {"customer_accepts": None}}.get(lacking, {})
    )
    with pytest.raises(RuleBroken) as refused:
        story.submit(ticket)
    assert refused.value.code == "gaps"


@pytest.mark.parametrize("level", ["L3", "L4"])
def test_grave_tickets_need_review_and_measure(story, level):
    ticket = story.ticket(State.ACTING, level_code=level)
    with pytest.raises(RuleBroken):
        story.submit(ticket)
    given = {"review_note": "终检不到位", "measure": "交车前加一道复检", "responsible": story.head.employee}
    by = {"by": story.head.employee, "now": moment(4)}
    actions.review(ticket.pk, **given, due_on=day(10), submission=uuid.uuid4(), **by)
    story.submit(ticket)
    ticket.refresh_from_db()
    assert (ticket.state, ticket.measure.measure) == (State.CONFIRMING, "交车前加一道复检")


def test_the_first_contact_reached_or_the_second_try_is_the_response(story):
    ticket = story.ticket(State.ACCEPTED)
    contact = {"by": story.head.employee}
    actions.note_contact(ticket.pk, note="无人接听", reached=False, now=moment(1), **contact)
    ticket.refresh_from_db()
    assert ticket.responded_at is None
    actions.note_contact(ticket.pk, note="又无人接听", reached=False, now=moment(2), **contact)
    ticket.refresh_from_db()
    assert ticket.responded_at == moment(2)
    assert ticket.due_at == ticket.proposal_due_at


@pytest.mark.parametrize(("who", "refused"), [("manager", False), ("head", True)])
def test_only_a_manager_lowers_a_level(story, who, refused):
    ticket = story.ticket(State.ACCEPTED, level_code="L3")
    given = {"level_code": "L2", "reason": "店内可解决", "by": getattr(story, who).employee, "now": moment(1)}
    if refused:
        with pytest.raises(RuleBroken) as why:
            actions.change_level(ticket.pk, **given)
        assert story.manager.employee.name in why.value.message
    else:
        actions.change_level(ticket.pk, **given)
    ticket.refresh_from_db()
    assert ticket.level.code == ("L3" if refused else "L2")


def test_lowering_needs_a_reason(story):
    ticket = story.ticket(State.ACCEPTED)
    with pytest.raises(RuleBroken) as why:
        actions.change_level(ticket.pk, level_code="L1", reason="", by=story.manager.employee, now=moment(1))
    assert why.value.field == "reason"


def test_a_specialist_handles_grievances_but_not_complaints(story):
    grievance = open_ticket(story.specialist, kind=Kind.GRIEVANCE)
    by = story.specialist.employee
    actions.accept(grievance.pk, handler=by, by=by, now=moment(1))
    complaint = open_ticket(story.specialist)
    with pytest.raises(RuleBroken) as refused:
        actions.accept(complaint.pk, handler=by, by=by, now=moment(1))
    assert refused.value.code == "role"


@pytest.mark.parametrize("department", ["service", "sales"])
def test_a_head_acts_in_his_own_department_only(story, department):
    ticket = open_ticket(story.specialist, department=department)
    given = {"handler": story.head.employee, "by": story.head.employee, "now": moment(1)}
    if department == "service":
        actions.accept(ticket.pk, **given)
    else:
        with pytest.raises(RuleBroken):
            actions.accept(ticket.pk, **given)


@pytest.mark.parametrize("role", [Role.FRONTLINE, Role.ADMIN, Role.DIRECTOR])
def test_other_roles_take_no_step(story, role):
    person = make_person(story.manager.store, role, "旁人")
    ticket = story.ticket(State.ACCEPTED)
    before = snapshot(ticket)
    for action, call in attempts(story, open_ticket(story.specialist)).items():
        if (action, role) in {("chase", Role.FRONTLINE), ("appeal", Role.DIRECTOR)}:
            continue
        before = snapshot(ticket)
        with pytest.raises(RuleBroken):
            call(ticket, person.employee, moment(2))
        assert snapshot(ticket) == before, action


def test_a_question_is_answered_and_closed(story):
    ticket = open_ticket(story.specialist, kind=Kind.QUESTION)
    actions.answer(ticket.pk, solution="周六可以上牌", by=story.specialist.employee, now=moment(1))
    ticket.refresh_from_db()
    assert (ticket.state, ticket.closed_at) == (State.CLOSED, moment(1))


def recomputed(ticket: Complaint) -> clock.Deadlines:
    return ledger.fold(ticket)


def test_stored_deadlines_are_what_the_ledger_says(story):
    ticket = story.ticket(State.INVESTIGATING)
    by = {"by": story.manager.employee}
    until = day(2)
    actions.pause(ticket.pk, waiting_for="manufacturer", reason="等配件", until=until, now=moment(2), **by)
    actions.resume(ticket.pk, now=moment(30), **by)
    actions.change_level(ticket.pk, level_code="L3", reason="升级", now=moment(31), **by)
    ticket.refresh_from_db()
    assert (ticket.response_due_at, ticket.proposal_due_at, ticket.closing_due_at) == recomputed(ticket)
    assert ticket.proposal_due_at == moment(24 + 28)
    assert [entry.kind for entry in ticket.clock.order_by("sequence")] == ["start", "pause", "resume", "level"]


def test_a_reopened_ticket_counts_from_anew(story):
    ticket = story.ticket(State.REOPENED)
    assert ticket.clock.latest("sequence").kind == ClockEntry.Kind.REOPEN
    assert ticket.proposal_due_at > moment(24)
    assert ticket.due_at == ticket.proposal_due_at
    assert (ticket.response_due_at, ticket.proposal_due_at, ticket.closing_due_at) == recomputed(ticket)


def test_a_pause_ends_by_itself_after_its_last_day(story):
    ticket = story.ticket(State.ACCEPTED)
    pause = {"waiting_for": "customer", "reason": "客户出差", "until": day(1)}
    actions.pause(ticket.pk, **pause, by=story.manager.employee, now=moment(1))
    assert not queries.FIGURES["overdue"].rows(story.manager.user, moment(500)).exists()
    actions.resume(ticket.pk, by=None, now=moment(24 * 9))
    assert ticket.clock.latest("sequence").at == clock.end_of_pause(day(1))


@pytest.mark.parametrize(
    ("given", "field"),
    [
        ({"waiting_for": "weather"}, "waiting_for"),
        ({"until": day(-1)}, "until"),
        ({"until": day(61)}, "until"),
        ({"reason": " "}, "reason"),
    ],
)
def test_a_pause_needs_a_party_a_reason_and_an_end(story, given, field):
    ticket = story.ticket(State.ACCEPTED)
    values = {"waiting_for": "customer", "reason": "出差", "until": day(3)} | given
    with pytest.raises(RuleBroken) as refused:
        actions.pause(ticket.pk, **values, by=story.manager.employee, now=moment(1))
    assert refused.value.field == field


def test_an_outdated_page_is_refused_only_where_it_matters(story):
    ticket = story.ticket(State.INVESTIGATING)
    seen = ticket.version
    actions.chase(ticket.pk, note="催办", by=story.specialist.employee, now=moment(2))
    actions.propose(ticket.pk, solution="甲", by=story.head.employee, now=moment(2), version=seen)
    with pytest.raises(RuleBroken) as refused:
        actions.propose(ticket.pk, solution="乙", by=story.manager.employee, now=moment(2), version=seen)
    assert refused.value.code == "stale"
    assert story.head.employee.name in refused.value.message
    ticket.refresh_from_db()
    assert ticket.solution == "甲"


def test_the_second_click_counts_no_second_chase(story):
    ticket = story.ticket(State.INVESTIGATING)
    for at in (moment(2), moment(2), moment(3)):  # a double click, and an hour later in earnest
        actions.chase(ticket.pk, note="催办", by=story.specialist.employee, now=at)
    ticket.refresh_from_db()
    assert ticket.chased == 2
    assert ticket.steps.filter(action="chase").count() == 2


def test_who_is_given_a_ticket_is_told_once(story):
    ticket = story.ticket(State.ACCEPTED)
    assert list(Notice.objects.values_list("user_id", "code")) == [(story.head.user.pk, "complaint.assigned")]
    assert Notice.objects.get().params == {"number": ticket.number}


def test_the_handler_is_not_named_liable(story):
    ticket = story.ticket(State.ACCEPTED)
    given = {"party": "employee", "employee": story.head.employee, "by": story.manager.employee, "now": moment(1)}
    with pytest.raises(RuleBroken):
        actions.set_liability(ticket.pk, **given)


def test_confirmed_liability_keeps_who_and_when(story):
    ticket = story.ticket(State.INVESTIGATING)
    technician = EmployeeFactory(store=ticket.store)
    given = {"party": "employee", "employee": technician, "by": story.manager.employee, "now": moment(2)}
    actions.confirm_liability(ticket.pk, **given)
    row = ticket.liabilities.get()
    assert (row.employee, row.confirmed_by, row.confirmed_at) == (technician, story.manager.employee, moment(2))


def test_awaiting_and_closed_are_what_the_generator_reads(story):
    waiting, closed = story.ticket(State.CONFIRMING), story.ticket(State.CLOSED)
    assert list(queries.awaiting_confirmation(waiting.store_id)) == [waiting]
    assert queries.anchor_key(waiting) == f"complaint:{waiting.pk}:solved:1"
    assert list(queries.closed_on(closed.store_id, day(1))) == [closed]
    assert not queries.closed_on(closed.store_id, day(1) + timedelta(days=1)).exists()
