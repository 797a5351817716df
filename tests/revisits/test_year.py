"""A simulated stretch of the demo world: every rule of contact holds for every phone, and no confirming call is lost.

Three weeks and a half over the long holiday, a whole year where REPEAT asks for more than usual.
"""

from collections import Counter
from datetime import timedelta

import pytest
from django.db import connection, transaction

from crm_site.core import clock, sql
from crm_site.demo.build import make_year
from crm_site.demo.world import World
from customers.models import ContactBan, Customer, Phone
from revisits.models import Revisit, State
from tests.factories import DAY
from tests.revisits.year import Simulation, at

NOW = clock.at(DAY, 20)
SCALE = 0.02
USUAL_REPEAT = 3


@pytest.fixture(scope="module")
def simulation(django_db_setup, django_db_blocker, repeat):
    """The demo world's year, and the days after it; some families share one number."""
    days = 365 if repeat > USUAL_REPEAT else 24
    with django_db_blocker.unblock(), at(NOW), transaction.atomic():
        world = World(NOW, DAY, SCALE, say=lambda line: None)
        make_year(world)
        house = world.houses[0]
        Customer.objects.filter(store=house.store).update(marketing_consent=True)
        for one, other in zip(house.cars[::4], house.cars[1::4], strict=False):
            if one.owner != other.owner:
                Phone.objects.filter(customer=other.owner, contact=None).update(bad_since=DAY)
                Phone.objects.get_or_create(
                    store=house.store, customer=other.owner, number=one.phone.number, defaults={"rank": 1}
                )
        sql.refresh_statistics()
        found = Simulation(house)
        found.run(DAY + timedelta(days=1), days)
        connection.check_constraints()  # once for all its rows, rather than at the end of every test
        yield found
        transaction.set_rollback(True)


pytestmark = [pytest.mark.django_db, pytest.mark.long]


def test_the_desk_had_enough_to_do(simulation):
    assert len(simulation.dials) > 60
    assert len({dial.number for dial in simulation.dials}) < len(simulation.dials)
    assert set(simulation.results) >= {"SUCCESS", "NO_ANSWER", "RESCHED"}


@pytest.mark.parametrize(("calls", "days"), [(2, 7), (4, 30)])
def test_no_number_was_called_more_often_than_it_may(simulation, calls, days):
    assert simulation.too_often(calls, days) == []


def test_nothing_was_done_against_a_refusal_a_limit_or_the_hours(simulation):
    assert simulation.wrong == []


def test_no_confirming_call_is_lost(simulation):
    end = clock.business_day(simulation.dials[-1].at)
    waited = [one for one in simulation.confirming if clock.business_day(one.solved_at) < end - timedelta(days=14)]
    assert waited
    for complaint in waited:
        task = Revisit.objects.get(rule__code="CMP_CFM", complaint=complaint)
        unwanted = (
            complaint.customer.restricted
            or Customer.objects.get(pk=complaint.customer_id).restricted
            or ContactBan.objects.filter(customer=complaint.customer, purpose="all").exists()
        )
        called = task.attempts.exists() or task.state == State.NO_NUMBER
        gone = task.reason in ("vehicle_sold", "vehicle_scrapped")
        assert called or gone or unwanted, (task, task.state, task.reason)


def test_every_call_ended_or_still_has_its_time(simulation):
    states = Counter(Revisit.objects.filter(store=simulation.house.store).values_list("state", flat=True))
    assert states["done"] > states["failed"]
