"""One submit, one effect: answers, ticket, verdict and task in one transaction, and who may save at all."""

import uuid

import pytest

from complaints.models import Complaint, ConfirmResult, Kind, Level, Source
from complaints.models import State as TicketState
from crm_site.audit.models import Entry
from crm_site.core.errors import RuleBroken
from customers.models import Customer, Vehicle
from revisits import actions
from revisits.generator import generate
from revisits.models import CallAttempt, Revisit, State
from satisfaction.models import Response
from satisfaction.rules import Given
from tests.factories import DAY, CustomerFactory, EmployeeFactory, PhoneFactory, VehicleFactory
from tests.revisits.calls import NOON, WORDS, TicketWanted, after, answers, delivery_task, save, service_task

pytestmark = pytest.mark.django_db


def nothing_was_written() -> bool:
    return not any(model.objects.exists() for model in (CallAttempt, Response, Complaint))


# ---- one submit, one effect ------------------------------------------------------------------------------------------


def test_a_good_call_becomes_a_score_and_ends_the_task(store_a, specialist_a):
    task = service_task(store_a)
    made = save(task, specialist_a, note="客户下周三有空")
    assert made.response.score == 90
    assert (made.response.repair_order, made.response.asked_by) == (task.repair_order, specialist_a.employee)
    assert made.complaint is None
    assert made.note == "客户下周三有空"
    assert (made.started_at, made.ended_at) == (NOON, after(3))
    assert made.script_version is not None
    assert task.state == State.DONE


def test_the_same_submission_gives_the_same_attempt(store_a, specialist_a):
    task, submission = service_task(store_a), uuid.uuid4()
    first = save(task, specialist_a, submission=submission)
    second = save(task, specialist_a, submission=submission)
    assert first == second
    assert (CallAttempt.objects.count(), Response.objects.count()) == (1, 1)
    task.refresh_from_db()
    assert task.tries_made == 1


def test_the_trail_tells_the_call_without_the_customers_words(store_a, specialist_a):
    task = service_task(store_a)
    made = save(task, specialist_a, answers=answers(reception=4), decision="grievance")
    entry = Entry.objects.get(action="revisit.called")
    assert entry.detail == {
        "attempt": made.pk, "result": "SUCCESS", "response": made.response_id, "complaint": made.complaint_id,
        "to": "done",
    }  # fmt: skip
    assert WORDS not in str(list(Entry.objects.values_list("detail", flat=True)))


# ---- low answers -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("decision", "kind", "level"), [("grievance", Kind.GRIEVANCE, "L1"), ("complaint", Kind.COMPLAINT, "L2")]
)
def test_a_low_answer_opens_a_ticket(store_a, specialist_a, decision, kind, level):
    task = service_task(store_a)
    made = save(task, specialist_a, answers=answers(reception=4), decision=decision)
    ticket = made.complaint
    assert (ticket.kind, ticket.level.code, ticket.state) == (kind, level, TicketState.REGISTERED)
    assert (ticket.words, ticket.source, ticket.origin) == (WORDS, Source.REVISIT, made.response)
    assert (ticket.customer, ticket.vehicle, ticket.repair_order) == (task.customer, task.vehicle, task.repair_order)
    assert ticket.category.code == "service"
    assert ticket.accused == task.repair_order.service_advisor
    assert ticket.received_at == after(3)
    assert ticket.due_at is not None


def test_what_the_caller_says_of_the_ticket_goes_before_what_is_proposed(store_a, specialist_a):
    from complaints.models import Category

    task, other = service_task(store_a), EmployeeFactory(store=store_a)
    wanted = TicketWanted(category=Category.objects.get(code="charges.labour"), accused=other, demand="退工时费")
    made = save(task, specialist_a, answers=answers(reception=4), decision="complaint", ticket=wanted)
    assert (made.complaint.category.code, made.complaint.accused, made.complaint.demand) == (
        "charges.labour",
        other,
        "退工时费",
    )


def test_a_customer_who_names_nobody_accuses_nobody(store_a, specialist_a):
    task = service_task(store_a)
    wanted = TicketWanted(names_nobody=True)
    made = save(task, specialist_a, answers=answers(reception=4), decision="grievance", ticket=wanted)
    assert made.complaint.accused is None


def test_what_was_settled_is_kept_closed_without_a_confirming_call(store_a, specialist_a):
    task = service_task(store_a)
    made = save(
        task, specialist_a, answers=answers(fixed_first_time=5), decision="settled", decision_reason="当场约了返工"
    )
    ticket = Complaint.objects.get(pk=made.complaint_id)
    assert (ticket.kind, ticket.state, ticket.category.code) == (Kind.GRIEVANCE, TicketState.CLOSED, "repair.not_fixed")
    assert (ticket.solution, ticket.closed_at, ticket.round) == ("当场约了返工", after(3), 0)
    generate(store_a.pk, DAY)
    assert not Revisit.objects.filter(rule__code="CMP_CFM").exists()


def test_grave_words_are_not_settled_on_the_spot(store_a, specialist_a):
    task = service_task(store_a)
    grave = [
        Given(one.question_code, one.state, one.value, reason="刹车失灵" if one.reason else "")
        for one in answers(fixed_first_time=2)
    ]
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, answers=grave, decision="settled")
    assert (refused.value.code, refused.value.field) == ("too_grave", "decision")
    assert nothing_was_written()
    assert save(task, specialist_a, answers=grave, decision="grievance").complaint.level == Level.objects.get(code="L4")


@pytest.mark.parametrize(
    ("low", "decision", "reason", "field"),
    [
        ("", "grievance", "", "reason_reception"),
        (WORDS, "", "", "decision"),
        (WORDS, "waived", "", "decision_reason"),
    ],
)
def test_a_low_answer_wants_words_and_a_decision(store_a, specialist_a, low, decision, reason, field):
    task = service_task(store_a)
    given = [
        Given(one.question_code, one.state, one.value, reason=low if one.reason else "") for one in answers(reception=4)
    ]
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, answers=given, decision=decision, decision_reason=reason)
    assert refused.value.field == field
    assert nothing_was_written()
    task.refresh_from_db()
    assert task.state == State.DUE


def test_a_customer_who_does_not_pursue_it_gets_no_ticket_but_a_reason(store_a, specialist_a):
    task = service_task(store_a)
    made = save(task, specialist_a, answers=answers(reception=6), decision="waived", decision_reason="说说而已")
    assert made.complaint is None
    assert (made.response.decision, made.response.decision_reason) == ("waived", "说说而已")


# ---- forms that make no score ----------------------------------------------------------------------------------------


def test_a_care_call_keeps_its_answers_without_a_score(store_a, frontline_a, specialist_a):
    task = delivery_task(store_a, "DLV_D1", ago=1)
    said = [Given("car_fine", "given", 1), Given("explained", "given", 1), Given("help_wanted", "given", text="贴膜")]
    made = save(task, frontline_a, answers=said)
    assert (made.response.score, made.response.is_valid) == (None, False)
    assert made.response.answers.get(question__code="help_wanted").text == "贴膜"


def test_a_repair_that_failed_again_opens_a_ticket(store_a, specialist_a):
    task = service_task(store_a, is_rework=True, form="REWORK")
    said = [Given("repaired_now", "given", 0, reason=WORDS), Given("cause_explained", "given", 1)]
    made = save(task, specialist_a, answers=said, decision="complaint")
    assert (made.response.score, made.complaint.category.code) == (None, "repair.rework")


def test_a_score_needs_an_answer(store_a, specialist_a):
    task = service_task(store_a)
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, answers=[])
    assert (refused.value.code, refused.value.field) == ("no_answers", "result")


def test_a_score_is_not_asked_in_writing(store_a, specialist_a):
    task = service_task(store_a)
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, channel="wechat")
    assert refused.value.field == "channel"


def test_an_open_ticket_makes_it_a_progress_call_without_scores(store_a, specialist_a):
    from tests.factories import ComplaintFactory

    task = service_task(store_a)
    ComplaintFactory(store=store_a, customer=task.customer)
    made = save(task, specialist_a, answers=[])
    assert made.response is None
    assert task.state == State.DONE


# ---- confirming calls ------------------------------------------------------------------------------------------------


def confirming_task(story) -> Revisit:
    store = story.specialist.store
    customer = CustomerFactory(store=store)
    PhoneFactory(customer=customer)
    ticket = story.ticket(TicketState.CONFIRMING, customer=customer, vehicle=VehicleFactory(store=store))
    return Revisit.objects.create(
        store=store,
        rule=_rule("CMP_CFM").rule,
        rule_version=_rule("CMP_CFM"),
        anchor_key=f"complaint:{ticket.pk}:solved:{ticket.round}",
        anchor_on=DAY,
        complaint=ticket,
        customer=customer,
        phone=customer.phones.get(),
        questionnaire_version=_version("CMP_CFM", store),
        due_on=DAY,
        expires_on=DAY,
        priority=10,
        created_at=NOON,
    )


def _rule(code):
    from revisits.models import RuleVersion

    return RuleVersion.objects.get(rule__code=code, rule__store=None)


def _version(code, store):
    from satisfaction.queries import current_version

    return current_version(code, store.pk)


def marks(value: int) -> list[Given]:
    codes = ("handling_manner", "handling_speed", "handling_result")
    return [Given(code, "given", value, reason="还是没修好" if value <= 6 else "") for code in codes]


def later(days: int):
    return after(60 * 24 * days)


def test_a_content_customer_closes_the_ticket(story, specialist_a):
    task = confirming_task(story)
    said = {"answers": marks(9), "confirm_result": "satisfied", "started_at": later(2), "at": later(2)}
    made = save(task, specialist_a, **said)
    ticket = Complaint.objects.get()
    assert (ticket.state, ticket.result) == (TicketState.CLOSED, ConfirmResult.SATISFIED)
    assert ticket.confirmations.get().response == made.response
    assert made.response.score == 90
    assert made.complaint is None


def test_a_discontented_customer_reopens_it_without_a_second_ticket(story, specialist_a):
    task = confirming_task(story)
    said = {"answers": marks(3), "confirm_result": "dissatisfied", "started_at": later(2), "at": later(2)}
    save(task, specialist_a, **said)
    assert Complaint.objects.get().state == TicketState.REOPENED


def test_a_confirming_call_wants_the_verdict(story, specialist_a):
    task = confirming_task(story)
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, answers=marks(9), started_at=later(2), at=later(2))
    assert refused.value.field == "confirm_result"


def test_three_failed_confirming_calls_leave_it_to_the_manager(story, specialist_a):
    task = confirming_task(story)
    for day in (2, 3, 4):
        save(task, specialist_a, "NO_ANSWER", started_at=later(day), at=later(day))
    assert task.state == State.FAILED
    ticket = Complaint.objects.get()
    assert ticket.state == TicketState.CONFIRMING
    assert ticket.confirmations.get().result == ConfirmResult.UNREACHABLE


# ---- who may save ----------------------------------------------------------------------------------------------------


def test_what_somebody_else_holds_is_refused_with_the_name(store_a, specialist_a, specialist_a2):
    task = service_task(store_a)
    actions.claim(task.pk, specialist_a2.employee, "specialist", now=after(1), today=DAY)
    with pytest.raises(RuleBroken, match=specialist_a2.employee.name) as refused:
        save(task, specialist_a)
    assert refused.value.code == "held"
    assert nothing_was_written()


def test_what_somebody_else_has_saved_meanwhile_is_refused_with_name_and_result(store_a, specialist_a, specialist_a2):
    task = service_task(store_a)
    save(task, specialist_a2, "NO_ANSWER", at=after(1))
    with pytest.raises(RuleBroken, match=specialist_a2.employee.name) as refused:
        save(task, specialist_a, started_at=NOON, at=after(3))
    assert refused.value.code == "stale"
    assert CallAttempt.objects.count() == 1


def test_a_lease_that_ran_out_loses_nothing_while_nobody_took_the_call(store_a, specialist_a):
    task = service_task(store_a)
    actions.claim(task.pk, specialist_a.employee, "specialist", now=NOON, today=DAY)
    save(task, specialist_a, at=after(40))
    assert task.state == State.DONE


def test_who_served_the_customer_does_not_score_the_visit(store_a, specialist_a):
    task = service_task(store_a, advisor=specialist_a.employee)
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a)
    assert refused.value.code == "not_yours"
    assert nothing_was_written()


def test_the_frontline_makes_no_scored_call(store_a, frontline_a):
    task = service_task(store_a)
    with pytest.raises(RuleBroken) as refused:
        save(task, frontline_a)
    assert refused.value.code == "not_yours"


# ---- the archive -----------------------------------------------------------------------------------------------------


def test_what_was_told_in_passing_fills_gaps_but_overrules_nothing(store_a, specialist_a):
    task = service_task(store_a)
    Customer.objects.filter(pk=task.customer_id).update(preferred_time="上午")
    save(task, specialist_a, corrections={"insurance_until": DAY, "preferred_time": "晚上", "name": "别人"})
    assert Vehicle.objects.get(pk=task.vehicle_id).insurance_until == DAY
    customer = Customer.objects.get(pk=task.customer_id)
    assert (customer.preferred_time, customer.name) == ("上午", "周晓岚")
