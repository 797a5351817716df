"""A complaint whose confirming call ends without being made is finished all the same: by a manager, or a late word."""

from datetime import timedelta

import pytest
from django.urls import reverse

from complaints import actions as complaints
from complaints.models import Complaint
from complaints.models import State as TicketState
from crm_site.core.errors import RuleBroken
from customers.models import Customer, Phone, Vehicle
from revisits import actions
from revisits.generator import generate
from revisits.models import Revisit, RuleVersion, Skip, State
from tests.complaints.story import moment
from tests.factories import DAY, NOON, ContactBanFactory, CustomerFactory, PhoneFactory, VehicleFactory
from tests.fingerprint import unchanged

pytestmark = pytest.mark.django_db


def day(count: int):
    return DAY + timedelta(days=count)


@pytest.fixture
def ticket(story) -> Complaint:
    """A ticket that waits for its confirming call, which is due on the next day."""
    customer = PhoneFactory(customer=CustomerFactory(store=story.manager.store)).customer
    car = VehicleFactory(store=story.manager.store)
    return story.ticket(TicketState.CONFIRMING, customer=customer, vehicle=car)


def call_of(ticket: Complaint) -> Revisit:
    generate(ticket.store_id, day(1))
    return Revisit.objects.get(complaint=ticket)


def refuse_all(ticket, _manager) -> None:
    call_of(ticket)
    ContactBanFactory(customer=ticket.customer, purpose="all", channel="all", since=day(1))
    generate(ticket.store_id, day(2))


def refuse_before(ticket, _manager) -> None:
    ContactBanFactory(customer=ticket.customer, purpose="all", channel="all", since=day(0))
    call_of(ticket)


def restrict(ticket, _manager) -> None:
    call_of(ticket)
    Customer.objects.filter(pk=ticket.customer_id).update(restricted=True)
    generate(ticket.store_id, day(2))


def let_expire(ticket, _manager) -> None:
    call_of(ticket)
    generate(ticket.store_id, day(40))


def end_by_hand(ticket, manager) -> None:
    call = call_of(ticket)
    actions.end_by_hand(call.pk, state="excused", reason="by_manager", by=manager, now=moment(25))


def lose_the_number(ticket, _manager) -> None:
    Phone.objects.filter(customer=ticket.customer).delete()
    call_of(ticket)


def switch_off(_ticket, _manager) -> None:
    RuleVersion.objects.filter(anchor="complaint_solved").update(is_on=False)


def skip(ticket, _manager) -> None:
    rule = RuleVersion.objects.get(rule__code="CMP_CFM", rule__store=None).rule
    Skip.objects.create(
        store=ticket.store, rule=rule, anchor_key=f"complaint:{ticket.pk}:solved:1", anchor_on=DAY, due_on=day(1),
        reason="not_covered", recorded_on=DAY,
    )  # fmt: skip


ENDINGS = [refuse_all, refuse_before, restrict, let_expire, end_by_hand, lose_the_number, switch_off, skip]


@pytest.mark.parametrize("ending", ENDINGS)
def test_a_manager_closes_it(as_, ticket, story, ending):
    manager = story.manager.employee
    ending(ticket, manager)
    assert not Revisit.objects.filter(complaint=ticket, state__in=[State.DUE, State.IN_PROGRESS]).exists()
    page = as_(story.manager).get(reverse("complaints:detail", args=[ticket.pk])).context
    assert page["next"].action == "close_unreachable"
    head = as_(story.head).get(reverse("complaints:detail", args=[ticket.pk])).context
    assert manager.name in head["waits"]
    done = complaints.close_unreachable(ticket.pk, reason="客户不再接受回访", by=manager, now=moment(30))
    assert (done.state, done.result) == (TicketState.CLOSED, "unreachable")


@pytest.mark.parametrize("closed", [False, True])
@pytest.mark.parametrize(("result", "state"), [("satisfied", "closed"), ("dissatisfied", "reopened")])
def test_the_customer_who_rings_all_the_same_is_heard(ticket, story, closed, result, state):
    refuse_all(ticket, None)
    if closed:
        complaints.close_unreachable(ticket.pk, reason="客户拒访", by=story.manager.employee, now=moment(50))
    said = {"result": result, "note": "客户来电", "by": story.specialist.employee, "now": moment(60)}
    assert complaints.record_ring_back(ticket.pk, **said).state == state
    assert ticket.confirmations.get().result == result


@pytest.mark.parametrize("made", [False, True])
def test_a_call_that_can_still_be_made_is_waited_for(ticket, story, made):
    if made:
        call_of(ticket)
    with unchanged(), pytest.raises(RuleBroken) as refused:
        complaints.close_unreachable(ticket.pk, reason="等不及", by=story.manager.employee, now=moment(25))
    assert refused.value.code == "tries"


def test_the_call_of_an_earlier_round_says_nothing_of_this_one(ticket, story):
    let_expire(ticket, None)
    Complaint.objects.filter(pk=ticket.pk).update(round=2)
    with unchanged(), pytest.raises(RuleBroken):
        complaints.close_unreachable(ticket.pk, reason="等不及", by=story.manager.employee, now=moment(25))


# ---- it is about the complaint, not about the car --------------------------------------------------------------------


@pytest.mark.parametrize("state", ["sold", "scrapped"])
@pytest.mark.parametrize("before", [False, True])
def test_whoever_gave_the_car_away_is_still_asked(ticket, specialist_a2, state, before):
    if not before:
        call_of(ticket)
    Vehicle.objects.filter(pk=ticket.vehicle_id).update(state=state)
    generate(ticket.store_id, day(2))
    call = Revisit.objects.get(complaint=ticket)
    assert (call.state, call.reason) == (State.DUE, "")
    now = NOON + timedelta(days=2)
    assert actions.claim_next(specialist_a2.employee, "specialist", now=now, today=day(2)) == call
