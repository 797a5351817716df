"""All 17 call results, saved: state, tries, the next moment, the number, and what the archive learns (domain 4.4)."""

from datetime import timedelta

import pytest

from crm_site.core import clock
from crm_site.core.errors import RuleBroken
from customers.models import ContactBan, Vehicle
from revisits.models import CallAttempt, CallResult, State
from tests.factories import DAY, PhoneFactory
from tests.revisits.calls import NOON, after, save, service_task

pytestmark = pytest.mark.django_db

TODAY_14_30 = clock.at(DAY, 14, 30)
TOMORROW_14_30 = clock.at(DAY + timedelta(days=1), 14, 30)
AGREED = clock.at(DAY, 20, 15)

#: not in the quiet hours, so that another number may be dialled at once
MORNING = clock.at(DAY, 10)
#: result -> state, tries used up, from when it may be called again
FIRST_TIME = {
    "SUCCESS": (State.DONE, 1, None),
    "PARTIAL": (State.IN_PROGRESS, 1, TODAY_14_30),
    "HUNG_UP": (State.IN_PROGRESS, 1, TODAY_14_30),
    "RESCHED": (State.IN_PROGRESS, 0, AGREED),
    "LATER": (State.IN_PROGRESS, 1, TODAY_14_30),
    "REFUSED": (State.FAILED, 1, None),
    "NOT_OWNER": (State.IN_PROGRESS, 1, TODAY_14_30),
    "SOLD": (State.CANCELLED, 1, None),
    "NO_ANSWER": (State.IN_PROGRESS, 1, TODAY_14_30),
    "BUSY": (State.IN_PROGRESS, 0, TODAY_14_30),
    "REJECTED": (State.IN_PROGRESS, 1, None),
    "POWER_OFF": (State.IN_PROGRESS, 1, None),
    "UNREACH": (State.IN_PROGRESS, 1, TODAY_14_30),
    "VOICEMAIL": (State.IN_PROGRESS, 1, TODAY_14_30),
    "SUSPENDED": (State.NO_NUMBER, 0, None),
    "VACANT": (State.NO_NUMBER, 0, None),
    "WRONG_NO": (State.NO_NUMBER, 0, None),
}


def test_every_result_of_the_keypad_is_in_the_table():
    assert set(FIRST_TIME) == set(CallResult.objects.filter(store=None).values_list("code", flat=True))


@pytest.mark.parametrize("code", sorted(FIRST_TIME))
def test_a_result_leads_the_task_where_the_table_says(store_a, specialist_a, code):
    task = service_task(store_a)
    made = save(task, specialist_a, code, agreed_at=AGREED)
    state, tries, again = FIRST_TIME[code]
    assert (task.state, task.tries_made) == (state, tries)
    if again:
        assert task.not_before == again
    if code in {"REJECTED", "POWER_OFF"}:
        assert clock.business_day(task.not_before) == DAY + timedelta(days=1)
    assert (made.result.code, made.by, made.called_on) == (code, specialist_a.employee, DAY)
    assert (task.last_result.code, task.last_attempt_at, task.first_attempt_on) == (code, after(3), DAY)
    assert task.claimed_by is None
    assert task.lease_until is None
    assert (task.ended_at is None) == task.is_open


def test_only_a_promise_is_personal(store_a, specialist_a):
    task = service_task(store_a)
    save(task, specialist_a, "RESCHED", agreed_at=AGREED)
    assert (task.promised_at, task.promised_by) == (AGREED, specialist_a.employee)
    save(task, specialist_a, "NO_ANSWER", started_at=AGREED, at=AGREED + timedelta(minutes=1))
    assert (task.promised_at, task.promised_by) == (None, None)


@pytest.mark.parametrize(
    ("agreed_at", "code"),
    [
        (None, "missing"),
        (NOON - timedelta(hours=1), "past"),
        (clock.at(DAY, 21, 30), "hours"),
        (NOON + timedelta(days=61), "too_far"),
    ],
)
def test_a_promise_lies_ahead_and_between_8_and_21(store_a, specialist_a, agreed_at, code):
    task = service_task(store_a)
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, "RESCHED", agreed_at=agreed_at)
    assert (refused.value.code, refused.value.field) == (code, "agreed_at")
    assert not CallAttempt.objects.exists()


def test_the_third_failure_ends_the_task_and_asks_reception_for_the_number(store_a, specialist_a):
    task = service_task(store_a)
    for minutes in (0, 200, 1500):
        save(task, specialist_a, "NO_ANSWER", started_at=after(minutes), at=after(minutes + 1))
    assert (task.state, task.reason, task.tries_made) == (State.FAILED, "not_reached", 3)
    assert task.ended_on == DAY + timedelta(days=1)


def test_busy_is_a_try_from_the_second_time_on(store_a, specialist_a):
    task = service_task(store_a)
    for minutes, tries in ((0, 0), (200, 1)):
        save(task, specialist_a, "BUSY", started_at=after(minutes), at=after(minutes + 1))
        assert task.tries_made == tries


@pytest.mark.parametrize("code", ["SUSPENDED", "VACANT", "WRONG_NO"])
def test_a_bad_number_is_marked_and_the_next_one_dialled_at_once(store_a, specialist_a, code):
    task = service_task(store_a, numbers=2)
    first = task.phone
    save(task, specialist_a, code, started_at=MORNING, at=MORNING)
    first.refresh_from_db()
    assert (first.bad_since, first.bad_reason) == (DAY, code)
    assert (task.state, task.tries_made, task.not_before) == (State.IN_PROGRESS, 0, None)
    assert task.phone.customer_id == first.customer_id
    assert task.phone.pk != first.pk


def test_without_another_number_the_task_waits_for_one(store_a, specialist_a):
    task = service_task(store_a)
    save(task, specialist_a, "VACANT")
    assert (task.state, task.reason) == (State.NO_NUMBER, "bad_numbers")


def test_the_wrong_person_leads_to_the_next_number_and_keeps_this_one(store_a, specialist_a):
    task = service_task(store_a, numbers=2)
    first = task.phone
    save(task, specialist_a, "NOT_OWNER")
    first.refresh_from_db()
    assert first.bad_since is None
    assert task.phone.pk != first.pk
    save(task, specialist_a, "NOT_OWNER", started_at=after(5), at=after(6))
    assert task.not_before is not None  # both reached somebody else: later, not round in circles


def test_the_right_person_is_written_down_and_dialled_next(store_a, specialist_a):
    task = service_task(store_a, numbers=2)
    told = {"contact_name": "王师傅", "contact_phone": "13912345678"}
    save(task, specialist_a, "NOT_OWNER", started_at=MORNING, at=MORNING, **told)
    contact = task.customer.contacts.get()
    assert (contact.name, contact.identity) == ("王师傅", "bringer")
    assert task.phone.contact == contact
    assert (task.phone.number, task.not_before) == ("13912345678", None)


def test_a_number_alone_is_kept_and_dialled_next(store_a, specialist_a):
    task = service_task(store_a)
    save(task, specialist_a, "NOT_OWNER", contact_phone="13912345678")
    assert task.phone.number == "13912345678"
    assert task.phone.contact is None


def test_a_car_sold_on_is_marked(store_a, specialist_a):
    task = service_task(store_a)
    save(task, specialist_a, "SOLD")
    assert Vehicle.objects.get(pk=task.vehicle_id).state == Vehicle.State.SOLD
    assert task.reason == "vehicle_sold"


@pytest.mark.parametrize("wants", [True, False])
def test_who_refuses_is_marked_only_if_the_customer_wants_it(store_a, specialist_a, wants):
    task = service_task(store_a)
    save(task, specialist_a, "REFUSED", refuses_calls=wants, note="不要再打")
    bans = ContactBan.objects.filter(customer=task.customer, purpose="revisit")
    assert bans.count() == int(wants)
    assert task.reason == "refused"


def test_a_number_of_another_customer_is_refused(store_a, specialist_a):
    task = service_task(store_a)
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, "NO_ANSWER", phone_id=PhoneFactory(customer__store=store_a).pk)
    assert refused.value.field == "phone"


def test_an_unknown_result_is_refused(store_a, specialist_a):
    task = service_task(store_a)
    with pytest.raises(RuleBroken) as refused:
        save(task, specialist_a, "PERHAPS")
    assert refused.value.field == "result"
