"""Random relations around a few cards, and a dump of all tables that a merge and its taking back must leave equal."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from types import SimpleNamespace
from typing import Any

from crm_site.privacy.models import DataRequest, DuplicatePair
from customers import search
from customers.models import (
    Booking,
    ClassChange,
    Consent,
    Contact,
    ContactBan,
    Correction,
    Customer,
    FactCheck,
    Phone,
    ProfileRefusal,
    ProfileValue,
    Reveal,
    SearchToken,
    VehicleRole,
    YearValue,
)
from revisits.models import CallAttempt, CallResult, PastCall, Revisit, RevisitRule, Skip, State
from satisfaction.models import Sitting
from tests.factories import (
    DAY,
    NOON,
    ComplaintFactory,
    ContactFactory,
    CustomerFactory,
    DeliveryFactory,
    EmployeeFactory,
    RepairOrderFactory,
    VehicleFactory,
)
from tests.fingerprint import fingerprint
from tests.satisfaction.surveys import respond

#: what merges write about themselves
OF_MERGES = {"audit.entry", "privacy.merge", "privacy.mergerow"}
NUMBERS = ("13800000001", "13800000002", "13800000003")
NAMES = ("李师傅", "王会计", "赵女士")

Draw = Callable[[int], int]


class World:
    """A store with a few cards, a few cars, and the people who write things down."""

    def __init__(self, store: Any, by: Any, cards: int = 3) -> None:
        self.store, self.by = store, by
        self.cards = [
            CustomerFactory(store=store, name=name, address="渝北区" if place else "", city="重庆")
            for place, name in enumerate(("周晓岚", "周小岚", "周岚", "吴江")[:cards])
        ]
        self.cars = [VehicleFactory(store=store) for _ in range(3)]

    def tokens(self) -> None:
        """The words of the cards, as every change leaves them."""
        search.refresh(Customer.objects.filter(store=self.store).values_list("pk", flat=True))

    def add(self, kind: str, card: Customer, draw: Draw) -> None:
        """One more row of a kind at a card; `draw(n)` gives a number below n. What the tables refuse is left out."""
        KINDS[kind](SimpleNamespace(store=self.store, by=self.by, cars=self.cars), card, draw)


def _phone(world: Any, card: Customer, draw: Draw) -> None:
    contact = card.contacts.first() if draw(2) else None
    bad = DAY - timedelta(days=draw(9)) if draw(2) else None
    defaults = {
        "store": world.store, "contact": contact, "rank": card.phones.count() + 1, "bad_since": bad,
        "bad_reason": "VACANT" if bad else "", "good_on": DAY - timedelta(days=draw(9)) if draw(2) else None,
    }  # fmt: skip
    Phone.objects.get_or_create(customer=card, number=NUMBERS[draw(3)], defaults=defaults)


def _contact(world: Any, card: Customer, draw: Draw) -> None:
    name = NAMES[draw(3)]
    if not Contact.objects.filter(customer=card, name=name).exists():
        ContactFactory(customer=card, name=name, title="会计" if draw(2) else "", birthday=DAY if draw(2) else None)


def _role(world: Any, card: Customer, draw: Draw) -> None:
    kind = VehicleRole.Kind.values[draw(4)]
    car = world.cars[draw(3)]
    until = DAY - timedelta(days=draw(20)) if draw(2) else None
    taken = VehicleRole.objects.filter(vehicle=car, role="owner", until=None).exists()
    if kind == "owner" and until is None and taken:
        return
    VehicleRole.objects.create(
        store=world.store, vehicle=car, customer=card, role=kind, until=until,
        since=DAY - timedelta(days=100 + draw(9)),
        contact=card.contacts.first() if kind != "owner" and draw(2) else None,
    )  # fmt: skip


def _value(world: Any, card: Customer, draw: Draw) -> None:
    field = ("identity_no", "hometown")[draw(2)]
    ProfileValue.objects.get_or_create(
        customer=card, field=field, defaults={"store": world.store, "value": f"{draw(9)}"}
    )


def _untold(world: Any, card: Customer, draw: Draw) -> None:
    values = {"store": world.store, "asked_on": DAY - timedelta(days=draw(9))}
    ProfileRefusal.objects.get_or_create(customer=card, field=("hometown", "identity_no")[draw(2)], defaults=values)


def _ban(world: Any, card: Customer, draw: Draw) -> None:
    ContactBan.objects.create(
        store=world.store, customer=card, purpose=ContactBan.Purpose.values[draw(3)], since=DAY, set_by=world.by,
        lifted_at=NOON if draw(2) else None,
    )  # fmt: skip


def _consent(world: Any, card: Customer, draw: Draw) -> None:
    Consent.objects.create(
        store=world.store, customer=card, purpose=Consent.Purpose.values[draw(2)], is_given=bool(draw(2)),
        told_on=DAY - timedelta(days=draw(5)), source=Consent.Source.CALL, noted_at=NOON, noted_by=world.by,
    )  # fmt: skip


def _year(world: Any, card: Customer, draw: Draw) -> None:
    values = {"store": world.store, "amount": Decimal(draw(5000)), "visits": draw(5)}
    YearValue.objects.get_or_create(customer=card, year=2024 + draw(2), defaults=values)


def _class(world: Any, card: Customer, draw: Draw) -> None:
    values = {"store": world.store, "after": "loyal", "because": "visits"}
    ClassChange.objects.get_or_create(
        customer=card, scheme="loyalty", changed_on=DAY - timedelta(days=draw(2)), defaults=values
    )


def _check(world: Any, card: Customer, draw: Draw) -> None:
    done = {"done_on": DAY, "outcome": "confirmed", "done_by": world.by} if draw(2) else {"asked_on": DAY}
    FactCheck.objects.get_or_create(
        customer=card, fact=FactCheck.Fact.values[draw(2)], defaults={"store": world.store, **done}
    )


def _call(world: Any, card: Customer, draw: Draw) -> None:
    """A delivery with its call, perhaps tried once, on one of the card's numbers."""
    fact = DeliveryFactory(store=world.store, customer=card, vehicle=VehicleFactory(store=world.store))
    task = _task(world, card, f"delivery:{fact.pk}", delivery=fact, vehicle=fact.vehicle)
    if draw(2):
        CallAttempt.objects.create(
            store=world.store, revisit=task, by=world.by, phone=task.phone, started_at=NOON, ended_at=NOON,
            called_on=DAY, result=CallResult.objects.filter(code="NO_ANSWER").first(), submission=uuid.uuid4(),
        )  # fmt: skip


def _birthday(world: Any, card: Customer, draw: Draw) -> None:
    key = f"customer:{card.pk}:birthday:2026"
    if not draw(3):
        Skip.objects.get_or_create(
            store=world.store, rule=_rule(), anchor_key=key,
            defaults={"anchor_on": DAY, "due_on": DAY, "customer": card, "reason": "no_consent", "recorded_on": DAY},
        )  # fmt: skip
    elif not Revisit.objects.filter(anchor_key=key).exists():
        _task(world, card, key, tries_made=draw(2))


def _rule() -> RevisitRule:
    return RevisitRule.objects.get(store=None, code="BDAY")


def _task(world: Any, card: Customer, key: str, **more: Any) -> Revisit:
    return Revisit.objects.create(
        store=world.store, rule=_rule(), rule_version=_rule().versions.first(), anchor_key=key, anchor_on=DAY,
        due_on=DAY, expires_on=DAY, priority=3, created_at=NOON, state=State.DUE, customer=card,
        phone=card.phones.first(), **more,
    )  # fmt: skip


def _answers(world: Any, card: Customer, draw: Draw) -> None:
    order = RepairOrderFactory(store=world.store, customer=card, vehicle=world.cars[draw(3)])
    respond(world.store, order=order, by=world.by)
    Sitting.objects.create(
        store=world.store, repair_order=order, customer=card, vehicle=order.vehicle, asked_by=world.by, begun_at=NOON,
        expires_at=NOON + timedelta(hours=1), submission=uuid.uuid4(), version=order.responses.first().version,
    )  # fmt: skip


def _ticket(world: Any, card: Customer, draw: Draw) -> None:
    ComplaintFactory(store=world.store, customer=card, vehicle=world.cars[draw(3)], reported_by=world.by)


def _booking(world: Any, card: Customer, draw: Draw) -> None:
    Booking.objects.create(
        store=world.store, vehicle=world.cars[draw(3)], customer=card, wanted_on=DAY, created_at=NOON
    )


def _look(world: Any, card: Customer, draw: Draw) -> None:
    Reveal.objects.create(
        store=world.store, employee=world.by, customer=card, fact="phone:1", reason="asked", at=NOON, day=DAY,
        contact=card.contacts.first() if draw(2) else None,
    )  # fmt: skip


def _correction(world: Any, card: Customer, draw: Draw) -> None:
    Correction.objects.create(
        store=world.store, customer=card, field="address", at=NOON, day=DAY, by=world.by, source="call", entry=1
    )


def _past(world: Any, card: Customer, draw: Draw) -> None:
    PastCall.objects.create(store=world.store, key=uuid.uuid4().hex, called_on=DAY, customer=card)


def _request(world: Any, card: Customer, draw: Draw) -> None:
    DataRequest.objects.create(
        store=world.store, customer=card, kind="access", asked_on=DAY, due_on=DAY, taken_by=world.by, taken_at=NOON,
        submission=uuid.uuid4(),
    )  # fmt: skip


def _pair(world: Any, card: Customer, draw: Draw) -> None:
    third = CustomerFactory(store=world.store) if draw(2) else Customer.objects.exclude(pk=card.pk).first()
    one, other = sorted((card.pk, third.pk))
    state = ("open", "separate")[draw(2)]
    values = {"store": world.store, "score": 40, "found_on": DAY, "reasons": ["phone"], "state": state}
    DuplicatePair.objects.get_or_create(one_id=one, other_id=other, defaults=values)


def _note(world: Any, card: Customer, draw: Draw) -> None:
    """Facts of the card itself."""
    Customer.objects.filter(pk=card.pk).update(
        marketing_consent=(None, True, False)[draw(3)], restricted=not draw(4), note=("", "常客", "周末来电")[draw(3)],
        check_phone_since=DAY if draw(2) else None, birthday=DAY if draw(2) else None,
        number=None if draw(2) else f"N{card.pk}",
    )  # fmt: skip
    card.refresh_from_db()


KINDS: dict[str, Callable[[Any, Customer, Draw], None]] = {
    "contact": _contact, "phone": _phone, "role": _role, "value": _value, "untold": _untold, "ban": _ban,
    "consent": _consent,
    "year": _year, "class": _class, "check": _check, "call": _call, "birthday": _birthday, "answers": _answers,
    "ticket": _ticket, "booking": _booking, "look": _look, "correction": _correction, "past": _past,
    "request": _request, "pair": _pair, "note": _note,
}  # fmt: skip


def one_of_each(world: World, card: Customer) -> None:
    """Rows of every kind, so that every table that points to a card holds one."""
    for kind in KINDS:
        world.add(kind, card, lambda n: n - 1)
    Skip.objects.create(
        store=world.store, rule=_rule(), anchor_key=f"customer:{card.pk}:birthday:2025", anchor_on=DAY, due_on=DAY,
        customer=card, reason="no_consent", recorded_on=DAY,
    )  # fmt: skip


def dump() -> dict[str, Any]:
    """Every business table; the words of the search by content, for they are written anew; of pairs the open ones."""
    found: dict[str, Any] = {table: rows for table, rows in fingerprint().items() if table not in OF_MERGES}
    columns = ("store_id", "customer_id", "vehicle_id", "kind", "token")
    found["customers.searchtoken"] = sorted(map(str, SearchToken.objects.values_list(*columns)))
    del found["privacy.duplicatepair"]
    return found


def pairs(but: tuple[int, int] = (0, 0)) -> list[dict[str, Any]]:
    """The pairs as they stand, without the one that was merged."""
    rows = DuplicatePair.objects.exclude(one_id=min(but), other_id=max(but)).order_by("pk")
    return list(rows.values())


def make_world(store: Any, cards: int = 3) -> World:
    """A world with an employee who writes."""
    return World(store, EmployeeFactory(store=store), cards)
