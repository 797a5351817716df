"""Opening a ticket: one number, one clock, the right level, the liable proposed."""

import uuid

import pytest

from complaints.models import Category, Complaint, Kind, Liability, State
from crm_site.core.errors import RuleBroken
from tests.complaints.story import NOON, day, moment, open_ticket
from tests.factories import (
    CustomerFactory,
    DeliveryFactory,
    EmployeeFactory,
    PostingFactory,
    RepairOrderFactory,
    VehicleFactory,
)


def category(code: str) -> Category:
    return Category.objects.get(store=None, code=code)


def test_numbers_count_by_kind_and_day(specialist_a):
    numbers = [open_ticket(specialist_a).number for _ in range(2)]
    assert numbers == ["TS-260916-001", "TS-260916-002"]
    assert open_ticket(specialist_a, kind=Kind.GRIEVANCE).number == "BY-260916-001"
    assert open_ticket(specialist_a, kind=Kind.QUESTION).number == "ZX-260916-001"


def test_the_second_click_finds_the_first_ticket(specialist_a):
    given = {"submission": uuid.uuid4()}
    assert open_ticket(specialist_a, **given) == open_ticket(specialist_a, **given)
    assert Complaint.objects.count() == 1


def test_the_clock_starts_when_the_first_of_us_heard_it(specialist_a):
    ticket = open_ticket(specialist_a, received_at=moment(-3), now=NOON)
    entry = ticket.clock.get()
    assert (entry.kind, entry.at) == ("start", moment(-3))
    assert ticket.due_at == ticket.response_due_at == moment(-1)


def test_a_moment_that_has_not_come_is_refused(specialist_a):
    with pytest.raises(RuleBroken) as refused:
        open_ticket(specialist_a, received_at=moment(1), now=NOON)
    assert refused.value.field == "received_at"
    assert not Complaint.objects.exists()


def test_empty_words_are_refused(specialist_a):
    with pytest.raises(RuleBroken):
        open_ticket(specialist_a, words="  ")


def test_what_belongs_to_another_store_is_refused(specialist_a, store_b):
    with pytest.raises(RuleBroken):
        open_ticket(specialist_a, customer=CustomerFactory(store=store_b))


@pytest.mark.parametrize(
    ("kind", "words", "asked", "level", "kept"),
    [
        (Kind.COMPLAINT, "等了两个小时", "", "L2", Kind.COMPLAINT),
        (Kind.GRIEVANCE, "等了两个小时", "", "L1", Kind.GRIEVANCE),
        (Kind.GRIEVANCE, "发动机冒烟", "", "L4", Kind.COMPLAINT),
        (Kind.COMPLAINT, "刹车失灵", "L2", "L4", Kind.COMPLAINT),
        (Kind.COMPLAINT, "等了两个小时", "L3", "L3", Kind.COMPLAINT),
    ],
)
def test_grave_words_raise_the_level_and_make_a_complaint(specialist_a, *, kind, words, asked, level, kept):
    ticket = open_ticket(specialist_a, kind=kind, words=words, level_code=asked)
    assert (ticket.level.code, ticket.kind) == (level, kept)


def test_a_question_has_no_level_and_is_due_the_next_open_day(specialist_a):
    ticket = open_ticket(specialist_a, kind=Kind.QUESTION)
    assert (ticket.level, ticket.response_due_at, ticket.due_at) == (None, None, moment(30))


def test_the_third_ticket_on_the_matter_is_l3(specialist_a):
    vehicle = VehicleFactory(store=specialist_a.store)
    tickets = [
        open_ticket(
            specialist_a, vehicle=vehicle, category=category(code), received_at=moment(hours), now=moment(hours)
        )
        for code, hours in [("repair.not_fixed", 0), ("repair.rework", 1), ("repair", 2)]
    ]
    assert [ticket.level.code for ticket in tickets] == ["L2", "L2", "L3"]
    assert tickets[2].repeat_of == tickets[1]


@pytest.mark.parametrize("change", ["other category", "too long ago", "invalid", "other car"])
def test_what_is_no_repetition(specialist_a, change):
    store, vehicle = specialist_a.store, VehicleFactory(store=specialist_a.store)
    received = moment(-24 * 91) if change == "too long ago" else moment(-1)
    first = open_ticket(
        specialist_a, vehicle=vehicle, category=category("repair.rework"), received_at=received, now=received
    )
    if change == "invalid":
        Complaint.objects.filter(pk=first.pk).update(validity="invalid")
    again = open_ticket(
        specialist_a,
        vehicle=VehicleFactory(store=store) if change == "other car" else vehicle,
        category=category("sales.price" if change == "other category" else "repair.rework"),
    )
    assert again.repeat_of is None


@pytest.fixture
def job(store_a):
    """A delivery and a repair order with everybody who had a part in them."""
    names = ["advisor", "mechanic", "painter", "inspector", "consultant", "deliverer"]
    people = {name: EmployeeFactory(store=store_a, name=name) for name in names}
    PostingFactory(employee=people["advisor"], post="service_advisor")
    vehicle = VehicleFactory(store=store_a)
    order = RepairOrderFactory(vehicle=vehicle, service_advisor=people["advisor"], final_inspector=people["inspector"])
    for trade, name in [("mechanical", "mechanic"), ("paint", "painter")]:
        order.technicians.create(store=store_a, trade=trade, technician=people[name], technician_name=name)
    delivery = DeliveryFactory(
        vehicle=vehicle, sales_consultant=people["consultant"], delivery_specialist=people["deliverer"]
    )
    return {"order": order, "delivery": delivery}


@pytest.mark.parametrize(
    ("code", "from_", "party", "name", "joint"),
    [
        ("service.attitude", "order", "employee", "advisor", []),
        ("charges.labour", "order", "employee", "advisor", []),
        ("repair.not_fixed", "order", "employee", "mechanic", ["inspector"]),
        ("repair.paint", "order", "employee", "painter", ["inspector"]),
        ("sales.price", "delivery", "employee", "consultant", []),
        ("sales.delivery_time", "delivery", "employee", "deliverer", []),
        ("parts.slow", "order", "department", "", []),
        ("product.ev", "order", "manufacturer", "", []),
        ("other", "order", "", "", []),
        ("service.attitude", "delivery", "", "", []),
    ],
)
def test_the_category_proposes_who_is_liable(specialist_a, job, *, code, from_, party, name, joint):
    of = {"repair_order": job["order"]} if from_ == "order" else {"delivery": job["delivery"]}
    ticket = open_ticket(specialist_a, category=category(code), **of)
    direct = ticket.liabilities.filter(kind=Liability.Kind.DIRECT).first()
    found = (direct.party, direct.employee.name if direct.employee else "") if direct else ("", "")
    assert found == (party, name)
    assert [row.employee.name for row in ticket.liabilities.filter(kind=Liability.Kind.JOINT)] == joint
    assert not ticket.liabilities.filter(confirmed_at__isnull=False).exists()


def test_the_post_held_then_is_kept_with_the_liability(specialist_a, job):
    ticket = open_ticket(specialist_a, category=category("service.attitude"), repair_order=job["order"])
    assert ticket.liabilities.get().post == "service_advisor"


def test_a_new_ticket_waits_for_acceptance_and_is_to_be_told_by_law(specialist_a):
    ticket = open_ticket(specialist_a)
    assert (ticket.state, ticket.handler, ticket.received_on) == (State.REGISTERED, None, day())
    assert ticket.legal_due_on is not None
