"""Capacity: what the desk can dial on a day, and what is left out by the draw when more waits."""

from datetime import date, timedelta

import pytest

from crm_site.accounts.models import Role
from crm_site.worktime.models import Absence
from revisits.generator import capacity, dry, generate
from revisits.generator.context import context_for
from revisits.models import CallerSettings, DeskSettings, Revisit, RuleVersion, State
from revisits.queries.coverage import EXCUSED, SERVICE, coverage
from revisits.rules.codes import Reason
from satisfaction.models import Response
from tests.cast import make_person
from tests.factories import (
    DAY,
    NOON,
    CustomerFactory,
    EmployeeFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
)
from tests.revisits.calls import save
from tests.revisits.test_generator import delivery

pytestmark = pytest.mark.django_db

SATURDAY, SUNDAY = date(2026, 9, 12), date(2026, 9, 13)


def days(count: int) -> timedelta:
    return timedelta(days=count)


def possible(store, day: date = DAY) -> int:
    context = context_for(store.pk, day, day)
    return capacity.capacities(store.pk, [day], context.calendar, context.desk)[day]


# ---- what the desk can dial ------------------------------------------------------------------------------------------


def test_the_capacity_of_a_day_is_the_sum_over_those_who_are_there(store_a, specialist_a, specialist_a2, manager_a):
    assert possible(store_a) == 200
    CallerSettings.objects.create(store=store_a, employee=specialist_a.employee, dials_a_day=60)
    assert possible(store_a) == 160
    Absence.objects.create(
        store=store_a, employee=specialist_a2.employee, first=DAY, last=DAY + days(1), created_at=NOON,
        entered_by=manager_a.employee,
    )  # fmt: skip
    assert [possible(store_a, DAY + days(ahead)) for ahead in range(3)] == [60, 60, 160]


def test_an_absence_that_was_taken_back_is_none(store_a, specialist_a):
    Absence.objects.create(
        store=store_a, employee=specialist_a.employee, first=DAY, last=DAY, created_at=NOON, cancelled_at=NOON
    )
    assert possible(store_a) == 100


def test_new_staff_dial_less_and_leavers_not_at_all(store_a, specialist_a, specialist_a2):
    DeskSettings.objects.create(store=store_a, dials_a_day=90, new_dials_a_day=30, new_days=10)
    specialist_a.employee.hired_on = DAY - days(9)
    specialist_a.employee.save(update_fields=["hired_on"])
    specialist_a2.employee.left_on = DAY
    specialist_a2.employee.save(update_fields=["left_on"])
    assert (possible(store_a), possible(store_a, DAY + days(1))) == (30 + 90, 90)


def test_on_a_closed_desk_day_nobody_dials(store_a, specialist_a):
    assert (possible(store_a, SATURDAY), possible(store_a, SUNDAY)) == (100, 0)


def test_other_roles_other_stores_and_locked_sign_ins_do_not_count(store_a, store_b, manager_a, specialist_b):
    gone = make_person(store_a, Role.SPECIALIST, "停用")
    gone.user.is_active = False
    gone.user.save(update_fields=["is_active"])
    assert possible(store_a) == 0


# ---- the draw --------------------------------------------------------------------------------------------------------


@pytest.fixture
def desk(store_a, specialist_a):
    """One caller who makes 30 calls a day."""
    CallerSettings.objects.create(store=store_a, employee=specialist_a.employee, dials_a_day=30)
    return store_a


def visits(store, count: int, advisor=None, ago: int = 3):
    advisor = advisor or EmployeeFactory(store=store)
    on = DAY - days(ago)
    for _ in range(count):
        customer = PhoneFactory(customer=CustomerFactory(store=store)).customer
        RepairOrderFactory(
            vehicle=VehicleFactory(store=store), customer=customer, checked_in_on=on - days(1), handed_back_on=on,
            service_advisor=advisor,
        )  # fmt: skip
    return advisor


def drawn(store, advisor=None) -> set[str]:
    rows = Revisit.objects.filter(store=store, rule__code="SVC_D3", state=State.DUE)
    rows = rows.filter(repair_order__service_advisor=advisor) if advisor else rows
    return set(rows.values_list("anchor_key", flat=True))


def not_drawn(store) -> int:
    return Revisit.objects.filter(store=store, state=State.EXCUSED, reason=Reason.NOT_DRAWN).count()


def test_nothing_is_left_out_while_the_desk_can_make_every_call(desk):
    visits(desk, 30)
    generate(desk.pk, DAY)
    assert (len(drawn(desk)), not_drawn(desk)) == (30, 0)


def test_when_short_fifteen_are_drawn_of_each_employee(desk):
    first, second, third = visits(desk, 20), visits(desk, 18), visits(desk, 4)
    run = generate(desk.pk, DAY)
    assert [len(drawn(desk, advisor)) for advisor in (first, second, third)] == [15, 15, 4]
    assert not_drawn(desk) == run.counts["ended"]["not_drawn"] == 8


def test_valid_answers_of_the_month_count_towards_the_fifteen(desk, specialist_a):
    RuleVersion.objects.filter(rule__code="SVC_D3").update(conditions={"scored": True})  # the short form for all
    advisor = visits(desk, 4, ago=5)
    generate(desk.pk, DAY - days(2))
    for task in Revisit.objects.filter(rule__code="SVC_D3"):
        save(task, specialist_a)
    assert Response.objects.filter(is_valid=True).count() == 4
    visits(desk, 31, advisor)
    generate(desk.pk, DAY)
    assert len(drawn(desk, advisor)) == 11


def test_calls_of_rules_that_are_always_made_are_never_left_out(desk):
    for _ in range(31):
        delivery(desk)
    visits(desk, 20)
    generate(desk.pk, DAY)
    assert Revisit.objects.filter(rule__code="DLV_D3", state=State.DUE).count() == 31
    assert not_drawn(desk) == 5


def test_what_was_begun_promised_or_given_to_somebody_stays(desk, specialist_a):
    visits(desk, 20)
    generate(desk.pk, DAY)
    tasks = list(Revisit.objects.filter(rule__code="SVC_D3").order_by("pk"))
    save(tasks[0], specialist_a, "NO_ANSWER")
    Revisit.objects.filter(pk=tasks[1].pk).update(assigned_to=specialist_a.employee)
    Revisit.objects.filter(pk=tasks[2].pk).update(promised_at=NOON, promised_by=specialist_a.employee)
    visits(desk, 40)
    generate(desk.pk, DAY)
    assert not Revisit.objects.filter(pk__in=[task.pk for task in tasks[:3]], reason=Reason.NOT_DRAWN).exists()


def test_the_draw_is_the_same_on_every_run_and_in_any_order(desk):
    visits(desk, 40)
    visits(desk, 25, ago=4)
    foretold = dry.dry_run(desk.pk, DAY)
    for back in (1, 0, 1):
        generate(desk.pk, DAY - days(back), today=DAY)
    first = drawn(desk)
    assert first == {task.anchor_key for task in foretold.tasks if task.state == State.DUE}
    Revisit.objects.all().delete()
    generate(desk.pk, DAY)
    assert drawn(desk) == first
    again = generate(desk.pk, DAY)
    assert (drawn(desk), again.made) == (first, 0)


def test_what_was_not_drawn_stands_in_the_coverage_as_not_to_be_called(desk):
    visits(desk, 40)
    generate(desk.pk, DAY)
    found = coverage(SERVICE, [desk.pk], DAY - days(5), DAY, today=DAY)
    assert (found.total, found.parts[EXCUSED], found.adds_up) == (40, 25, True)


def test_where_nobody_of_the_store_calls_nothing_is_left_out(store_a):
    visits(store_a, 40)
    generate(store_a.pk, DAY)
    assert not_drawn(store_a) == 0
