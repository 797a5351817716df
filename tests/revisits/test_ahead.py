"""The start of a shift and the days ahead: as the generator would make them, and every figure opens its list."""

from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from crm_site.core import clock
from crm_site.jobs.models import Job
from crm_site.jobs.models import State as JobState
from crm_site.worktime.models import Absence, DeskRota
from revisits.actions.ahead import KIND, look_ahead
from revisits.generator import generate
from revisits.generator.dry import dry_run
from revisits.models import CallerSettings, DeskSettings, Revisit, State
from revisits.queries import ahead
from tests.factories import CustomerFactory, DeliveryFactory, PhoneFactory, VehicleFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def today():
    return clock.today()


@pytest.fixture
def store(store_a):
    """A store whose desk calls every day."""
    for weekday in range(7):
        DeskRota.objects.create(store=store_a, weekday=weekday, works=True, begins="08:30", ends="18:00")
    return store_a


def deliver(store, on):
    customer = CustomerFactory(store=store)
    PhoneFactory(customer=customer)
    return DeliveryFactory(
        store=store, vehicle=VehicleFactory(store=store), customer=customer, delivered_on=on, recorded_on=on
    )


def look(store, today) -> Job:
    now = clock.now()
    return Job.objects.create(
        store=store, kind=KIND, key=f"{store.pk}:{today}", state=JobState.DONE, result=look_ahead(store.pk, today),
        created_at=now, due_at=now, ended_at=now,
    )  # fmt: skip


def test_the_days_ahead_are_what_the_generator_then_makes(store, today):
    for ago in (0, 0, 1, 2):
        deliver(store, today - timedelta(days=ago))
    found = look_ahead(store.pk, today)
    dials = [task for task in dry_run(store.pk, today + timedelta(days=ahead.DAYS), today).tasks if task.is_dial]
    assert sum(sum(rules.values()) for rules in found["counts"].values()) == len(dials) == len(found["calls"])
    assert not Revisit.objects.exists()  # a rehearsal leaves nothing
    made = {}
    for day in (today + timedelta(days=count) for count in range(1, ahead.DAYS + 1)):
        generate(store.pk, day, today=day)
        rows = Revisit.objects.filter(due_on=day, rule__code="DLV_D3", state=State.DUE)
        made[f"{day}"] = rows.count()
    assert {day: rules.get("DLV_D3", 0) for day, rules in found["counts"].items()} == made
    assert sum(made.values()) == 4


def test_every_figure_opens_exactly_its_calls(store, today, specialist_a, as_):
    facts = [deliver(store, today - timedelta(days=1)) for _ in range(3)]
    look(store, today)
    lines = as_(specialist_a).get(reverse("revisits:shift")).context["forecast"]["lines"]
    (line,) = [line for line in lines if line["due"]]
    page = as_(specialist_a).get(line["due_url"])
    assert line["due"] == len(page.context["lines"]) == page.context["count"] == 3
    assert {row["customer"] for row in page.context["lines"]} == {fact.customer for fact in facts}


def test_promises_of_a_day_come_back_on_it(store, today, task, specialist_a, as_):
    at = clock.at(today + timedelta(days=2), 10)
    days = {"due_on": today, "expires_on": today + timedelta(days=5), "anchor_on": today}
    made = task(store, "DLV_M1", promised_at=at, not_before=at, promised_by=specialist_a.employee, **days)
    days = {day.on: day for day in ahead.of_store(store, now=clock.now(), today=today).days}
    assert [day.returning for on, day in sorted(days.items())] == [0, 0, 1, 0, 0, 0, 0, 0]
    line = as_(specialist_a).get(reverse("revisits:shift")).context["forecast"]["lines"][2]
    page = as_(specialist_a).get(line["returning_url"])
    assert [row["task"] for row in page.context["lines"]] == [made]


def test_capacity_counts_who_is_there_with_their_own_numbers(store, today, specialist_a, specialist_a2):
    DeskSettings.objects.create(store=store, dials_a_day=80)
    CallerSettings.objects.create(store=store, employee=specialist_a2.employee, dials_a_day=30)
    tomorrow = today + timedelta(days=1)
    Absence.objects.create(
        store=store, employee=specialist_a.employee, first=tomorrow, last=tomorrow, created_at=clock.now()
    )
    days = ahead.of_store(store, now=clock.now(), today=today).days
    assert [day.possible for day in days[:3]] == [110, 30, 110]


def test_what_is_not_dialled_is_carried_to_the_next_day(store, today, task, specialist_a):
    CallerSettings.objects.create(store=store, employee=specialist_a.employee, dials_a_day=2)
    days = {"due_on": today, "expires_on": today + timedelta(days=5), "anchor_on": today}
    for _ in range(5):
        task(store, "DLV_M1", **days)
    found = ahead.of_store(store, now=clock.now(), today=today).days
    assert [day.carried for day in found[:4]] == [5, 3, 1, 0]
    assert [day.left for day in found[:3]] == [-3, -1, 1]


def test_the_shift_page_costs_the_same_for_three_and_thirty(store, today, task, specialist_a, as_):
    client = as_(specialist_a)
    at = clock.now()

    def make(count):
        for _ in range(count):
            task(
                store, "DLV_M1", due_on=today, anchor_on=today, expires_on=today, promised_at=at, not_before=at,
                promised_by=specialist_a.employee,
            )  # fmt: skip

    def count():
        with CaptureQueriesContext(connection) as captured:
            assert client.get(reverse("revisits:shift")).status_code == 200
        return len(captured)

    make(3)
    few = count()
    make(27)
    assert count() == few


def test_the_numbers_of_the_desk_are_saved_once_and_not_over_others(store, manager_a, specialist_a, as_):
    client, address = as_(manager_a), reverse("revisits:desk_settings", args=[store.pk])
    form = client.get(address).context["form"]
    data = {name: form[name].value() for name in form.fields} | {
        "dials_a_day": 90, f"own_{specialist_a.employee.pk}": 55, f"own_{manager_a.employee.pk}": "",
    }  # fmt: skip
    assert client.post(address, data).status_code == 302
    assert DeskSettings.objects.get().dials_a_day == 90
    assert CallerSettings.objects.get().dials_a_day == 55
    stale = client.post(address, data | {"dials_a_day": 70})
    assert stale.status_code == 422
    assert DeskSettings.objects.get().dials_a_day == 90


def test_how_many_calls_are_inspected_is_set_with_the_desk(store, manager_a, as_):
    client, address = as_(manager_a), reverse("revisits:desk_settings", args=[store.pk])
    form = client.get(address).context["form"]
    data = {name: form[name].value() or "" for name in form.fields}
    assert client.post(address, data | {"inspect_percent": 10, "inspect_first": 0}).status_code == 302
    kept = DeskSettings.objects.get()
    assert (kept.inspect_percent, kept.inspect_at_least, kept.inspect_first) == (10, 3, 0)


@pytest.mark.parametrize(
    ("field", "value"),
    [*(("dials_a_day", value) for value in ("0", "1000", "-3", "x")), ("inspect_percent", "101")],
)
def test_nonsense_numbers_are_refused_and_kept_in_the_form(store, manager_a, as_, field, value):
    client, address = as_(manager_a), reverse("revisits:desk_settings", args=[store.pk])
    form = client.get(address).context["form"]
    data = {name: form[name].value() or "" for name in form.fields} | {field: value}
    answer = client.post(address, data)
    assert answer.status_code == 422
    assert f'value="{value}"' in answer.content.decode()
