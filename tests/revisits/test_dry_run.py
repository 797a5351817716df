"""Rehearsals: what they foretell is what the next run then does, and nothing of them stays written."""

from collections import Counter
from datetime import date, timedelta

import pytest
from django.db import transaction

from complaints.models import State as ComplaintState
from crm_site.audit.models import Entry
from crm_site.core import clock
from customers.models import ContactBan, JobType, OrderState, RepairOrder, SaleType, Vehicle
from revisits import actions
from revisits.actions.ahead import look_ahead
from revisits.generator import dry, generate
from revisits.models import GenerationRun, Revisit, RevisitOrder, RuleVersion, Skip, State
from revisits.queries.impact import effects
from tests.factories import (
    DAY,
    ComplaintFactory,
    ContactBanFactory,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    VehicleFactory,
    VehicleRoleFactory,
)
from tests.revisits.conftest import make_task

pytestmark = [pytest.mark.django_db, pytest.mark.long]


def days(count: int) -> timedelta:
    return timedelta(days=count)


def _person(store, *, phone: bool = True, **values):
    customer = CustomerFactory(store=store, **values)
    if phone:
        PhoneFactory(customer=customer)
    return customer


def _car(store, customer, **values) -> Vehicle:
    vehicle = VehicleFactory(store=store, **values)
    VehicleRoleFactory(vehicle=vehicle, customer=customer)
    return vehicle


def _order(store, customer, car, on: date, **values) -> RepairOrder:
    return RepairOrderFactory(
        vehicle=car, customer=customer, checked_in_on=on - days(1), handed_back_on=on, recorded_on=on, **values
    )


@pytest.fixture
def world(store_a):
    """Ten customers, each with something of everything that a run has to tell apart."""
    for place in range(10):
        customer = _person(
            store_a, phone=place != 3, restricted=place == 4, marketing_consent=True if place % 2 else None
        )
        day = DAY - days(place)
        car = _car(
            store_a, customer,
            insurance_until=DAY + days(28 + place), inspection_due_on=DAY + days(40 + place),
            first_service_on=DAY + days(10 + place), next_maintenance_on=DAY + days(5 + place),
        )  # fmt: skip
        DeliveryFactory(
            vehicle=car, customer=customer, delivered_on=day,
            sale_type=SaleType.DEMO if place == 5 else SaleType.RETAIL, historical=place == 8,
        )  # fmt: skip
        _order(store_a, customer, car, day, job_type=JobType.WASH if place == 6 else JobType.GENERAL)
        _order(store_a, customer, car, day - days(2))
        if place == 7:
            ContactBanFactory(customer=customer, purpose=ContactBan.Purpose.REVISIT)
        if place == 2:
            ComplaintFactory(store=store_a, customer=customer, vehicle=car)
    unhappy = _person(store_a)
    ComplaintFactory(
        store=store_a, customer=unhappy, vehicle=_car(store_a, unhappy), state=ComplaintState.CONFIRMING,
        solved_at=clock.at(DAY - days(1), 11),
    )  # fmt: skip
    return store_a


def _made(store) -> set[tuple]:
    rows = Revisit.objects.filter(store=store)
    return set(rows.values_list("rule__code", "anchor_key", "due_on", "state", "reason", "joined_as"))


def _skipped(store) -> set[tuple]:
    return set(Skip.objects.filter(store=store).values_list("rule__code", "anchor_key", "reason"))


def _run_and_compare(store, day: date, foretold: dry.Dry) -> None:
    """What a run adds is what was foretold of it."""
    tasks, skips = _made(store), _skipped(store)
    last = max(Revisit.objects.values_list("pk", flat=True), default=0)
    run = generate(store.pk, day)
    made = Revisit.objects.filter(store=store, pk__gt=last)
    rows = made.values_list("rule__code", "anchor_key", "due_on", "state", "reason", "joined_as")
    assert sorted(map(tuple, foretold.tasks)) == sorted(rows)
    assert foretold.made == Counter(run.counts.get("made", {}))
    assert {tuple(skip) for skip in foretold.skips} == _skipped(store) - skips
    assert tasks or run.made > 10, "the world must not be empty"


def test_a_rehearsal_foretells_the_runs_of_several_days(world):
    for ahead in range(6):
        day = DAY + days(ahead)
        _run_and_compare(world, day, dry.dry_run(world.pk, day))


def test_a_rehearsal_sees_what_the_run_would_end_first(world):
    generate(world.pk, DAY)
    order = Revisit.objects.filter(repair_order__isnull=False).open().earliest("pk").repair_order
    order.state, order.handed_back_on, order.released_on = OrderState.VOID, None, None
    order.save(update_fields=["state", "handed_back_on", "released_on"])
    tomorrow = DAY + days(1)
    _run_and_compare(world, tomorrow, dry.dry_run(world.pk, tomorrow))
    order.state, order.handed_back_on, order.released_on = OrderState.SETTLED, DAY, DAY
    order.save(update_fields=["state", "handed_back_on", "released_on"])
    foretold = dry.dry_run(world.pk, DAY + days(3))
    assert f"order:{order.pk}" in {task.anchor_key for task in foretold.tasks}
    _run_and_compare(world, DAY + days(3), foretold)


def test_nothing_of_a_rehearsal_stays_written(world):
    def everything():
        models = (Revisit, Skip, RevisitOrder, GenerationRun, RuleVersion, Entry)
        return [set(model.objects.values_list("pk", flat=True)) for model in models]

    generate(world.pk, DAY)
    before = everything(), _made(world)
    found = dry.dry_run(world.pk, DAY + days(1))
    assert found.tasks
    assert (everything(), _made(world)) == before


def test_what_the_preparation_raises_is_passed_on_and_nothing_is_done(world):
    def refuse():
        RuleVersion.objects.update(tries=9)
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), transaction.atomic():
        dry.dry_run(world.pk, DAY, prepare=refuse)
    assert not RuleVersion.objects.filter(tries=9).exists()


CHANGES = [
    ("DLV_D3", {"is_on": False}),
    ("SVC_D3", {"offset_days": 2}),
    ("SVC_D3", {"offset_days": 5}),
    ("SVC_D3", {"window_after": 6}),
    ("MT_REMIND", {"is_on": False}),
    ("INSP_45", {"offset_days": -40}),
    ("DLV_M1", {"offset_days": 7}),
]


def change_of(store, by, code: str, values: dict):
    """What makes a new version of a rule from tomorrow on."""

    def change():
        shown = latest_of(code).pk
        actions.change_rule(store.pk, code, values, shown=shown, by=by.employee, today=DAY)

    return change


@pytest.mark.parametrize(("code", "values"), CHANGES)
def test_the_impact_of_a_changed_rule_is_what_the_next_run_does(world, manager_a, code, values):
    generate(world.pk, DAY)
    tomorrow = DAY + days(1)
    change = change_of(world, manager_a, code, values)
    plain, changed = dry.dry_run(world.pk, tomorrow), dry.dry_run(world.pk, tomorrow, prepare=change)
    effect, _week = effects(world.pk, tomorrow, change)
    had, has = dry.calls(plain.tasks), dry.calls(changed.tasks)
    assert plain.tasks
    assert (effect.more, effect.fewer) == (len(has - had), len(had - has))
    change()
    _run_and_compare(world, tomorrow, changed)


def test_turning_a_rule_off_says_how_many_calls_fewer(world, manager_a):
    generate(world.pk, DAY)
    tomorrow = DAY + days(1)
    would_be = dry.dry_run(world.pk, tomorrow).made["SVC_D3"]
    effect, _week = effects(world.pk, tomorrow, change_of(world, manager_a, "SVC_D3", {"is_on": False}))
    assert (effect.more, effect.fewer) == (0, would_be)
    assert would_be > 0


def latest_of(code: str) -> RuleVersion:
    """The version of a rule that was made last, of the store's own row or the company's."""
    rows = RuleVersion.objects.filter(rule__code=code).order_by("effective_from", "number")
    return max(rows, key=lambda row: (row.rule.store_id is not None, row.effective_from, row.number))


def test_the_look_ahead_is_what_the_runs_of_the_days_then_make(world):
    generate(world.pk, DAY)
    foretold = look_ahead(world.pk, DAY)["counts"]
    assert list(foretold) == [f"{DAY + days(ahead)}" for ahead in range(1, 8)]
    assert sum(sum(counts.values()) for counts in foretold.values()) > 5
    for ahead, counts in enumerate(foretold.values(), start=1):
        known = set(Revisit.objects.values_list("pk", flat=True))
        generate(world.pk, DAY + days(ahead))
        made = Revisit.objects.exclude(pk__in=known).filter(state=State.DUE, head=None)
        assert counts == Counter(made.values_list("rule__code", flat=True)), ahead


def test_a_rehearsal_of_a_day_ahead_leaves_alone_what_somebody_has_in_hand(store_a, specialist_a, monkeypatch):
    now = clock.now()
    task = make_task(store_a, claimed_by=specialist_a.employee, claimed_at=now, lease_until=now + timedelta(minutes=15))
    read, found = dry._skips, []

    def look_before_it_is_taken_back(*asked):
        found.append(Revisit.objects.get(pk=task.pk).state)
        return read(*asked)

    monkeypatch.setattr(dry, "_skips", look_before_it_is_taken_back)
    dry.dry_run(store_a.pk, DAY + days(60))
    assert found == [State.DUE]
    Revisit.objects.update(claimed_by=None, claimed_at=None, lease_until=None)
    dry.dry_run(store_a.pk, DAY + days(60))
    assert found == [State.DUE, State.FAILED]
