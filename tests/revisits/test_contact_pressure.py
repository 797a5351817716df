"""Contact pressure: how often a number is called by us, and what an open complaint makes of a call."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from complaints.models import State as ComplaintState
from crm_site.accounts.models import Role
from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from revisits import actions
from revisits.generator import generate
from revisits.models import CallAttempt, CallResult, Channel, Revisit, RuleVersion, State
from revisits.rules.codes import Reason
from satisfaction.models import Answer
from tests.factories import DAY, NOON, ComplaintFactory, CustomerFactory, PhoneFactory
from tests.revisits.calls import delivery_task, save, service_task
from tests.revisits.test_generator import delivery, order

pytestmark = pytest.mark.django_db


def days(count: int) -> timedelta:
    return timedelta(days=count)


@pytest.fixture
def customer(store_a):
    return PhoneFactory(customer=CustomerFactory(store=store_a, name="蒲建国")).customer


def called(task, customer, by, *, ago: int = 0, channel=Channel.PHONE, code="NO_ANSWER", **values) -> CallAttempt:
    """An attempt to a customer's number some days ago, by a call of its own."""
    values.setdefault("phone", customer.phones.first())
    at = clock.at(DAY - days(ago), 10)
    earlier = task(customer.store, "SVC_D3", customer=customer, **values)
    attempt = CallAttempt.objects.create(
        store=customer.store, revisit=earlier, by=by.employee, channel=channel, phone=values["phone"], started_at=at,
        ended_at=at, called_on=DAY - days(ago), result=CallResult.objects.get(code=code, store=None),
        submission=f"00000000-0000-0000-0000-{earlier.pk:012d}",
    )  # fmt: skip
    Revisit.objects.filter(pk=earlier.pk).update(
        state=State.FAILED, first_attempt_on=attempt.called_on, ended_at=at, ended_on=attempt.called_on
    )
    return attempt


def take(person, day=DAY):
    return actions.claim_next(person.employee, Role.SPECIALIST, now=clock.at(day, 10), today=day)


# ---- at generation ---------------------------------------------------------------------------------------------------


def test_a_number_called_twice_in_a_week_is_left_alone_until_the_week_is_over(store_a, customer, task, specialist_a):
    for ago in (1, 5):
        called(task, customer, specialist_a, ago=ago)
    delivery(store_a, customer=customer)
    generate(store_a.pk, DAY)
    made = Revisit.objects.get(rule__code="DLV_D3")
    assert made.state == State.DUE
    assert clock.local(made.not_before).date() == DAY + days(2)
    assert (clock.local(made.not_before).hour, clock.local(made.not_before).minute) == (9, 30)


def test_a_call_that_cannot_be_made_in_its_time_is_excused(store_a, customer, task, specialist_a):
    for ago in (0, 1):
        called(task, customer, specialist_a, ago=ago)
    order(store_a, customer=customer)
    generate(store_a.pk, DAY)
    made = Revisit.objects.get(rule__code="SVC_D3", created_at__gt=NOON)
    assert (made.state, made.reason) == (State.EXCUSED, Reason.CONTACT_PRESSURE)


def test_the_call_after_a_delivery_is_never_dropped_but_waits(store_a, customer, task, specialist_a):
    for ago in (0, 0):
        called(task, customer, specialist_a, ago=ago)
    delivery(store_a, customer=customer)
    generate(store_a.pk, DAY)
    made = Revisit.objects.get(rule__code="DLV_D3")
    assert made.state == State.DUE
    assert clock.local(made.not_before).date() == DAY + days(7)


UNCOUNTED = [
    {"channel": Channel.INCOMING},
    {"channel": Channel.WECHAT},
    {"questionnaire_version": None, "reason": "progress_call"},
]


@pytest.mark.parametrize("values", UNCOUNTED)
def test_what_was_not_begun_by_us_and_progress_calls_do_not_count(store_a, customer, task, specialist_a, values):
    for ago in (1, 2, 3):
        called(task, customer, specialist_a, ago=ago, **values)
    delivery(store_a, customer=customer)
    generate(store_a.pk, DAY)
    assert Revisit.objects.get(rule__code="DLV_D3").not_before is None


def test_many_tries_of_one_call_count_once(store_a, customer, task, specialist_a):
    first = called(task, customer, specialist_a, ago=3)
    for number in range(3):
        CallAttempt.objects.create(
            store=store_a, revisit=first.revisit, by=first.by, phone=first.phone, started_at=first.started_at,
            ended_at=first.ended_at, called_on=DAY - days(2), result=first.result,
            submission=f"10000000-0000-0000-0000-{number:012d}",
        )  # fmt: skip
    delivery(store_a, customer=customer)
    generate(store_a.pk, DAY)
    assert Revisit.objects.get(rule__code="DLV_D3").not_before is None


def test_calls_of_another_store_do_not_count(store_a, store_b, customer, task, specialist_b):
    other = CustomerFactory(store=store_b)
    phone = PhoneFactory(customer=other, number=customer.phones.get().number)
    for ago in (0, 1):
        called(task, other, specialist_b, ago=ago, phone=phone)
    delivery(store_a, customer=customer)
    generate(store_a.pk, DAY)
    assert Revisit.objects.get(rule__code="DLV_D3").not_before is None


def test_a_confirming_call_is_never_held_back(store_a, customer, task, specialist_a):
    for ago in (0, 0, 1):
        called(task, customer, specialist_a, ago=ago)
    ComplaintFactory(
        store=store_a, customer=customer, state=ComplaintState.CONFIRMING, solved_at=clock.at(DAY - days(1), 10)
    )
    generate(store_a.pk, DAY)
    made = Revisit.objects.get(rule__code="CMP_CFM")
    assert (made.state, made.not_before) == (State.DUE, None)
    assert take(specialist_a).pk == made.pk


# ---- at claim --------------------------------------------------------------------------------------------------------


def test_the_third_call_of_a_week_is_put_off_when_it_is_taken(store_a, customer, task, specialist_a):
    third = task(store_a, "DLV_D3", customer=customer, phone=customer.phones.get(), expires_on=DAY + days(9))
    for ago in (0, 3):
        called(task, customer, specialist_a, ago=ago)
    assert take(specialist_a) is None
    third.refresh_from_db()
    assert (third.state, third.claimed_by) == (State.DUE, None)
    assert clock.local(third.not_before).date() == DAY + days(4)  # a Sunday on which is worked
    assert take(specialist_a, DAY + days(4)).pk == third.pk


def test_the_third_call_of_a_week_is_excused_where_its_time_would_be_over(store_a, customer, task, specialist_a):
    third = task(store_a, "SVC_D3", customer=customer, phone=customer.phones.get(), expires_on=DAY + days(2))
    for ago in (0, 3):
        called(task, customer, specialist_a, ago=ago)
    assert take(specialist_a) is None
    third.refresh_from_db()
    assert (third.state, third.reason) == (State.EXCUSED, Reason.CONTACT_PRESSURE)


def test_a_call_in_other_hands_counts_as_begun(store_a, customer, task, specialist_a, specialist_a2):
    phone = customer.phones.get()
    for _ in range(3):
        task(store_a, "DLV_D3", customer=customer, phone=phone, expires_on=DAY + days(9))
    assert take(specialist_a)
    assert take(specialist_a2)
    assert take(specialist_a2) is None
    assert Revisit.objects.filter(not_before__isnull=False).count() == 1


def test_a_call_that_was_begun_goes_on(store_a, customer, task, specialist_a):
    begun = called(task, customer, specialist_a, ago=1)
    Revisit.objects.filter(pk=begun.revisit_id).update(state=State.IN_PROGRESS, ended_at=None, ended_on=None)
    called(task, customer, specialist_a, ago=2)
    assert take(specialist_a).pk == begun.revisit_id


def test_a_promised_call_is_kept(store_a, customer, task, specialist_a):
    promised = task(
        store_a, "DLV_D3", customer=customer, phone=customer.phones.get(), promised_at=clock.at(DAY, 9),
        promised_by=specialist_a.employee, not_before=clock.at(DAY, 9), state=State.IN_PROGRESS,
    )  # fmt: skip
    for ago in (0, 1):
        called(task, customer, specialist_a, ago=ago)
    assert take(specialist_a).pk == promised.pk


def test_who_rings_us_is_spoken_to(store_a, customer, task, specialist_a):
    third = task(store_a, "DLV_D3", customer=customer, phone=customer.phones.get())
    for ago in (0, 1):
        called(task, customer, specialist_a, ago=ago)
    moment = {"now": NOON, "today": DAY}
    with pytest.raises(RuleBroken) as refused:
        actions.claim(third.pk, specialist_a.employee, Role.SPECIALIST, **moment)
    assert refused.value.code == "pressure"
    assert actions.claim(third.pk, specialist_a.employee, Role.SPECIALIST, called_us=True, **moment)


@pytest.mark.parametrize("count", [3, 30])
def test_the_queries_of_a_run_do_not_grow_with_the_calls_made_before(store_a, task, specialist_a, count):
    queries = []
    for _ in range(3):  # the first run of a store asks less: it finds nothing open to bring up to date
        for _ in range(count):
            one = PhoneFactory(customer=CustomerFactory(store=store_a)).customer
            called(task, one, specialist_a, ago=1)
            delivery(store_a, customer=one)
        with CaptureQueriesContext(connection) as captured:
            generate(store_a.pk, DAY)
        queries.append(len(captured))
    assert abs(queries[1] - queries[2]) <= 3


# ---- an open complaint -----------------------------------------------------------------------------------------------


def test_a_complaint_opened_after_the_call_was_made_makes_it_a_progress_call(store_a, specialist_a):
    made = delivery_task(store_a)
    assert made.questionnaire_version is not None
    complaint = ComplaintFactory(store=store_a, customer=made.customer)
    taken = take(specialist_a)
    made.refresh_from_db()
    assert (taken.pk, made.reason, made.questionnaire_version) == (made.pk, Reason.PROGRESS_CALL, None)
    save(made, specialist_a, answers=(), chases={complaint.pk: "客户问什么时候有答复"})
    complaint.refresh_from_db()
    assert (made.state, complaint.chased) == (State.DONE, 1)
    assert complaint.steps.filter(action="chase", note="客户问什么时候有答复").exists()


def test_a_complaint_about_the_car_by_somebody_else_counts_too(store_a, specialist_a):
    made = delivery_task(store_a)
    ComplaintFactory(store=store_a, customer=CustomerFactory(store=store_a), vehicle=made.vehicle)
    take(specialist_a)
    made.refresh_from_db()
    assert made.reason == Reason.PROGRESS_CALL


@pytest.mark.parametrize(("code", "make"), [("SSI", delivery_task), ("CSI_SHORT", service_task)])
def test_a_complaint_closed_after_the_call_was_made_lets_it_ask_its_form_again(store_a, specialist_a, code, make):
    made = make(store_a)
    Revisit.objects.filter(pk=made.pk).update(reason=Reason.PROGRESS_CALL, questionnaire_version=None)
    ComplaintFactory(store=store_a, customer=made.customer, state=ComplaintState.CLOSED, closed_at=NOON)
    take(specialist_a)
    made.refresh_from_db()
    assert made.reason == ""
    assert made.questionnaire_version.questionnaire.code in {code, "CSI"}


def test_the_page_of_a_call_asks_no_scores_once_a_complaint_is_open(store_a, specialist_a, as_, monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    made = delivery_task(store_a)
    take(specialist_a)
    page = reverse("revisits:call", args=[made.pk])
    assert not as_(specialist_a).get(page).context["is_progress"]
    ComplaintFactory(store=store_a, customer=made.customer)
    assert as_(specialist_a).get(page).context["is_progress"]


@pytest.mark.parametrize("minutes", [5, -5])
def test_answers_given_before_a_complaint_was_registered_are_kept(store_a, specialist_a, as_, monkeypatch, minutes):
    monkeypatch.setattr(clock, "now", lambda: NOON)
    made = delivery_task(store_a)
    take(specialist_a)
    page = reverse("revisits:call", args=[made.pk])
    form = as_(specialist_a).get(page).context["form"]
    asked = [(one.code, scale) for one in form.desk.questions if (scale := form.desk.scales[one.kind])]
    registered = NOON + timedelta(minutes=minutes)  # by a colleague, after or before the conversation began
    monkeypatch.setattr(clock, "now", lambda: NOON + timedelta(minutes=10))
    ComplaintFactory(store=store_a, customer=made.customer, received_at=registered)
    said = {f"answer_{code}": str(max(scale.raws)) for code, scale in asked}
    said |= {"result": "SUCCESS", "channel": "phone", "go": "back"}
    said |= {"submission": form["submission"].value(), "started_at": form["started_at"].value()}
    assert as_(specialist_a).post(page, said).status_code == 302
    kept = Answer.objects.filter(response__attempt__revisit=made).count()
    assert kept == (len(asked) if minutes > 0 else 0)
    assert len(asked) > 5


def test_one_long_form_in_thirty_days_also_across_sales_and_service(store_a, customer):
    RuleVersion.objects.filter(rule__code="SVC_D3").update(
        conditions={"scored": True, "full_form": "CSI", "full_form_percent": 100}
    )
    delivery(store_a, customer=customer)
    order(store_a, customer=customer)
    generate(store_a.pk, DAY)
    forms = dict(Revisit.objects.values_list("rule__code", "questionnaire_version__questionnaire__code"))
    assert forms == {"DLV_D3": "SSI", "SVC_D3": "CSI_SHORT"}


@pytest.mark.parametrize("count", [3, 30])
def test_taking_a_call_costs_the_same_however_much_waits(store_a, task, specialist_a, count):
    for _ in range(count):
        one = PhoneFactory(customer=CustomerFactory(store=store_a)).customer
        called(task, one, specialist_a, ago=1)
        task(store_a, "DLV_D3", customer=one, phone=one.phones.get())
    with CaptureQueriesContext(connection) as captured:
        assert take(specialist_a)
    assert len(captured) <= 30, [query["sql"][:100] for query in captured]
