"""Stop facts: what ends an open call at night, when it is taken and when its page opens, and what brings it back."""

import uuid
from datetime import date, timedelta

import pytest
from django.db.models import F

from complaints.models import Complaint
from crm_site.core import clock
from customers.models import Booking, Customer, Delivery, RepairOrder, Vehicle, VehicleRole
from revisits import actions, queries
from revisits.generator import forecasts, generate
from revisits.models import CallAttempt, CallResult, Revisit, RuleVersion, State
from revisits.moot import fact_against, stop_now
from revisits.stops import with_stop
from satisfaction.actions import exclude_response
from tests.factories import (
    DAY,
    NOON,
    ComplaintFactory,
    ContactBanFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.satisfaction.surveys import given, respond, short_answers

pytestmark = pytest.mark.django_db

LONG_AGO = NOON - timedelta(days=900)


def days(count: int) -> timedelta:
    return timedelta(days=count)


#: rule -> the stored days of a car for which it is due on DAY
DUE = {
    "FS_REMIND": {"first_service_on": DAY + days(15)},
    "MT_REMIND": {"next_maintenance_on": DAY + days(10), "last_seen_on": DAY - days(170)},
    "LOST_6M": {"next_maintenance_on": DAY - days(60), "last_seen_on": DAY - days(240)},
    "LOST_12M": {"last_seen_on": DAY - days(365)},
    "INS_30": {"insurance_until": DAY + days(30)},
    "INSP_45": {"inspection_due_on": DAY + days(45)},
    "WTY_30": {"warranty_until": DAY + days(30)},
}


@pytest.fixture
def due_call(store_a):
    """due_call("INS_30") -> the only call of a car that is due for it, made by the generator."""

    def make(code: str) -> Revisit:
        RuleVersion.objects.exclude(rule__code=code).update(is_on=False)
        RuleVersion.objects.filter(rule__code=code).update(is_on=True)
        owner = CustomerFactory(store=store_a, marketing_consent=True)
        PhoneFactory(customer=owner)
        car = VehicleFactory(store=store_a, created_at=LONG_AGO, **DUE[code])
        VehicleRoleFactory(vehicle=car, customer=owner)
        generate(store_a.pk, DAY)
        task = Revisit.objects.get()
        assert task.state == State.DUE
        return task

    return make


def tried(task: Revisit, person) -> None:
    """Somebody has called once and reached nobody."""
    CallAttempt.objects.create(
        store=task.store, revisit=task, by=person.employee, started_at=NOON, ended_at=NOON, called_on=DAY,
        result=CallResult.objects.get(code="NO_ANSWER", store=None), submission=uuid.uuid4(),
    )  # fmt: skip
    Revisit.objects.filter(pk=task.pk).update(first_attempt_on=DAY, tries_made=1, state=State.IN_PROGRESS)


def change_car(task: Revisit, **values) -> None:
    Vehicle.objects.filter(pk=task.vehicle_id).update(**values)


def came(task: Revisit) -> None:
    change_car(task, last_visit_on=DAY, last_seen_on=DAY, next_maintenance_on=DAY + days(180))


def book(task: Revisit) -> None:
    Booking.objects.create(store=task.store, vehicle=task.vehicle, wanted_on=DAY + days(4), created_at=NOON)


def sell_to_another(task: Revisit) -> None:
    VehicleRole.objects.filter(vehicle=task.vehicle, role="owner").update(until=DAY)
    VehicleRoleFactory(vehicle=task.vehicle, customer=PhoneFactory(customer__store=task.store).customer, since=DAY)


STOPS = [
    *((code, came, "came_back", State.DONE) for code in ("FS_REMIND", "MT_REMIND", "LOST_6M", "LOST_12M")),
    *((code, book, "booked", State.DONE) for code in ("FS_REMIND", "MT_REMIND", "LOST_6M", "LOST_12M")),
    ("INS_30", lambda task: change_car(task, insurance_until=DAY + days(395)), "renewed", State.DONE),
    ("INSP_45", lambda task: change_car(task, inspection_due_on=DAY + days(775)), "inspected", State.DONE),
    ("WTY_30", lambda task: change_car(task, warranty_until=DAY + days(395)), "extended", State.DONE),
    ("INS_30", lambda task: change_car(task, insurance_until=DAY - days(5)), "date_moved", State.CANCELLED),
    ("INS_30", lambda task: change_car(task, insurance_until=None), "date_moved", State.CANCELLED),
    ("MT_REMIND", lambda task: change_car(task, next_maintenance_on=None), "date_moved", State.CANCELLED),
    ("MT_REMIND", lambda task: change_car(task, last_seen_on=DAY - days(400)), "date_moved", State.CANCELLED),
    ("MT_REMIND", lambda task: change_car(task, state="sold"), "vehicle_sold", State.CANCELLED),
    ("INS_30", lambda task: change_car(task, state="scrapped"), "vehicle_scrapped", State.CANCELLED),
    *((code, sell_to_another, "owner_changed", State.CANCELLED) for code in ("FS_REMIND", "INS_30", "LOST_12M")),
    (
        "INS_30",
        lambda task: Customer.objects.filter(pk=task.customer_id).update(marketing_consent=False),
        "no_consent",
        State.EXCUSED,
    ),
    (
        "MT_REMIND",
        lambda task: Customer.objects.filter(pk=task.customer_id).update(restricted=True),
        "restricted",
        State.EXCUSED,
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "happens", "reason", "state_if_called"), STOPS)
@pytest.mark.parametrize("called", [False, True])
def test_a_stop_fact_ends_the_call_at_night_and_before_it_is_made(
    store_a, specialist_a, due_call, code, happens, reason, state_if_called, called
):
    """The reminder counts as successful where it was tried and what it asks for has come about."""
    task = due_call(code)
    if called:
        tried(task, specialist_a)
    assert stop_now(queries.for_desk().get(pk=task.pk), DAY) is None
    happens(task)
    stopped = stop_now(queries.for_desk().get(pk=task.pk), DAY)
    generate(store_a.pk, DAY + days(1))
    task.refresh_from_db()
    uncalled = State.EXCUSED if state_if_called == State.EXCUSED else State.CANCELLED
    assert (task.state, task.reason) == (state_if_called if called else uncalled, reason)
    assert stopped == (task.state, task.reason)
    assert task.ended_on == DAY + days(1)


def void_order(task: Revisit) -> None:
    RepairOrder.objects.filter(pk=task.repair_order_id).update(state="void", released_on=None)


def reopen_order(task: Revisit) -> None:
    RepairOrder.objects.filter(pk=task.repair_order_id).update(state="open", released_on=None)


def hold_order(task: Revisit) -> None:
    RepairOrder.objects.filter(pk=task.repair_order_id).update(released_on=None)


def return_car(task: Revisit) -> None:
    Delivery.objects.filter(pk=task.delivery_id).update(returned_on=DAY)


def sell_after_the_fact(task: Revisit) -> None:
    VehicleRoleFactory(vehicle=task.vehicle, customer=CustomerFactory(store=task.store), since=task.anchor_on + days(1))


def sell_before_the_fact(task: Revisit) -> None:
    VehicleRoleFactory(vehicle=task.vehicle, customer=CustomerFactory(store=task.store), since=task.anchor_on)


def reopen_complaint(task: Revisit) -> None:
    Complaint.objects.filter(pk=task.complaint_id).update(state="reopened")


def put_forward_again(task: Revisit) -> None:
    Complaint.objects.filter(pk=task.complaint_id).update(round=F("round") + 1)


def answer_face_to_face(task: Revisit) -> None:
    occasion = {"order": task.repair_order} if task.repair_order_id else {"delivery": task.delivery}
    respond(task.store, channel="tablet", **occasion)


def answer_too_little(task: Revisit) -> None:
    respond(task.store, channel="tablet", order=task.repair_order, answers=short_answers(None, overall=9))


def answer_by_telephone(task: Revisit) -> None:
    respond(task.store, order=task.repair_order)


ALIKE = [
    *((kind, happens, reason) for kind in ("order", "both") for happens, reason in (
        (void_order, "order_void"), (reopen_order, "order_reopened"), (hold_order, "order_reopened"),
    )),
    *((kind, return_car, "delivery_returned") for kind in ("delivery", "both")),
    *((kind, happens, reason) for kind in ("order", "delivery", "both") for happens, reason in (
        (sell_after_the_fact, "owner_changed"), (sell_before_the_fact, None),
    )),
    *((kind, answer_face_to_face, "answered") for kind in ("order", "delivery", "both")),
    ("order", answer_too_little, None),
    ("order", answer_by_telephone, None),
    ("complaint", reopen_complaint, "complaint_moved_on"),
    ("complaint", put_forward_again, "complaint_moved_on"),
    ("complaint", lambda _task: None, None),
    *(("complaint", lambda task, to=to: change_car(task, state=to), None) for to in ("sold", "scrapped")),
    *(("order", lambda task, to=to: change_car(task, state=to), f"vehicle_{to}") for to in ("sold", "scrapped")),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "happens", "reason"), ALIKE)
def test_one_call_and_many_are_judged_alike(store_a, kind, happens, reason):
    """moot.py decides from rows what stops.py lets the database find."""
    car = VehicleFactory(store=store_a)
    owner = CustomerFactory(store=store_a)
    given: dict = {}
    if kind in {"order", "both"}:
        given["repair_order"] = RepairOrderFactory(vehicle=car, customer=owner)
    if kind in {"delivery", "both"}:
        given["delivery"] = DeliveryFactory(vehicle=car, customer=owner)
    if kind == "complaint":
        ticket = ComplaintFactory(store=store_a, customer=owner, vehicle=car, state="confirming")
        given |= {"complaint": ticket, "anchor_key": f"complaint:{ticket.pk}:solved:{ticket.round}"}
    version = RuleVersion.objects.filter(anchor="complaint_solved" if kind == "complaint" else "order").first()
    task = Revisit.objects.create(
        **{"store": store_a, "rule": version.rule, "rule_version": version, "anchor_key": "x:1", "anchor_on": DAY,
           "vehicle": car, "customer": owner, "due_on": DAY, "expires_on": DAY, "priority": 30,
           "created_at": NOON} | given,
    )  # fmt: skip
    happens(task)
    assert fact_against(queries.to_claim(task.pk), DAY) == reason
    assert with_stop(Revisit.objects.filter(pk=task.pk), DAY).get().stop == reason


def test_taking_the_next_call_ends_those_that_have_become_moot(store_a, specialist_a, due_call):
    task = due_call("MT_REMIND")
    book(task)
    assert actions.claim_next(specialist_a.employee, "specialist", now=NOON, today=DAY) is None
    task.refresh_from_db()
    assert (task.state, task.reason) == (State.CANCELLED, "booked")


def test_the_new_owner_is_called_for_the_same_day(store_a, due_call):
    task = due_call("INSP_45")
    key = task.anchor_key
    sell_to_another(task)
    generate(store_a.pk, DAY + days(1))
    former, new = Revisit.objects.order_by("pk")
    assert (former.state, former.reason, former.anchor_key) == (
        State.CANCELLED,
        "owner_changed",
        f"{key}:was:{task.pk}",
    )
    assert (new.state, new.anchor_key, new.due_on) == (State.DUE, key, DAY)
    assert new.customer != former.customer
    assert generate(store_a.pk, DAY + days(1)).made == 0


def test_a_claimed_call_of_a_former_owner_frees_the_occasion_too(store_a, specialist_a, due_call):
    task = due_call("INSP_45")
    sell_to_another(task)
    assert actions.claim_next(specialist_a.employee, "specialist", now=NOON, today=DAY) is None
    assert generate(store_a.pk, DAY).made == 1


def test_a_visit_is_asked_about_no_more_once_the_car_is_anothers(store_a):
    order = RepairOrderFactory(vehicle=VehicleFactory(store=store_a))
    PhoneFactory(customer=order.customer)
    VehicleRoleFactory(
        vehicle=order.vehicle, customer=CustomerFactory(store=store_a), since=order.released_on + days(1)
    )
    generate(store_a.pk, DAY)
    task = Revisit.objects.get()
    assert (task.state, task.reason) == (State.CANCELLED, "owner_changed")


def test_whoever_bought_the_car_before_the_visit_is_no_new_owner(store_a):
    order = RepairOrderFactory(vehicle=VehicleFactory(store=store_a))
    PhoneFactory(customer=order.customer)
    VehicleRoleFactory(vehicle=order.vehicle, customer=CustomerFactory(store=store_a), since=order.released_on)
    generate(store_a.pk, DAY)
    assert Revisit.objects.get().state == State.DUE


def test_a_car_in_the_workshop_waits_for_its_release(store_a, specialist_a, due_call):
    task = due_call("INSP_45")
    RepairOrderFactory(
        vehicle=task.vehicle,
        state="open",
        handed_back_on=None,
        checked_in_on=DAY,
        recorded_on=DAY,
        customer=task.customer,
    )
    generate(store_a.pk, DAY)
    assert actions.claim_next(specialist_a.employee, "specialist", now=NOON, today=DAY) is None
    task.refresh_from_db()
    assert task.state == State.DUE


# ---- what turns out not to be so -------------------------------------------------------------------------------------

BACK = [
    ("MT_REMIND", book, lambda task: Booking.objects.update(state="missed")),
    (
        "MT_REMIND",
        came,
        lambda task: change_car(task, last_seen_on=DAY - days(170), next_maintenance_on=DAY + days(10)),
    ),
    (
        "INS_30",
        lambda task: change_car(task, insurance_until=DAY + days(395)),
        lambda task: change_car(task, insurance_until=DAY + days(30)),
    ),
]


@pytest.mark.parametrize(("code", "happens", "undone"), BACK)
def test_a_call_comes_back_when_its_stop_fact_is_undone(store_a, due_call, code, happens, undone):
    task = due_call(code)
    happens(task)
    generate(store_a.pk, DAY + days(1))
    undone(task)
    generate(store_a.pk, DAY + days(2))
    again = Revisit.objects.get()
    assert (again.anchor_key, again.state, again.due_on) == (task.anchor_key, State.DUE, DAY)


# ---- forecasts that move ---------------------------------------------------------------------------------------------


def test_an_untouched_call_moves_with_its_forecast(store_a, due_call):
    task = due_call("MT_REMIND")
    change_car(task, next_maintenance_on=DAY + days(5))
    generate(store_a.pk, DAY + days(1))
    task.refresh_from_db()
    # the desk is closed from the 25th to the 27th
    assert (task.anchor_on, task.due_on, task.expires_on) == (DAY + days(5), DAY - days(5), DAY + days(8))


def test_a_forecast_that_moves_away_takes_its_call_along_until_its_day(store_a, due_call):
    task = due_call("MT_REMIND")
    change_car(task, next_maintenance_on=DAY + days(30))
    generate(store_a.pk, DAY + days(1))
    assert not Revisit.objects.exists()
    for ahead in range(2, 22):
        generate(store_a.pk, DAY + days(ahead))
    again = Revisit.objects.get()
    assert (again.anchor_key, again.due_on) == (task.anchor_key, date(2026, 9, 30))  # closed from 1 to 7 October


def test_a_call_that_was_tried_keeps_its_days(store_a, specialist_a, due_call):
    task = due_call("MT_REMIND")
    tried(task, specialist_a)
    change_car(task, next_maintenance_on=DAY + days(30))
    generate(store_a.pk, DAY + days(1))
    task.refresh_from_db()
    assert (task.state, task.due_on) == (State.IN_PROGRESS, DAY)
    assert Revisit.objects.count() == 1


def take_in_hand(task, person) -> None:
    now = clock.now()
    Revisit.objects.filter(pk=task.pk).update(
        claimed_by=person.employee, claimed_at=now, lease_until=now + timedelta(minutes=15)
    )


def test_a_call_that_somebody_takes_while_its_forecast_is_looked_at_stays(store_a, specialist_a, due_call, monkeypatch):
    task = due_call("MT_REMIND")
    change_car(task, next_maintenance_on=DAY + days(30))
    looked = forecasts._days

    def look_while_it_is_taken(*args):
        take_in_hand(task, specialist_a)
        return looked(*args)

    monkeypatch.setattr(forecasts, "_days", look_while_it_is_taken)
    generate(store_a.pk, DAY + days(1))
    task.refresh_from_db()
    assert task.claimed_by == specialist_a.employee


def test_a_call_without_a_number_that_somebody_has_in_hand_is_not_made_anew(store_a, specialist_a):
    vehicle = VehicleFactory(store=store_a, created_at=LONG_AGO, **DUE["MT_REMIND"])
    generate(store_a.pk, DAY)
    task = Revisit.objects.get(vehicle=vehicle)
    assert task.state == State.NO_NUMBER
    take_in_hand(task, specialist_a)
    VehicleRoleFactory(vehicle=vehicle, customer=PhoneFactory(customer=CustomerFactory(store=store_a)).customer)
    generate(store_a.pk, DAY)
    assert Revisit.objects.get(vehicle=vehicle).pk == task.pk


def test_what_was_joined_to_a_call_that_ended_in_that_moment_stands_alone(store_a, due_call):
    task = due_call("MT_REMIND")
    other = going_along(task)
    Revisit.objects.filter(pk=task.pk).update(state=State.DONE, ended_on=DAY, ended_at=NOON)
    generate(store_a.pk, DAY)
    other.refresh_from_db()
    assert (other.head, other.joined_as, other.state) == (None, "", State.DUE)


def going_along(head: Revisit) -> Revisit:
    """Another car of the same customer, called together with a call."""
    car = VehicleFactory(store=head.store, created_at=LONG_AGO, **DUE[head.rule.code])
    VehicleRoleFactory(vehicle=car, customer=head.customer)
    generate(head.store_id, DAY)
    task = Revisit.objects.get(vehicle=car)
    assert (task.head, task.joined_as) == (head, "purpose")
    return task


def test_what_goes_along_is_not_lost_with_a_forecast_that_moves_away(store_a, due_call):
    task = due_call("MT_REMIND")
    other = going_along(task)
    change_car(task, next_maintenance_on=DAY + days(30))
    generate(store_a.pk, DAY + days(1))
    other.refresh_from_db()
    assert (other.head, other.joined_as, other.state) == (None, "", State.DUE)
    assert not Revisit.objects.filter(pk=task.pk).exists()


@pytest.mark.parametrize("ended", ["at night", "when taken"])
def test_what_went_along_with_a_call_that_ends_stands_alone_again(store_a, specialist_a, due_call, ended):
    task = due_call("INSP_45")
    other = going_along(task)
    last = going_along(task)
    change_car(task, inspection_due_on=DAY + days(700))
    if ended == "at night":
        generate(store_a.pk, DAY + days(1))
    else:
        actions.claim_next(specialist_a.employee, "specialist", now=NOON, today=DAY)
    other.refresh_from_db()
    last.refresh_from_db()
    assert (other.head, other.joined_as, other.state) == (None, "", State.DUE)
    assert (last.head, last.joined_as) == (other, "purpose")


# ---- over ------------------------------------------------------------------------------------------------------------


def test_a_reminder_is_not_made_after_its_own_limit(store_a, due_call):
    task = due_call("INS_30")
    late = task.expires_on + days(1)
    assert stop_now(queries.for_desk().get(pk=task.pk), late) == (State.FAILED, "expired")
    generate(store_a.pk, late)
    task.refresh_from_db()
    assert (task.state, task.reason) == (State.FAILED, "expired")


def test_a_time_that_the_customer_named_is_kept_beyond_the_limit(store_a, specialist_a, due_call):
    task = due_call("INS_30")
    Revisit.objects.filter(pk=task.pk).update(promised_at=NOON + days(400), promised_by=specialist_a.employee)
    late = task.expires_on + days(1)
    assert stop_now(queries.for_desk().get(pk=task.pk), late) is None
    generate(store_a.pk, late)
    task.refresh_from_db()
    assert task.state == State.DUE


def test_a_number_that_another_call_found_bad_is_not_dialled(store_a, specialist_a, due_call):
    task = due_call("MT_REMIND")
    task.phone.bad_since = DAY
    task.phone.save(update_fields=["bad_since"])
    assert actions.claim_next(specialist_a.employee, "specialist", now=NOON, today=DAY) is None
    task.refresh_from_db()
    assert (task.state, task.reason, task.ended_on, task.claimed_by) == (State.NO_NUMBER, "bad_numbers", None, None)


def test_the_next_number_takes_the_place_of_a_bad_one(store_a, due_call):
    task = due_call("MT_REMIND")
    second = PhoneFactory(customer=task.customer, rank=2)
    task.phone.bad_since = DAY
    task.phone.save(update_fields=["bad_since"])
    generate(store_a.pk, DAY + days(1))
    task.refresh_from_db()
    assert (task.state, task.phone) == (State.DUE, second)


def test_a_delivery_is_no_reminder_and_may_be_overdue(store_a):
    delivery = DeliveryFactory(vehicle=VehicleFactory(store=store_a))
    PhoneFactory(customer=delivery.customer)
    generate(store_a.pk, DAY)
    task = Revisit.objects.get(rule__code="DLV_D3")
    assert stop_now(queries.for_desk().get(pk=task.pk), task.expires_on + days(3)) is None


@pytest.mark.parametrize("when", ["at night", "when taken"])
def test_a_refusal_of_somebody_else_at_the_number_in_another_store_binds_it(
    store_a, store_b, specialist_a, due_call, when
):
    task = due_call("MT_REMIND")
    there = PhoneFactory(customer__store=store_b, number=task.phone.number).customer
    ContactBanFactory(customer=there, purpose="revisit", since=DAY)
    if when == "at night":
        generate(store_a.pk, DAY)
    else:
        assert actions.claim_next(specialist_a.employee, "specialist", now=NOON, today=DAY) is None
    task.refresh_from_db()
    assert (task.state, task.reason) == (State.EXCUSED, "refuses_calls")


# ---- answered face to face -------------------------------------------------------------------------------------------


@pytest.fixture
def visit(store_a):
    """A visit whose customer can be called."""
    order = RepairOrderFactory(vehicle=VehicleFactory(store=store_a))
    PhoneFactory(customer=order.customer)
    return order


def test_what_was_answered_before_the_call_is_due_is_not_asked_by_telephone(store_a, visit):
    respond(store_a, channel="tablet", order=visit)
    generate(store_a.pk, DAY)
    task = Revisit.objects.get()
    assert (task.state, task.reason) == (State.CANCELLED, "answered")
    assert generate(store_a.pk, DAY).made == 0


def test_answers_found_false_bring_the_call_back(store_a, visit, manager_a):
    response = respond(store_a, channel="tablet", order=visit)
    generate(store_a.pk, DAY)
    exclude_response(response.pk, reason="员工自己填的", by=manager_a.employee, at=NOON)
    generate(store_a.pk, DAY + days(1))
    assert Revisit.objects.get().state == State.DUE


def test_a_progress_call_is_made_all_the_same(store_a, visit):
    ComplaintFactory(store=store_a, customer=visit.customer, vehicle=visit.vehicle, state="accepted")
    respond(store_a, channel="tablet", order=visit)
    generate(store_a.pk, DAY)
    task = Revisit.objects.get()
    assert (task.state, task.reason) == (State.DUE, "progress_call")
    assert stop_now(queries.for_desk().get(pk=task.pk), DAY) is None


@pytest.mark.parametrize(("code", "asked"), [("CSI", "DLV_D1"), ("CSI_SHORT", "SSI")])
def test_a_long_form_answered_face_to_face_makes_the_next_one_short(store_a, visit, code, asked):
    answers = [given("overall", 9)] if code == "CSI" else None
    respond(store_a, channel="tablet", order=visit, code=code, answers=answers)
    RuleVersion.objects.exclude(rule__code="DLV_D3").update(is_on=False)
    DeliveryFactory(vehicle=VehicleFactory(store=store_a), customer=visit.customer)
    generate(store_a.pk, DAY)
    assert Revisit.objects.get().questionnaire_version.questionnaire.code == asked
