"""A row of the repair orders: a visit of a car to the workshop, joined to the archive by its VIN."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from crm_site.core import names
from crm_site.imports.layout import Context, Row
from customers import rules
from customers.intake.archive import Archive, Car, Person, same_name
from customers.intake.handovers import name_staff
from customers.intake.kept import Facts, Kept, Part, begin, fill, fresh, same, settle
from customers.intake.meant import meant
from customers.intake.outcome import Outcome, only
from customers.models import JobType, RepairOrder, Trade, Workmanship

ORDER = {
    **same(
        "job_type", "state", "checked_in_on", "settled_on", "handed_back_on", "mileage_km", "bringer_name",
        "complaint_text", "items", "labour_fee", "parts_fee", "total_fee", "is_rework", "booking_number",
    ),
    "service_advisor": "service_advisor_name",
}  # fmt: skip
CAR = same("plate_no", "brand", "series", "model", "engine_no")
#: field of the file → trade whose lead it names; beside them "technician", the lead of whatever the job is
TRADES = {
    "technician_mechanical": Trade.MECHANICAL,
    "technician_body": Trade.BODY,
    "technician_paint": Trade.PAINT,
}

Order = Kept[RepairOrder]


class Visits:
    """The repair orders of some rows, beside the archive that they change."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.orders: list[Order] = []
        self.leads: list[Kept[Workmanship]] = []
        self.replaced: list[int] = []
        #: cars whose last visit and mileage are to be reckoned again
        self.touched: list[Car] = []
        self._known: dict[str, Order] = {}
        self._any_order: Order = Kept(fresh(RepairOrder), is_new=True)
        self._leads: dict[tuple[int | None, str], list[Workmanship]] = defaultdict(list)

    def read(self, rows: Sequence[Row]) -> None:
        """Fetch the orders, cars, owners and contacts that the rows may mean."""
        numbers = {number for row in rows if (number := row.get("order_number"))}
        known = RepairOrder.objects.filter(store=self.archive.ctx.store, order_number__any_of=numbers).order_by("pk")
        before = list(known)
        self.archive.read(
            vins={vin for row in rows if (vin := row.get("vin"))},
            phones={number for row in rows for number in row.get("bringer_phone") or []},
            car_ids={order.vehicle_id for order in before},
            people_ids={order.customer_id for order in before if order.customer_id},
        )
        # customers and cars are locked first: whoever gives a car an owner locks them, and then names its orders
        orders = list(known.select_for_update(no_key=True)) if self.archive.lock and before else before
        self.archive.read_people({order.customer_id for order in orders if order.customer_id})
        self._known = {order.order_number: Kept(order) for order in orders}
        leads = Workmanship.objects.filter(order_id__in=[order.pk for order in orders], is_lead=True).order_by("pk")
        for lead in leads:
            self._leads[lead.order_id, lead.trade].append(lead)
        self.archive.read_contacts()

    def settle(self, row: Row, facts: Facts) -> Outcome:
        """Compare one row with the archive and set what it changes."""
        outcome = Outcome(row)
        came = row.get("checked_in_on")
        if came and came > self.archive.ctx.today:
            row.problem("date_future", "checked_in_on", came)
        if row.is_refused:
            return outcome
        order = self._known.get(row.get("order_number"))
        person = self._whose(order, row, outcome)
        if outcome.asked:
            return outcome
        if order is None:
            outcome.target = self._begin(person, row, facts, outcome)
        else:
            outcome.target = order
            self._again(order, person, row, facts, outcome)
        return outcome

    def _whose(self, order: Order | None, row: Row, outcome: Outcome) -> Person | None:
        """The order's customer; else the archive's owner; else whom the file names; else nobody (待补号码)."""
        if order and order.obj.customer_id:
            return self.archive.person_of_key(order.obj.customer_id)
        is_elsewhere = order and row.get("vin") and self._has_moved(order, row)
        car = self.archive.car_of_key(order.obj.vehicle_id) if order and not is_elsewhere else None
        car = car or self.archive.car(row.get("vin"))
        owner, name = self.archive.owner_on(car, row.get("checked_in_on")), row.get("owner_name")
        if owner is not None:
            if name and not same_name(owner, name):
                outcome.warn("other_owner", "owner_name", name)
            return owner
        if not name:
            if order is None:
                outcome.warn("no_owner", "vin", row.get("vin"))
            return None
        return meant(self.archive, outcome, name=name, said=_owner_phones(row), car=car, field="owner_name")

    def _has_moved(self, order: Order, row: Row) -> bool:
        """Whether the file says for the first time that the order is about another car."""
        standing = self.archive.car_of_key(order.obj.vehicle_id).obj.vin
        return row.get("vin") not in (None, standing, order.obj.source_values.get("vin"))

    # ---- an order that we did not know ------------------------------------------------------------------------------

    def _begin(self, person: Person | None, row: Row, facts: Facts, outcome: Outcome) -> Order:
        ctx = self.archive.ctx
        came = {"batch": ctx.batch, "sheet": row.sheet, "row": row.number}
        car = self.archive.car(row.get("vin")) or self.archive.new_car(
            row.get("vin"), row.get("plate_no") or "", **came
        )
        self._give(car, person, row)
        if not self.archive.lock:  # only compared: nobody looks at the order itself
            self._bringer(car, person, row, row.get("bringer_phone") or [])
            return self._any_order
        found = fill(Part(car, CAR), row.values, only(CAR, facts))
        car.remember({name: after for name, (_before, after) in found.changes.items()})
        state = row.get("state") or rules.order_state(None, None, None)
        order: Order = Kept(
            fresh(
                RepairOrder, store=ctx.store, vehicle=car.obj, customer=person.obj if person else None,
                order_number=row.get("order_number"), historical=ctx.batch.historical, recorded_on=ctx.today,
                state=state, source_values={**facts, "state": state}, **came,
            ),
            is_new=True,
        )  # fmt: skip
        begin(order, ORDER, row.values)
        self._finish(order, car, person, row, outcome)
        return order

    def _give(self, car: Car, person: Person | None, row: Row) -> None:
        """Whoever the file names as the owner of a car that nobody owned gets it, and the numbers that are theirs."""
        if person is None or self.archive.owner(car) is not None or self.archive.is_past_owner(car, person, None):
            return
        phones = _owner_phones(row)
        self.archive.say_phones(person, phones, person.obj.source_values.get("phones", []))
        if person.is_new:
            person.remember({"name": row.get("owner_name"), "phones": phones})
        self.archive.give_car(car, person, None)

    # ---- one that we knew -------------------------------------------------------------------------------------------

    def _again(self, order: Order, person: Person | None, row: Row, facts: Facts, outcome: Outcome) -> None:
        source = order.obj.source_values
        car = self.archive.car_of_key(order.obj.vehicle_id)
        if self._has_moved(order, row):
            outcome.change("vin", car.obj.vin, row.get("vin"))
            self.touched.append(car)
            car = self.archive.car(row.get("vin")) or self.archive.new_car(row.get("vin"), row.get("plate_no") or "")
            order.put("vehicle", car.obj)
        outcome.add(settle([Part(order, ORDER)], row, facts, source))
        if person is not None and not order.obj.customer_id:
            self._give(car, person, row)
            outcome.change("owner_name", None, person.obj.name)
            order.put("customer", person.obj)
        if (row.get("bringer_phone") or []) != (source.get("bringer_phone") or []) and row.get("bringer_phone"):
            outcome.change("bringer_phone", source.get("bringer_phone"), row.get("bringer_phone"))
        changed_before = bool(outcome.changes)
        self._finish(order, car, person, row, outcome)
        if outcome.changes or changed_before:
            order.remember({name: value for name, value in facts.items() if name not in outcome.conflicts})

    def _finish(self, order: Order, car: Car, person: Person | None, row: Row, outcome: Outcome) -> None:
        """What follows from the facts: release, rework, staff, the person bringing the car, the car's last visit."""
        name_staff(order, row, outcome, ("service_advisor",))
        self._lead(order, row, outcome)
        if not (order.is_new or outcome.changes):
            return
        one = order.obj
        order.put("released_on", rules.released_on(one.state, one.settled_on, one.handed_back_on))
        if one.job_type == JobType.REWORK and not one.is_rework:
            order.put("is_rework", True)
        phones = row.get("bringer_phone") or []
        if phones:
            order.put("bringer_phone", phones[0])
        self._bringer(car, person, row, phones)
        self.orders.append(order)
        self.touched.append(car)

    def _bringer(self, car: Car, person: Person | None, row: Row, phones: list[str]) -> None:
        name = row.get("bringer_name")
        if person is None or not name:
            return
        if same_name(person, name):
            self.archive.say_phones(person, phones, person.obj.source_values.get("phones", []))
        else:
            self.archive.bring(car, person, name, phones, row.get("checked_in_on"))

    def _lead(self, order: Order, row: Row, outcome: Outcome) -> None:
        """The lead technician of each trade that the row names."""
        for trade, field in _named(row).items():
            name, key = row.get(field)[:60], row.employees.get(field)
            standing = self._leads.get((order.obj.pk, trade), [])
            if any(one.technician_name == name and (one.technician_id or key is None) for one in standing):
                continue
            self.replaced += [one.pk for one in standing]
            outcome.change(field, standing[0].technician_name if standing else None, row.get(field))
            store = self.archive.ctx.store
            made = fresh(Workmanship, store=store, order=order.obj, trade=trade, technician_name=name)
            made.technician_id = key
            self.leads.append(Kept(made, is_new=True))


def _named(row: Row) -> dict[str, str]:
    """Trade → the field that names its lead; whom the file calls only 主修 leads where the trade's own field is empty.

    That is sheet metal on body jobs. An order has one lead of a trade.
    """
    named: dict[str, str] = {trade: field for field, trade in TRADES.items() if row.get(field)}
    if row.get("technician") and Trade.MECHANICAL not in named:
        named.setdefault(Trade.BODY if row.get("job_type") == JobType.BODY else Trade.MECHANICAL, "technician")
    return named


def _owner_phones(row: Row) -> list[str]:
    """The owner's numbers: those of the bringer, if that is the owner."""
    bringer = row.get("bringer_name")
    is_owner = bringer is None or names.match_key(bringer) == names.match_key(row.get("owner_name"))
    return (row.get("bringer_phone") or []) if is_owner else []


def settle_rows(
    ctx: Context, rows: Sequence[Row], facts: Sequence[Facts], *, lock: bool
) -> tuple[Visits, list[Outcome]]:
    """Compare rows with the archive; reads by a fixed number of queries."""
    visits = Visits(Archive(ctx, lock=lock))
    visits.read(rows)
    return visits, [visits.settle(row, plain) for row, plain in zip(rows, facts, strict=True)]
