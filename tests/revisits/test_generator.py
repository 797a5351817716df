"""The generator: which facts become calls, when, for whom, in which form, and why the others do not."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from complaints.models import State as ComplaintState
from crm_site.core import clock
from crm_site.worktime.models import CalendarDay, DayKind
from customers.models import (
    Contact,
    ContactBan,
    Customer,
    CustomerType,
    JobType,
    OrderState,
    SaleType,
    Vehicle,
    VehicleRole,
)
from revisits.generator import generate, run
from revisits.models import GenerationRun, Revisit, RevisitOrder, RevisitRule, RuleVersion, Skip, State
from tests.factories import (
    DAY,
    NOON,
    ComplaintFactory,
    ContactFactory,
    CustomerFactory,
    DeliveryFactory,
    EmployeeFactory,
    PhoneFactory,
    RepairOrderFactory,
    StoreFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = pytest.mark.django_db


def days(count: int) -> timedelta:
    return timedelta(days=count)


def customer_with_phone(store, **values) -> Customer:
    customer = CustomerFactory(store=store, **values)
    PhoneFactory(customer=customer)
    return customer


def delivery(store, ago: int = 3, **values):
    values.setdefault("customer", customer_with_phone(store))
    values.setdefault("vehicle", VehicleFactory(store=store))
    return DeliveryFactory(delivered_on=DAY - days(ago), **values)


def order(store, ago: int = 3, **values):
    values.setdefault("customer", customer_with_phone(store))
    values.setdefault("vehicle", VehicleFactory(store=store))
    on = DAY - days(ago)
    return RepairOrderFactory(checked_in_on=on - days(1), handed_back_on=on, **values)


def only(code: str) -> Revisit:
    return Revisit.objects.get(rule__code=code)


def turn_on(code: str, **changes) -> RuleVersion:
    RuleVersion.objects.filter(rule__code=code).update(is_on=True, **changes)
    return RuleVersion.objects.get(rule__code=code)


# ---- the plain case --------------------------------------------------------------------------------------------------


def test_a_delivery_is_called_three_days_later(store_a):
    fact = delivery(store_a)
    run = generate(store_a.pk, DAY)
    task = only("DLV_D3")
    assert (task.state, task.due_on, task.expires_on, task.late) == (State.DUE, DAY, DAY + days(3), False)
    assert task.anchor_key == f"delivery:{fact.pk}"
    assert task.delivery == fact
    assert task.customer == fact.customer
    assert task.phone.customer == fact.customer
    assert task.questionnaire_version.questionnaire.code == "SSI"
    assert (run.made, run.skipped, run.counts["made"]) == (1, 0, {"DLV_D3": 1})
    assert run.ended_at is not None


@pytest.mark.parametrize("ago", [2, 0])
def test_nothing_is_due_before_its_day(store_a, ago):
    delivery(store_a, ago)
    generate(store_a.pk, DAY)
    assert not Revisit.objects.exists()


def test_a_rerun_makes_nothing_and_skips_nothing(store_a):
    delivery(store_a)
    order(store_a)
    delivery(store_a, sale_type=SaleType.DEMO)
    generate(store_a.pk, DAY)
    before = (Revisit.objects.count(), Skip.objects.count())
    again = generate(store_a.pk, DAY)
    assert (Revisit.objects.count(), Skip.objects.count()) == before == (2, 1)
    assert (again.made, again.skipped) == (0, 0)


def test_each_store_is_called_by_its_own_run(store_a, store_b):
    delivery(store_a)
    delivery(store_b)
    generate(store_a.pk, DAY)
    assert set(Revisit.objects.values_list("store_id", flat=True)) == {store_a.pk}


def test_the_frontline_calls_only_where_it_signs_in(store_a, frontline_a, store_b):
    for store in (store_a, store_b):
        delivery(store, ago=1)
        generate(store.pk, DAY)
    assert only("DLV_D1").store == store_a


# ---- skips -----------------------------------------------------------------------------------------------------------

DELIVERY_SKIPS = [
    ({"historical": True}, "historical"),
    ({"sale_type": SaleType.DEMO}, "excluded_sale_type"),
    ({"sale_type": SaleType.RESELLER}, "excluded_sale_type"),
    ({"returned_on": DAY - days(1)}, "returned"),
]
ORDER_SKIPS = [
    ({"historical": True}, "historical"),
    *(
        ({"job_type": kind}, "excluded_job_type")
        for kind in (JobType.PDI, JobType.WASH, JobType.FREE_CHECK, JobType.INTERNAL)
    ),
]


@pytest.mark.parametrize(("values", "reason"), DELIVERY_SKIPS)
def test_a_delivery_that_is_not_called_keeps_its_reason(store_a, values, reason):
    fact = delivery(store_a, **values)
    generate(store_a.pk, DAY)
    skip = Skip.objects.get(rule__code="DLV_D3")
    assert (skip.reason, skip.anchor_key, skip.due_on) == (reason, f"delivery:{fact.pk}", DAY)
    assert not Revisit.objects.exists()


@pytest.mark.parametrize(("values", "reason"), ORDER_SKIPS)
def test_an_order_that_is_not_called_keeps_its_reason(store_a, values, reason):
    order(store_a, **values)
    generate(store_a.pk, DAY)
    assert Skip.objects.get().reason == reason
    assert not Revisit.objects.exists()


def test_facts_from_before_the_start_make_no_call(db):
    store = StoreFactory(go_live_on=DAY + days(1))
    delivery(store)
    generate(store.pk, DAY)
    assert Skip.objects.get().reason == "before_go_live"


def test_a_fact_learned_months_late_is_only_noted(store_a):
    delivery(store_a, ago=120, recorded_on=DAY)
    generate(store_a.pk, DAY)
    assert set(Skip.objects.values_list("rule__code", "reason")) == {("DLV_D3", "too_old"), ("DLV_M1", "too_old")}
    assert generate(store_a.pk, DAY).skipped == 0


@pytest.mark.parametrize("values", [{"state": OrderState.VOID}, {"state": OrderState.OPEN}])
def test_a_car_in_the_workshop_or_a_void_order_is_no_occasion(store_a, values):
    RepairOrderFactory(
        store=store_a,
        vehicle=VehicleFactory(store=store_a),
        customer=None,
        handed_back_on=None,
        recorded_on=DAY,
        **values,
    )
    generate(store_a.pk, DAY)
    assert not Revisit.objects.exists()
    assert not Skip.objects.exists()


def test_a_corrected_fact_loses_its_skip_and_gets_its_call(store_a):
    fact = order(store_a, job_type=JobType.WASH)
    generate(store_a.pk, DAY)
    fact.job_type = JobType.GENERAL
    fact.save(update_fields=["job_type"])
    generate(store_a.pk, DAY)
    assert only("SVC_D3").state == State.DUE
    assert not Skip.objects.exists()


# ---- late facts ------------------------------------------------------------------------------------------------------

LATE = [  # released so many days ago, learned so many days ago -> state, late, window from the next desk day
    (3, 3, State.DUE, False),
    (4, 4, State.DUE, False),
    (4, 0, State.DUE, True),
    (10, 10, State.DUE, True),  # the scheduler slept over its window
    (17, 0, State.DUE, True),
    (18, 0, State.FAILED, True),
    (45, 0, State.FAILED, True),
]


@pytest.mark.parametrize(("ago", "learned", "state", "late"), LATE)
def test_late_facts_are_called_for_two_weeks_and_recorded_for_six(store_a, ago, learned, state, late):
    fact = order(store_a, ago, recorded_on=DAY - days(learned))
    generate(store_a.pk, DAY)
    task = only("SVC_D3")
    assert (task.state, task.late) == (state, late)
    assert task.due_on >= fact.released_on + days(3)
    if late and state == State.DUE:
        assert task.expires_on == date(2026, 9, 19)  # Thursday the 17th plus two desk days
    if state == State.FAILED:
        assert (task.reason, task.ended_on) == ("missed", DAY)


# ---- the calendar ----------------------------------------------------------------------------------------------------


def test_a_due_day_on_a_closed_day_moves_later_with_its_window(store_a):
    delivery(store_a, ago=3)
    for day in (DAY, DAY + days(1)):
        CalendarDay.objects.create(store=store_a, day=day, kind=DayKind.CLOSED)
    generate(store_a.pk, DAY)
    assert not Revisit.objects.exists()
    generate(store_a.pk, DAY + days(2))
    task = only("DLV_D3")
    assert (task.due_on, task.expires_on) == (DAY + days(2), DAY + days(5))  # Fri; Sat, make-up Sun, Mon


# ---- whom to dial ----------------------------------------------------------------------------------------------------


def test_whoever_picked_the_car_up_is_dialled_first(store_a):
    fact = delivery(store_a, picked_up_by="何芳")
    contact = ContactFactory(customer=fact.customer, name="何芳")
    number = PhoneFactory(customer=fact.customer, contact=contact, rank=2)
    generate(store_a.pk, DAY)
    assert only("DLV_D3").phone == number


def test_the_bringer_is_dialled_before_driver_and_owner(store_a):
    fact = order(store_a, bringer_phone="138-9999-8888")
    number = PhoneFactory(customer=fact.customer, number="13899998888", rank=3)
    generate(store_a.pk, DAY)
    assert only("SVC_D3").phone == number


def test_the_usual_driver_is_dialled_where_nobody_brought_the_car(store_a):
    fact = order(store_a)
    contact = ContactFactory(customer=fact.customer, identity=Contact.Identity.DRIVER)
    number = PhoneFactory(customer=fact.customer, contact=contact, rank=2)
    VehicleRoleFactory(
        vehicle=fact.vehicle, customer=fact.customer, contact=contact, role=VehicleRole.Kind.DRIVER, since=None
    )
    generate(store_a.pk, DAY)
    assert only("SVC_D3").phone == number


def test_without_a_number_the_call_waits_for_one(store_a):
    fact = delivery(store_a, customer=CustomerFactory(store=store_a))
    generate(store_a.pk, DAY)
    task = only("DLV_D3")
    assert (task.state, task.reason, task.phone) == (State.NO_NUMBER, "no_phone", None)
    number = PhoneFactory(customer=fact.customer)
    generate(store_a.pk, DAY + days(1))
    task.refresh_from_db()
    assert (task.state, task.reason, task.phone) == (State.DUE, "", number)


def test_a_bad_number_is_no_number(store_a):
    customer = CustomerFactory(store=store_a)
    PhoneFactory(customer=customer, bad_since=DAY - days(30))
    delivery(store_a, customer=customer)
    generate(store_a.pk, DAY)
    assert only("DLV_D3").reason == "no_phone"


def test_an_employees_number_is_no_customers_number(store_a):
    EmployeeFactory(store=store_a, phone="138 0000 7777")
    customer = CustomerFactory(store=store_a)
    PhoneFactory(customer=customer, number="13800007777")
    delivery(store_a, customer=customer)
    generate(store_a.pk, DAY)
    assert (only("DLV_D3").state, only("DLV_D3").reason) == (State.NO_NUMBER, "employee_phone")


def test_an_order_of_an_unknown_customer_waits_for_the_archive(store_a):
    fact = order(store_a, customer=None)
    generate(store_a.pk, DAY)
    task = only("SVC_D3")
    assert (task.state, task.reason) == (State.NO_NUMBER, "unknown_customer")
    fact.customer = customer_with_phone(store_a)
    fact.save(update_fields=["customer"])
    generate(store_a.pk, DAY)
    task.refresh_from_db()
    assert (task.state, task.customer) == (State.DUE, fact.customer)


# ---- who does not want to be called ----------------------------------------------------------------------------------


def ban(customer, purpose, **values):
    return ContactBan.objects.create(
        store=customer.store, customer=customer, purpose=purpose, since=DAY - days(9), **values
    )


@pytest.mark.parametrize(
    ("purpose", "values", "state"),
    [
        ("all", {}, State.EXCUSED),
        ("revisit", {}, State.EXCUSED),
        ("marketing", {}, State.DUE),
        ("revisit", {"channel": "sms"}, State.DUE),
        ("revisit", {"until": DAY - days(1)}, State.DUE),
    ],
)
def test_refusals_excuse_the_calls_that_they_mean(store_a, purpose, values, state):
    fact = delivery(store_a)
    ban(fact.customer, purpose, **values)
    generate(store_a.pk, DAY)
    assert only("DLV_D3").state == state


def test_a_refusal_binds_the_number_in_every_store(store_a, store_b):
    number = "13855556666"
    there = CustomerFactory(store=store_b)
    PhoneFactory(customer=there, number=number)
    ban(there, "revisit")
    here = CustomerFactory(store=store_a)
    PhoneFactory(customer=here, number=number)
    delivery(store_a, customer=here)
    generate(store_a.pk, DAY)
    assert (only("DLV_D3").state, only("DLV_D3").reason) == (State.EXCUSED, "refuses_calls")


def test_restricted_customers_are_excused_also_afterwards(store_a):
    fact = delivery(store_a, customer=customer_with_phone(store_a, restricted=True))
    later = delivery(store_a)
    generate(store_a.pk, DAY)
    Customer.objects.filter(pk=later.customer_id).update(restricted=True)
    generate(store_a.pk, DAY + days(1))
    assert set(Revisit.objects.values_list("delivery_id", "state", "reason")) == {
        (fact.pk, "excused", "restricted"),
        (later.pk, "excused", "restricted"),
    }


# ---- rework, merging -------------------------------------------------------------------------------------------------


def test_rework_is_called_the_next_day_instead_of_the_usual_call(store_a):
    order(store_a, ago=1, is_rework=True)
    order(store_a, ago=3, job_type=JobType.REWORK)
    generate(store_a.pk, DAY)
    assert list(Revisit.objects.values_list("rule__code", flat=True)) == ["SVC_RW1", "SVC_RW1"]


def test_rework_is_asked_like_any_visit_where_its_rule_is_off(store_a):
    RuleVersion.objects.filter(rule__code="SVC_RW1").update(is_on=False)
    order(store_a, is_rework=True)
    generate(store_a.pk, DAY)
    assert only("SVC_D3").state == State.DUE


def test_visits_of_one_car_within_three_days_are_one_call(store_a):
    car, customer = VehicleFactory(store=store_a), customer_with_phone(store_a)
    first = order(store_a, ago=6, vehicle=car, customer=customer)
    second = order(store_a, ago=4, vehicle=car, customer=customer)
    other = order(store_a, ago=4)
    generate(store_a.pk, DAY)
    assert set(Revisit.objects.values_list("repair_order_id", flat=True)) == {first.pk, other.pk}
    assert RevisitOrder.objects.get().repair_order == second
    assert generate(store_a.pk, DAY).made == 0


def test_a_later_visit_joins_the_open_call(store_a):
    car, customer = VehicleFactory(store=store_a), customer_with_phone(store_a)
    first = order(store_a, ago=4, vehicle=car, customer=customer)
    generate(store_a.pk, DAY)
    second = order(store_a, ago=3, vehicle=car, customer=customer)
    generate(store_a.pk, DAY)
    assert only("SVC_D3").repair_order == first
    assert RevisitOrder.objects.get().repair_order == second


def test_a_later_visit_does_not_join_a_call_that_is_saved_meanwhile(store_a, monkeypatch):
    car, customer = VehicleFactory(store=store_a), customer_with_phone(store_a)
    order(store_a, ago=4, vehicle=car, customer=customer)
    generate(store_a.pk, DAY)
    second = order(store_a, ago=3, vehicle=car, customer=customer)
    decided = run.decide

    def decide_while_somebody_saves(*args):
        found = decided(*args)
        Revisit.objects.update(state=State.DONE, ended_at=NOON, ended_on=DAY)
        return found

    with monkeypatch.context() as meanwhile:
        meanwhile.setattr(run, "decide", decide_while_somebody_saves)
        generate(store_a.pk, DAY)
    assert not RevisitOrder.objects.exists()
    generate(store_a.pk, DAY)
    assert Revisit.objects.get(state=State.DUE).repair_order == second


def test_a_visit_that_is_due_only_later_is_asked_about_in_the_same_call(store_a):
    car, customer = VehicleFactory(store=store_a), customer_with_phone(store_a)
    first = order(store_a, ago=3, vehicle=car, customer=customer)
    second = order(store_a, ago=1, vehicle=car, customer=customer)
    washed = order(store_a, ago=2, vehicle=car, customer=customer, job_type=JobType.WASH)
    apart = order(store_a, ago=-1, vehicle=car, customer=customer)
    generate(store_a.pk, DAY)
    task = only("SVC_D3")
    assert (task.repair_order, [one.repair_order for one in task.further_orders.all()]) == (first, [second])
    Revisit.objects.filter(pk=task.pk).update(state=State.DONE, ended_at=NOON, ended_on=DAY)
    generate(store_a.pk, DAY + days(4))
    assert set(Revisit.objects.values_list("repair_order_id", flat=True)) == {first.pk, apart.pk}
    assert Skip.objects.get().anchor_key == f"order:{washed.pk}"


def test_a_later_visit_of_a_fleets_car_is_part_of_its_call_and_no_further_purpose(store_a):
    car, fleet = VehicleFactory(store=store_a), customer_with_phone(store_a, customer_type=CustomerType.ORG)
    first = order(store_a, ago=3, vehicle=car, customer=fleet)
    second = order(store_a, ago=1, vehicle=car, customer=fleet)
    another = order(store_a, ago=1, customer=fleet)
    generate(store_a.pk, DAY)
    assert set(Revisit.objects.values_list("repair_order_id", "head__repair_order_id")) == {
        (first.pk, None),
        (another.pk, first.pk),
    }
    assert RevisitOrder.objects.get().repair_order == second


def test_a_visit_that_is_learned_of_after_the_first_ones_call_was_made_joins_it_before_its_own_day(store_a):
    car, customer = VehicleFactory(store=store_a), customer_with_phone(store_a)
    order(store_a, ago=3, vehicle=car, customer=customer)
    generate(store_a.pk, DAY)
    second = order(store_a, ago=2, vehicle=car, customer=customer)
    generate(store_a.pk, DAY)
    assert RevisitOrder.objects.get().repair_order == second


def test_looking_for_later_visits_costs_the_same_for_any_number_of_cars(store_a):
    def visit_twice(count: int) -> int:
        for _ in range(count):
            car, customer = VehicleFactory(store=store_a), customer_with_phone(store_a)
            for ago in (3, 1):
                order(store_a, ago=ago, vehicle=car, customer=customer)
        with CaptureQueriesContext(connection) as asked:
            generate(store_a.pk, DAY)
        return len(asked)

    visit_twice(1)  # what a store asks only once
    few, many = visit_twice(3), visit_twice(30)
    assert few == many
    assert RevisitOrder.objects.count() == 34


def test_when_the_first_visit_turns_out_void_the_second_gets_its_own_call(store_a):
    car, customer = VehicleFactory(store=store_a), customer_with_phone(store_a)
    first = order(store_a, ago=4, vehicle=car, customer=customer)
    second = order(store_a, ago=3, vehicle=car, customer=customer)
    generate(store_a.pk, DAY)
    type(first).objects.filter(pk=first.pk).update(state=OrderState.VOID, released_on=None)
    generate(store_a.pk, DAY)
    assert set(Revisit.objects.values_list("repair_order_id", "state", "reason")) == {
        (first.pk, "cancelled", "order_void"),
        (second.pk, "due", ""),
    }


# ---- stop facts ------------------------------------------------------------------------------------------------------


def test_stop_facts_cancel_open_calls(store_a):
    returned, sold, scrapped = (delivery(store_a) for _ in range(3))
    generate(store_a.pk, DAY)
    type(returned).objects.filter(pk=returned.pk).update(returned_on=DAY)
    Vehicle.objects.filter(pk=sold.vehicle_id).update(state="sold")
    Vehicle.objects.filter(pk=scrapped.vehicle_id).update(state="scrapped")
    run = generate(store_a.pk, DAY)
    assert set(Revisit.objects.values_list("delivery_id", "state", "reason")) == {
        (returned.pk, "cancelled", "delivery_returned"),
        (sold.pk, "cancelled", "vehicle_sold"),
        (scrapped.pk, "cancelled", "vehicle_scrapped"),
    }
    assert run.counts["ended"] == {"delivery_returned": 1, "vehicle_sold": 1, "vehicle_scrapped": 1}


def test_a_call_in_progress_is_left_alone(store_a, specialist_a):
    fact = delivery(store_a)
    generate(store_a.pk, DAY)
    lease = clock.now() + timedelta(minutes=15)
    Revisit.objects.update(claimed_by=specialist_a.employee, lease_until=lease)
    Vehicle.objects.filter(pk=fact.vehicle_id).update(state="sold")
    generate(store_a.pk, DAY)
    assert only("DLV_D3").state == State.DUE


# ---- forms -----------------------------------------------------------------------------------------------------------


def test_one_tenth_of_the_visits_gets_the_long_form_and_always_the_same(store_a):
    RuleVersion.objects.filter(rule__code="SVC_D3").update(conditions={"full_form": "CSI", "full_form_percent": 50})
    for _ in range(40):
        order(store_a)
    generate(store_a.pk, DAY)
    asked = dict(Revisit.objects.values_list("anchor_key", "questionnaire_version__questionnaire__code"))
    assert set(asked.values()) == {"CSI", "CSI_SHORT"}
    Revisit.objects.all().delete()
    generate(store_a.pk, DAY)
    assert dict(Revisit.objects.values_list("anchor_key", "questionnaire_version__questionnaire__code")) == asked


def test_a_phone_gets_one_long_form_in_thirty_days(store_a):
    customer = customer_with_phone(store_a)
    delivery(store_a, ago=4, customer=customer)
    delivery(store_a, ago=3, customer=customer)
    generate(store_a.pk, DAY)
    asked = list(
        Revisit.objects.order_by("due_on").values_list("questionnaire_version__questionnaire__code", flat=True)
    )
    assert asked == ["SSI", "DLV_D1"]


def test_an_open_complaint_turns_the_call_into_a_progress_call(store_a):
    fact = order(store_a)
    ComplaintFactory(store=store_a, customer=fact.customer, vehicle=fact.vehicle)
    generate(store_a.pk, DAY)
    task = only("SVC_D3")
    assert (task.state, task.reason, task.questionnaire_version) == (State.DUE, "progress_call", None)


# ---- complaints ------------------------------------------------------------------------------------------------------


def solved_complaint(store, ago: int = 1, **values):
    customer = customer_with_phone(store)
    return ComplaintFactory(
        store=store, customer=customer, state=ComplaintState.CONFIRMING, solved_at=NOON - days(ago), round=1, **values
    )


def test_a_solved_complaint_is_confirmed_by_a_call_the_next_day(store_a):
    ticket = solved_complaint(store_a)
    generate(store_a.pk, DAY)
    task = only("CMP_CFM")
    assert task.anchor_key == f"complaint:{ticket.pk}:solved:1"
    assert (task.due_on, task.expires_on) == (DAY, DAY + days(1))
    assert task.questionnaire_version.questionnaire.code == "CMP_CFM"
    assert generate(store_a.pk, DAY).made == 0


def test_a_second_solution_is_a_second_call_and_ends_the_first(store_a):
    ticket = solved_complaint(store_a)
    generate(store_a.pk, DAY)
    type(ticket).objects.filter(pk=ticket.pk).update(round=2, solved_at=NOON)
    generate(store_a.pk, DAY + days(1))
    assert list(Revisit.objects.order_by("pk").values_list("anchor_key", "state")) == [
        (f"complaint:{ticket.pk}:solved:1", "cancelled"),
        (f"complaint:{ticket.pk}:solved:2", "due"),
    ]


def test_a_closed_complaint_is_checked_after_thirty_days_where_the_rule_is_on(store_a):
    turn_on("CMP_D30")
    customer = customer_with_phone(store_a)
    ComplaintFactory(store=store_a, customer=customer, state=ComplaintState.CLOSED, closed_at=NOON - days(30), round=1)
    generate(store_a.pk, DAY)
    assert only("CMP_D30").state == State.DUE


# ---- too late --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("over", "tries", "state", "reason"),
    [(1, 0, "due", ""), (14, 2, "due", ""), (1, 3, "failed", "not_reached"), (15, 0, "failed", "expired")],
)
def test_overdue_calls_stay_callable_for_two_weeks_unless_tried_out(store_a, over, tries, state, reason):
    delivery(store_a)
    generate(store_a.pk, DAY)
    Revisit.objects.update(tries_made=tries)
    generate(store_a.pk, DAY + days(3 + over))
    task = only("DLV_D3")
    assert (task.state, task.reason) == (state, reason)


# ---- versions and stores ---------------------------------------------------------------------------------------------


def test_a_changed_rule_loses_no_day_and_calls_none_twice(store_a):
    """D3 until the 15th, D1 from the 16th: every delivery of two weeks is due exactly once."""
    version = RuleVersion.objects.get(rule__code="DLV_D3")
    RuleVersion.objects.filter(pk=version.pk).update(effective_until=DAY - days(1))
    version.pk, version.number, version.offset_days = None, 2, 1
    version.effective_from = DAY
    version.save(force_insert=True)
    facts = [delivery(store_a, ago) for ago in range(14)]
    for ahead in range(-14, 3):
        generate(store_a.pk, DAY + days(ahead))
    tasks = Revisit.objects.filter(rule__code="DLV_D3")
    assert {task.delivery_id for task in tasks} == {fact.pk for fact in facts}
    assert tasks.count() == len(facts)


def test_a_stores_own_rule_replaces_the_companys(store_a):
    company = RevisitRule.objects.get(code="DLV_D3", store=None)
    own = RevisitRule.objects.create(store=store_a, code="DLV_D3", label_zh="自", label_en="own", priority=1)
    version = company.versions.get()
    version.pk, version.rule, version.offset_days = None, own, 5
    version.save(force_insert=True)
    delivery(store_a, ago=3)
    early = delivery(store_a, ago=5)
    generate(store_a.pk, DAY)
    assert only("DLV_D3").delivery == early
    assert only("DLV_D3").rule == own


def test_the_run_is_on_record(store_a):
    delivery(store_a)
    generate(store_a.pk, DAY)
    run = GenerationRun.objects.get()
    assert (run.store, run.day, run.made) == (store_a, DAY, 1)


def test_the_number_of_queries_does_not_grow_with_the_facts(store_a):
    def queries(facts: int) -> int:
        for _ in range(facts):
            delivery(store_a)
            order(store_a)
        with CaptureQueriesContext(connection) as captured:
            generate(store_a.pk, DAY)
        return len(captured)

    queries(1)  # the first run of a store asks less: it finds nothing open to bring up to date
    assert queries(3) == queries(30)
