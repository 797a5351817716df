"""Why a customer is on the list of today or not: the generator's own verdict, for everybody, at a fixed cost."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from customers.models import Customer, OrderState
from revisits import reasons
from revisits.generator import generate
from revisits.models import Revisit, Skip, State
from revisits.queries import why
from revisits.queries.why import Kind
from revisits.rules.codes import Reason
from tests.factories import (
    DAY,
    NOON,
    ContactBanFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db


def ask(customer, today=DAY, now=NOON):
    return why.of_customer(customer, now=now, today=today)


def sentence(customer, today=DAY, now=NOON) -> str:
    with translation.override("zh-hans"):
        words = reasons.verdict(ask(customer, today, now).verdict, now, today)
    return words["title"] + words["text"]


def line_of(story, code):
    (line,) = next(one.lines for one in story.rules if one.rule.rule.code == code)
    return line


@pytest.fixture
def owner(store_a):
    """A customer with a number and a car."""
    customer = CustomerFactory(store=store_a)
    PhoneFactory(customer=customer)
    vehicle = VehicleFactory(store=store_a)
    VehicleRoleFactory(vehicle=vehicle, customer=customer)
    customer.car = vehicle
    return customer


def delivered(customer, ago=3, **values):
    day = DAY - timedelta(days=ago)
    return DeliveryFactory(store=customer.store, customer=customer, vehicle=customer.car, delivered_on=day, **values)


# ---- the verdict -----------------------------------------------------------------------------------------------------


def test_without_a_fact_nobody_is_called(owner):
    assert "没有需要回访的事由" in sentence(owner)
    assert ask(owner).verdict.on_list is False


def test_a_fact_that_is_due_comes_with_the_next_run_and_then_stands_on_the_list(owner):
    delivered(owner)
    before = line_of(ask(owner), "DLV_D3")
    assert (before.kind, before.draft.state) == (Kind.NEXT_RUN, State.DUE)
    generate(owner.store_id, DAY)
    after = ask(owner)
    assert (after.verdict.on_list, after.verdict.line.due_on) == (True, DAY)
    assert line_of(after, "DLV_D3").due_on == before.due_on
    assert "在今日名单上，自 09-16 起" in sentence(owner)


def test_what_is_due_later_says_when(owner):
    delivered(owner, ago=1)
    generate(owner.store_id, DAY)
    coming = ask(owner).verdict.coming
    assert (coming.rule.rule.code, coming.due_on) == ("DLV_D3", DAY + timedelta(days=2))
    assert "09-18 上名单" in sentence(owner)


@pytest.mark.parametrize(
    ("prepare", "reason"),
    [
        (lambda customer: ContactBanFactory(customer=customer, purpose="revisit"), Reason.REFUSES_CALLS),
        (lambda customer: Customer.objects.filter(pk=customer.pk).update(restricted=True), Reason.RESTRICTED),
        (lambda customer: customer.phones.update(bad_since=DAY), Reason.NO_PHONE),
    ],
)
def test_what_stands_against_a_call_is_said_before_and_after_the_run(owner, prepare, reason):
    delivered(owner)
    prepare(owner)
    assert line_of(ask(owner), "DLV_D3").reason == reason
    generate(owner.store_id, DAY)
    story = ask(owner)
    assert line_of(story, "DLV_D3").reason == reason
    assert story.verdict.on_list is False


def test_a_skip_says_its_reason(owner):
    delivered(owner, sale_type="reseller")
    generate(owner.store_id, DAY)
    assert line_of(ask(owner), "DLV_D3").reason == Skip.objects.filter(rule__code="DLV_D3").get().reason


def test_a_shift_over_closed_days_is_told(owner):
    delivered(owner)
    story = ask(owner)
    assert line_of(story, "DLV_D3").shift == 0


def test_a_car_in_the_workshop_waits_for_its_release(owner):
    delivered(owner)
    generate(owner.store_id, DAY)
    RepairOrderFactory(
        store=owner.store, vehicle=owner.car, customer=owner, state=OrderState.OPEN, checked_in_on=DAY,
        handed_back_on=None, released_on=None, recorded_on=DAY,
    )  # fmt: skip
    assert "车辆在修" in sentence(owner)


def test_a_promise_of_another_day_takes_it_off_todays_list(owner, specialist_a):
    delivered(owner)
    generate(owner.store_id, DAY)
    at = NOON + timedelta(days=1)
    Revisit.objects.filter(rule__code="DLV_D3").update(
        promised_at=at, not_before=at, promised_by=specialist_a.employee, state=State.IN_PROGRESS
    )
    Revisit.objects.exclude(rule__code="DLV_D3").delete()
    story = ask(owner)
    assert story.verdict.on_list is False
    assert why.when(story.verdict.coming)[0] == DAY + timedelta(days=1)
    assert "陈思雨 约定" in sentence(owner)


def test_of_one_car_only_its_own_facts_are_told(owner):
    other = VehicleFactory(store=owner.store)
    VehicleRoleFactory(vehicle=other, customer=owner)
    delivered(owner)
    generate(owner.store_id, DAY)
    assert why.of_vehicle(owner.car, now=NOON, today=DAY).verdict.on_list is True
    assert why.of_vehicle(other, now=NOON, today=DAY).verdict.on_list is False


# ---- the page --------------------------------------------------------------------------------------------------------


def test_many_facts_cost_as_much_as_few(owner):
    def count():
        with CaptureQueriesContext(connection) as captured:
            ask(owner)
        return len(captured)

    def visit(number):
        for ago in range(number):
            RepairOrderFactory(
                store=owner.store, vehicle=owner.car, customer=owner, recorded_on=DAY,
                handed_back_on=DAY - timedelta(days=5 + 5 * (ago % 12)),
            )  # fmt: skip
        generate(owner.store_id, DAY)

    visit(12)
    few = count()
    visit(24)
    assert count() == few


def test_the_page_tells_every_rule_once(owner, specialist_a, as_):
    page = as_(specialist_a).get(reverse("revisits:why_customer", args=[owner.pk]))
    assert page.status_code == 200
    codes = [told["rule"].code for told in page.context["rules"]]
    assert len(codes) == len(set(codes)) == 22


def test_a_search_leads_to_the_answer_without_words_in_the_address(owner, specialist_a, as_):
    from customers import search

    search.refresh([owner.pk])
    answer = as_(specialist_a).post(reverse("revisits:why"), {"q": owner.name})
    assert answer.status_code in {200, 302}
    assert owner.name not in answer.get("Location", "")


@pytest.mark.parametrize(("who", "status"), [("frontline_a", 403), ("specialist_a", 200), ("stranger_b", 404)])
def test_who_may_ask(owner, request, as_, who, status):
    address = reverse("revisits:why_customer", args=[owner.pk])
    assert as_(request.getfixturevalue(who)).get(address).status_code == status


def test_nothing_is_written(owner, specialist_a, as_):
    delivered(owner)
    before = Revisit.objects.count(), Skip.objects.count()
    as_(specialist_a).get(reverse("revisits:why_customer", args=[owner.pk]))
    assert (Revisit.objects.count(), Skip.objects.count()) == before
