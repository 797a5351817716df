"""三包: what is counted, when it warns, and that the choice of somebody who knows goes before the guess."""

from datetime import date, timedelta

import pytest
from django.utils import translation

from complaints import actions, repairs
from complaints.models import Category, State
from complaints.page import TicketPage
from complaints.rules.three_guarantees import Alert, Term, Visit, days_of, tally, term_of
from crm_site.core.errors import RuleBroken
from customers.models import OrderState
from tests.complaints.story import moment
from tests.factories import DAY, RepairOrderFactory, VehicleFactory
from tests.fingerprint import unchanged

TERM = Term(date(2025, 1, 1), date(2027, 12, 31))
MECHANIC = frozenset({"mechanical"})


def visit(key: int, came: int, stayed: int = 0, job: str = "warranty", trades=MECHANIC) -> Visit:
    """A stay that began so many days before DAY and took so many days more."""
    first = DAY - timedelta(days=came)
    return Visit(key, first, first + timedelta(days=stayed), job, trades)


@pytest.mark.parametrize(("stayed", "days"), [(0, 1), (1, 2), (19, 20)])
def test_both_ends_count(stayed, days):
    assert days_of(visit(1, 30, stayed), DAY) == days


def test_a_car_that_is_still_there_counts_until_today():
    assert days_of(Visit(1, DAY - timedelta(days=4), None, "warranty"), DAY) == 5


@pytest.mark.parametrize(
    ("visits", "days", "repairs_", "alert"),
    [
        ([], 0, 0, Alert.NONE),
        ([visit(1, 40, 18)], 19, 1, Alert.NONE),
        ([visit(1, 40, 19)], 20, 1, Alert.NEAR),
        ([visit(1, 90, 14), visit(2, 40, 14)], 30, 2, Alert.REACHED),
        ([visit(n, 10 * n) for n in (1, 2)], 2, 2, Alert.NONE),
        ([visit(n, 10 * n) for n in (1, 2, 3)], 3, 3, Alert.NEAR),
        ([visit(n, 10 * n) for n in (1, 2, 3, 4)], 4, 4, Alert.REACHED),
        ([visit(1, 20, 9), visit(2, 15, 9)], 15, 2, Alert.NONE),  # overlapping days count once
        ([visit(1, 40, 25, job="accident")], 0, 0, Alert.NONE),
        ([visit(1, 40, 25, job="scheduled")], 0, 0, Alert.NONE),
        ([visit(n, 10 * n, trades=frozenset({"paint"})) for n in (1, 2, 3)], 3, 0, Alert.NONE),
        ([visit(n, 800 + n) for n in (1, 2, 3)], 0, 0, Alert.NONE),  # before the guarantee began
    ],
)
def test_days_and_repairs_within_the_term(visits, days, repairs_, alert):
    found = tally(visits, TERM, DAY, trades={"mechanical"})
    assert (found.days, found.repairs, found.alert) == (days, repairs_, alert)


def test_the_job_of_the_ticket_is_the_same_problem_whatever_its_category():
    found = tally([visit(1, 10), visit(2, 20)], TERM, DAY, own=2)
    assert found.same == {2}


def test_what_somebody_ticked_goes_before_the_guess():
    visits = [visit(n, 10 * n) for n in (1, 2, 3)]
    assert tally(visits, TERM, DAY, trades={"mechanical"}, ticked=[3, 99]).same == {3}
    assert tally(visits, TERM, DAY, trades={"mechanical"}, ticked=[]).repairs == 0


@pytest.mark.parametrize(("start", "end", "known"), [(None, None, False), (DAY, None, False), (None, DAY, True)])
def test_without_an_end_of_the_guarantee_nothing_is_counted(start, end, known):
    assert (term_of(start, end) is not None) is known


# --- on the ticket ---


@pytest.fixture
def ticket(story):
    """A complaint about a repair, of a car under guarantee that came three times for the same."""
    car = VehicleFactory(store=story.head.store, warranty_from=TERM.first, warranty_until=TERM.last)
    orders = []
    for n in (60, 40, 20):
        came = DAY - timedelta(days=n)
        order = RepairOrderFactory(
            vehicle=car, job_type="warranty", checked_in_on=came, handed_back_on=came + timedelta(days=2)
        )
        order.technicians.create(store=car.store, trade="mechanical", technician_name="张工")
        orders.append(order)
    RepairOrderFactory(vehicle=car, job_type="warranty", state=OrderState.VOID, released_on=None)
    category = Category.objects.get(store=None, code="repair.mechanical")
    return story.ticket(State.ACCEPTED, vehicle=car, category=category, repair_order=orders[-1])


def shown(ticket, reader) -> dict:
    with translation.override("en"):
        return TicketPage(ticket, reader.user, moment(2)).context()["guarantees"]


def test_the_ticket_warns_and_shows_what_it_counted(story, ticket):
    found = shown(ticket, story.head)
    assert found["kind"] == "warn"
    assert "9 days in the workshop, 3 repairs of the same problem" in found["text"]
    assert [row["days"] for row in found["rows"]] == [3, 3, 3]
    assert "check-in and hand-back day both count" in found["note"]


def test_a_choice_counts_and_stands_in_the_log(story, ticket):
    orders = repairs.orders_of(ticket)
    by = {"by": story.head.employee, "now": moment(1)}
    actions.count_repairs(ticket.pk, orders=orders[:1], **by)
    assert [row["is_same"] for row in shown(ticket, story.head)["rows"]] == [True, False, False]
    assert ticket.steps.latest("sequence").note == orders[0].order_number


def test_orders_of_another_car_are_refused(story, ticket):
    other = RepairOrderFactory(vehicle=VehicleFactory(store=story.head.store))
    with unchanged(), pytest.raises(RuleBroken):
        actions.count_repairs(ticket.pk, orders=[other], by=story.head.employee, now=moment(1))


def test_without_a_guarantee_the_ticket_says_so(story, ticket):
    type(ticket.vehicle).objects.filter(pk=ticket.vehicle_id).update(warranty_until=None)
    ticket.refresh_from_db()
    found = shown(ticket, story.head)
    assert "nothing is counted" in found["text"]
    assert not found["rows"]
