"""However the days fall into runs, in whatever order, with three days asleep over a month end: the same calls (T37)."""

from datetime import date, timedelta
from random import Random

import pytest
from django.db import transaction

from revisits.generator import generate
from revisits.models import Revisit, RuleVersion
from tests.factories import (
    NOON,
    CustomerFactory,
    DeliveryFactory,
    PhoneFactory,
    RepairOrderFactory,
    StoreFactory,
    VehicleFactory,
    VehicleRoleFactory,
)

pytestmark = [pytest.mark.django_db, pytest.mark.long]

#: the desk is closed from 1 to 8 October, and the store begins in the middle of everything
START, FIRST, LAST = date(2026, 9, 26), date(2026, 9, 26), date(2026, 10, 12)
DAYS = [FIRST + timedelta(days=n) for n in range((LAST - FIRST).days + 1)]
LONG_AGO = NOON - timedelta(days=900)


def daily() -> list[list[date]]:
    """The scheduler wakes every day."""
    return [[day] for day in DAYS]


def asleep_over_the_month_end() -> list[list[date]]:
    """Three days of downtime, made up in one go."""
    asleep = [date(2026, 9, 29), date(2026, 9, 30), date(2026, 10, 1), date(2026, 10, 2)]
    rest = [[day] for day in DAYS if day not in asleep]
    return sorted([asleep, *rest], key=lambda wake: wake[-1])


def in_pieces(seed: int) -> list[list[date]]:
    """Pieces of one to four days, each in any order, some days asked for twice."""
    dice, left, found = Random(seed), list(DAYS), []
    while left:
        piece, left = left[: (size := dice.randint(1, 4))], left[size:]
        found.append(dice.sample(piece, len(piece)) + dice.sample(piece, 1))
    return found


def made(store, wakes: list[list[date]]) -> set[tuple[str, str, date]]:
    """What stands after the runs, without what was made early along with another call; everything is taken back."""
    with transaction.atomic():
        for wake in wakes:
            for day in wake:
                generate(store.pk, day, today=max(wake))
        rows = Revisit.objects.filter(store=store, due_on__lte=LAST)
        found = set(rows.values_list("rule__code", "anchor_key", "due_on"))
        transaction.set_rollback(True)
    return found


@pytest.fixture
def store(db):
    """Deliveries, visits and cars whose days lie all around the start, the month end and the holidays."""
    RuleVersion.objects.filter(rule__code__in=["BDAY", "INS_15", "LOST_9M"]).update(is_on=True)
    RuleVersion.objects.filter(rule__code="DLV_D1").update(conditions={})
    store = StoreFactory(go_live_on=START)
    for n in range(28):
        owner = CustomerFactory(
            store=store, marketing_consent=True, birthday=date(1980, 9, 20) + timedelta(days=n), created_at=LONG_AGO
        )
        PhoneFactory(customer=owner)
        day = date(2026, 9, 18) + timedelta(days=n)
        car = VehicleFactory(
            store=store,
            created_at=LONG_AGO,
            insurance_until=day + timedelta(days=30),
            inspection_due_on=day + timedelta(days=45),
            next_maintenance_on=day + timedelta(days=10) if n % 2 else day - timedelta(days=60),
            first_service_on=day + timedelta(days=15),
            last_seen_on=day - timedelta(days=365),
        )
        VehicleRoleFactory(vehicle=car, customer=owner)
        DeliveryFactory(vehicle=car, customer=owner, delivered_on=day - timedelta(days=365 * (n % 3)))
        RepairOrderFactory(vehicle=car, customer=owner, checked_in_on=day, handed_back_on=day, is_rework=n % 5 == 0)
        if n % 4 == 1:  # the car comes again, some within the days that are one call
            again = day + timedelta(days=1 + n % 5)
            RepairOrderFactory(vehicle=car, customer=owner, checked_in_on=again, handed_back_on=again)
    return store


def test_any_runs_make_the_same_calls_with_their_original_due_dates(store):
    expected = made(store, daily())
    codes = {code for code, _key, _due_on in expected}
    assert codes >= {"DLV_D3", "SVC_D3", "SVC_RW1", "FS_REMIND", "MT_REMIND", "INS_30", "INSP_45", "LOST_6M", "BDAY"}
    assert len(expected) > 120
    assert {due_on for _code, _key, due_on in expected}.isdisjoint(date(2026, 10, day) for day in range(1, 8))
    assert made(store, asleep_over_the_month_end()) == expected
    assert made(store, in_pieces(seed=1)) == expected
