"""Coverage: every delivery and every visit stands in exactly one part, and the parts add up."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from crm_site.core import clock
from crm_site.core.dates import month_of
from crm_site.core.figures import Scope
from crm_site.worktime.models import CalendarDay, Covers, DayKind
from customers.models import JobType, OrderState, RepairOrder, SaleType
from revisits import panels
from revisits.generator import generate
from revisits.models import CallAttempt, CallResult, GenerationRun, Revisit, RevisitRule, State
from revisits.queries.coverage import PARTS, SALES, SERVICE, coverage, coverage_by_store, facts_in
from revisits.rules.codes import Reason
from satisfaction.actions import exclude_response
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    DeliveryFactory,
    MembershipFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
)
from tests.satisfaction.surveys import respond

pytestmark = pytest.mark.django_db

FIRST, LAST = DAY - timedelta(days=15), DAY + timedelta(days=14)


@pytest.fixture(autouse=True)
def _here(monkeypatch):
    monkeypatch.setattr(clock, "now", lambda: NOON)


def delivery(store, ago, **values):
    customer = CustomerFactory(store=store)
    PhoneFactory(customer=customer)
    on = DAY - timedelta(days=ago)
    return DeliveryFactory(
        **({"vehicle": VehicleFactory(store=store), "customer": customer, "delivered_on": on} | values)
    )


def test_no_state_is_spelled_like_a_reason():
    assert set(State.values).isdisjoint(Reason)  # coverage reads either from one column


def test_every_delivery_stands_in_one_part(store_a):
    facts = {
        "done": delivery(store_a, 4),
        "failed": delivery(store_a, 4),
        "not_due": delivery(store_a, 1),
        "overdue": delivery(store_a, 5),
        "no_number": delivery(store_a, 4, customer=CustomerFactory(store=store_a)),
        "excused": delivery(store_a, 4),
        "cancelled": delivery(store_a, 4),
    }
    delivery(store_a, 4, sale_type=SaleType.DEMO)  # no customer's car: not in the total
    delivery(store_a, 4, historical=True)
    generate(store_a.pk, DAY)
    for part in ("done", "failed", "excused", "cancelled"):
        Revisit.objects.filter(delivery=facts[part]).update(state=part, ended_at=NOON, ended_on=DAY)
    Revisit.objects.filter(delivery=facts["overdue"]).update(expires_on=DAY - timedelta(days=1))
    delivery(store_a, 4)  # nobody made its call
    found = coverage(SALES, [store_a.pk], FIRST, LAST, today=DAY)
    assert found.total == 8
    assert found.parts == dict.fromkeys(PARTS, 1)
    assert found.adds_up


def test_covered_visits_stand_where_their_call_stands(store_a):
    car, customer = VehicleFactory(store=store_a), CustomerFactory(store=store_a)
    PhoneFactory(customer=customer)
    for ago in (6, 4):
        on = DAY - timedelta(days=ago)
        RepairOrderFactory(vehicle=car, customer=customer, checked_in_on=on, handed_back_on=on)
    RepairOrderFactory(vehicle=car, customer=customer, job_type=JobType.WASH, handed_back_on=DAY - timedelta(days=4))
    generate(store_a.pk, DAY)
    Revisit.objects.update(state=State.DONE, ended_at=NOON, ended_on=DAY)
    found = coverage(SERVICE, [store_a.pk], FIRST, LAST, today=DAY)
    assert (found.total, found.parts["done"]) == (2, 2)


def test_a_visit_with_two_calls_stands_once_where_the_first_stands(store_a):
    car, customer = VehicleFactory(store=store_a), CustomerFactory(store=store_a)
    PhoneFactory(customer=customer)
    RepairOrderFactory(vehicle=car, customer=customer, handed_back_on=DAY - timedelta(days=4))
    generate(store_a.pk, DAY)
    first = Revisit.objects.get()
    Revisit.objects.create(**_copied(first), rule=RevisitRule.objects.get(store=None, code="SVC_RW1"), state=State.DUE)
    Revisit.objects.filter(pk=first.pk).update(state=State.DONE, ended_at=NOON, ended_on=DAY)
    found = coverage(SERVICE, [store_a.pk], FIRST, LAST, today=DAY)
    assert (found.total, found.parts["done"], found.adds_up) == (1, 1, True)
    assert facts_in(SERVICE, [store_a.pk], FIRST, LAST, today=DAY, part="done").count() == 1


def _copied(call: Revisit) -> dict:
    """What another call of the same visit has alike."""
    alike = ("store", "customer", "repair_order", "anchor_key", "anchor_on", "due_on", "expires_on", "created_at")
    return {name: getattr(call, name) for name in alike} | {
        "priority": call.priority,
        "rule_version": call.rule_version,
    }


def test_another_stores_facts_are_not_counted(store_a, store_b):
    delivery(store_b, 4)
    assert coverage(SALES, [store_a.pk], FIRST, LAST, today=DAY).total == 0


def test_each_store_has_its_own_coverage_and_together_they_are_the_whole(store_a, store_b):
    for ago in (4, 5):
        delivery(store_a, ago)
    delivery(store_b, 4)
    generate(store_a.pk, DAY)
    Revisit.objects.update(state=State.DONE, ended_at=NOON, ended_on=DAY)
    stores = [store_a.pk, store_b.pk]
    each = coverage_by_store(SALES, stores, FIRST, LAST, today=DAY)
    assert {pk: (one.total, one.parts["done"]) for pk, one in each.items()} == {store_a.pk: (2, 2), store_b.pk: (1, 0)}
    assert all(one.adds_up for one in each.values())
    whole = coverage(SALES, stores, FIRST, LAST, today=DAY)
    assert (whole.total, whole.parts["done"], whole.adds_up) == (3, 2, True)


def test_the_steps_of_coverage_narrow_from_due_to_valid(rf, manager_a, specialist_a, store_a):
    for _car in range(5):
        delivery(store_a, 4)
    generate(store_a.pk, DAY)
    refused = CallResult.objects.filter(reached=True, saves_answers=False).first()
    silent = CallResult.objects.filter(reached=False).first()
    outcomes = (("done", None), ("done", None), ("failed", refused), ("failed", silent), ("excused", None))
    for call, (state, result) in zip(Revisit.objects.order_by("pk"), outcomes, strict=True):
        Revisit.objects.filter(pk=call.pk).update(state=state, last_result=result, ended_at=NOON, ended_on=DAY)
    answered, taken_out = Revisit.objects.filter(state="done")
    for call in (answered, taken_out):
        response = respond(store_a, by=specialist_a.employee)
        CallAttempt.objects.create(
            store=store_a, revisit=call, by=specialist_a.employee, started_at=NOON, ended_at=NOON, called_on=DAY,
            result=refused, response=response, submission=uuid.uuid4(),
        )  # fmt: skip
    exclude_response(taken_out.attempts.get().response_id, reason="没有打过", by=manager_a.employee, at=NOON)
    asked = rf.get("/")
    asked.user = manager_a.user
    scope = Scope((store_a.pk,), FIRST, LAST + timedelta(days=1), {"kind": "sales"})
    steps = [count for _word, count in panels.coverage_steps(asked, scope)[store_a.pk]]
    assert steps == [4, 4, 3, 2, 1]


def test_what_is_not_made_yet_waits_by_the_calendar_of_its_own_store(store_a, store_b):
    for store in (store_a, store_b):
        delivery(store, 3)  # due on the day, and nobody made its call
    CalendarDay.objects.create(store=store_b, day=DAY, kind=DayKind.CLOSED, covers=Covers.DESK)
    assert coverage(SALES, [store_a.pk], FIRST, LAST, today=DAY).parts["missing"] == 1
    found = coverage(SALES, [store_a.pk, store_b.pk], FIRST, LAST, today=DAY)
    assert (found.parts["missing"], found.parts["not_due"]) == (1, 1)


def test_a_stores_own_rule_says_what_waits_there(store_a, store_b):
    for store in (store_a, store_b):
        delivery(store, 3)
    company = RevisitRule.objects.get(store=None, code="DLV_D3")
    own = RevisitRule.objects.create(store=store_b, code="DLV_D3", priority=company.priority)
    version = company.versions.get()
    version.pk, version.rule, version.offset_days = None, own, 5
    version.save(force_insert=True)
    found = coverage(SALES, [store_a.pk, store_b.pk], FIRST, LAST, today=DAY)
    assert (found.parts["missing"], found.parts["not_due"]) == (1, 1)


def test_more_stores_take_no_more_queries(store_a, store_b):
    for store in (store_a, store_b):
        delivery(store, 1)

    def count(*stores) -> int:
        with CaptureQueriesContext(
            connection,
        ) as captured:
            assert coverage(SALES, stores, FIRST, LAST, today=DAY).parts["not_due"] == len(stores)
        return len(captured)

    assert count(store_a.pk) == count(store_a.pk, store_b.pk)


def test_the_panel_shows_the_parts_with_their_lists(store_a, manager_a, rf):
    delivery(store_a, 1)
    request = rf.get("/")
    request.user = manager_a.user
    scope = Scope.of_month([store_a.pk], month_of(DAY), kind="sales")
    (panel,) = panels.coverage(request, scope)
    assert [row["count"] for row in panel.context["rows"]] == [1, 0, 1]
    assert [bool(row["url"]) for row in panel.context["rows"]] == [True, False, True]
    assert panel.context["adds_up"]
    assert panels.coverage(request, scope.having(kind="confirmation")) == []


def shown_and_listed(client, request, scope) -> None:
    """Hold every number of the panel against the list that it opens."""
    (panel,) = panels.coverage(request, scope)
    rows = [row for row in panel.context["rows"] if row["count"]]
    assert len(rows) > 1
    for row in rows:
        assert client.get(row["url"]).context["total"].number == row["count"], row["url"]


def test_the_lists_of_several_months_or_one_store_hold_what_the_panel_counts(as_, rf, manager_a, store_a, store_b):
    MembershipFactory(user=manager_a.user, store=store_b, role="manager")
    for store, days in ((store_a, 4), (store_a, 40), (store_b, 4)):
        delivery(store, days)
    for store in (store_a, store_b):
        generate(store.pk, DAY)
    request, client = rf.get("/"), as_(manager_a)
    request.user = manager_a.user
    for stores, asked in (((store_a.pk, store_b.pk), {}), ((store_a.pk,), {"store": store_a.pk})):
        for months in (1, 3):
            scope = Scope.of_month(stores, month_of(DAY), kind="sales", **asked)
            shown_and_listed(client, request, scope.during(month_of(DAY).shift(1 - months), month_of(DAY)))


def test_what_has_no_call_of_its_own_stands_in_the_lists_of_the_panel(as_, rf, manager_a, store_a, store_b):
    MembershipFactory(user=manager_a.user, store=store_b, role="head")
    car, customer = VehicleFactory(store=store_a), CustomerFactory(store=store_a)
    PhoneFactory(customer=customer)
    for ago in (6, 4):  # two visits in one call
        on = DAY - timedelta(days=ago)
        RepairOrderFactory(vehicle=car, customer=customer, checked_in_on=on, handed_back_on=on)
    voided = RepairOrderFactory(vehicle__store=store_a, customer=customer, handed_back_on=DAY - timedelta(days=4))
    elsewhere = CustomerFactory(store=store_b)
    PhoneFactory(customer=elsewhere)
    RepairOrderFactory(vehicle__store=store_b, customer=elsewhere, handed_back_on=DAY - timedelta(days=4))
    for store in (store_a, store_b):
        generate(store.pk, DAY)
    RepairOrder.objects.filter(pk=voided.pk).update(state=OrderState.VOID, released_on=None)
    Revisit.objects.update(state=State.DONE, ended_at=NOON, ended_on=DAY)
    RepairOrderFactory(vehicle__store=store_a, handed_back_on=DAY - timedelta(days=4))  # nobody made its call
    RepairOrderFactory(vehicle__store=store_a, handed_back_on=DAY - timedelta(days=1))
    request = rf.get("/")
    request.user = manager_a.user
    shown_and_listed(as_(manager_a), request, Scope.of_month([store_a.pk], month_of(DAY), kind="service"))


def test_a_run_says_what_it_did(store_a):
    delivery(store_a, 4)
    generate(store_a.pk, DAY)
    assert GenerationRun.objects.get().counts == {"made": {"DLV_D3": 1}, "states": {"due": 1}}
