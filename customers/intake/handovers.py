"""A row of the deliveries: a car handed over to a customer on a day, who thereby owns it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from crm_site.imports.layout import Context, Row
from customers.intake.archive import Archive, Car, Person
from customers.intake.kept import Facts, Kept, Part, fill, fresh, same, settle
from customers.intake.meant import meant
from customers.intake.outcome import Outcome, only
from customers.models import Delivery

EVENT = {
    **same("picked_up_by", "sale_type", "payment", "price", "insured_here", "returned_on", "note"),
    "sales_consultant": "sales_consultant_name",
    "delivery_specialist": "delivery_specialist_name",
}
CAR = same("plate_no", "engine_no", "brand", "series", "model", "colour", "insurance_until")
STAFF = ("sales_consultant", "delivery_specialist")

Event = Kept[Delivery]


class Handovers:
    """The deliveries of some rows, beside the archive that they change."""

    def __init__(self, archive: Archive) -> None:
        self.archive = archive
        self.events: list[Event] = []
        self._known: dict[tuple[int, Any], Event] = {}

    def read(self, rows: Sequence[Row]) -> None:
        """Fetch the cars, customers and deliveries that the rows may mean."""
        vins = {row.get("vin") for row in rows if row.get("vin")}
        days = {row.get("delivered_on") for row in rows if row.get("delivered_on")}
        known = Delivery.objects.filter(store=self.archive.ctx.store, vehicle__vin__in=vins, delivered_on__in=days)
        found = list(known.order_by("pk"))
        phones = {number for row in rows for number in row.get("phone") or []}
        self.archive.read(vins=vins, phones=phones, people_ids={event.customer_id for event in found})
        for event in found:
            kept = Event(event)
            event.customer = self.archive.person_of_key(event.customer_id).obj
            self._known[event.vehicle_id, event.delivered_on] = kept

    def settle(self, row: Row, facts: Facts) -> Outcome:
        """Compare one row with the archive and set what it changes."""
        outcome = Outcome(row)
        today = self.archive.ctx.today
        if row.get("delivered_on") and row.get("delivered_on") > today:
            row.problem("date_future", "delivered_on", row.get("delivered_on"))
        if row.is_refused:
            return outcome
        car = self.archive.car(row.get("vin"))
        event = self._known.get((car.obj.pk, row.get("delivered_on"))) if car else None
        self._day_of_return(row, facts, event)
        person = self._whom(car, event, row, outcome)
        if person is None:
            return outcome
        if car is None or event is None:
            outcome.target = self._begin(car, person, row, facts, outcome)
        else:
            outcome.target = event
            self._again(car, event, person, facts, outcome)
        return outcome

    def _whom(self, car: Car | None, event: Event | None, row: Row, outcome: Outcome) -> Person | None:
        """The customer; another name than last time says that a delivery was entered for the wrong one."""
        name = row.get("name")
        if event and name == event.obj.source_values.get("name", name):
            return self.archive.person_of_key(event.obj.customer_id)
        return meant(self.archive, outcome, name=name, said=row.get("phone") or [], car=car)

    def _day_of_return(self, row: Row, facts: Facts, event: Event | None) -> None:
        """A car that was returned without a day counts from the day on which we learn of it."""
        if row.get("returned") is not True or row.get("returned_on"):
            return
        known = event.obj.returned_on if event else None
        day = known or max(self.archive.ctx.today, row.get("delivered_on"))
        row.values["returned_on"], facts["returned_on"] = day, day.isoformat()
        if known is None:
            row.mended("return_day_today", "returned_on", "", new=day.isoformat())

    # ---- a delivery that we did not know ----------------------------------------------------------------------------

    def _begin(self, car: Car | None, person: Person, row: Row, facts: Facts, outcome: Outcome) -> Event:
        ctx = self.archive.ctx
        came = {"batch": ctx.batch, "sheet": row.sheet, "row": row.number}
        car = car or self.archive.new_car(row.get("vin"), row.get("plate_no") or "", **came)
        self._say_phones(person, row, facts)
        delivery = fresh(
            Delivery, store=ctx.store, vehicle=car.obj, customer=person.obj, delivered_on=row.get("delivered_on"),
            historical=ctx.batch.historical, recorded_on=ctx.today, source_values=dict(facts), **came,
        )  # fmt: skip
        event = Event(delivery, is_new=True)
        settle([Part(event, EVENT)], row, facts, {})
        self._name_staff(event, row, outcome)
        self._tell_car(car, row, facts)
        self.archive.give_car(car, person, row.get("delivered_on"))
        self.events.append(event)
        return event

    def _say_phones(self, person: Person, row: Row, facts: Facts) -> None:
        phones = row.get("phone") or []
        self.archive.say_phones(person, phones, person.obj.source_values.get("phones", []))
        if person.is_new:
            person.remember({"name": facts["name"], "phones": phones})

    def _tell_car(self, car: Car, row: Row, facts: Facts) -> None:
        """What the delivery knows of the car fills gaps; the newest delivery sets purchase and insurance."""
        day = row.get("delivered_on")
        found = fill(Part(car, CAR), row.values, only(CAR, {k: v for k, v in facts.items() if v not in (None, "")}))
        said = {name: after for name, (_before, after) in found.changes.items()}
        if car.obj.purchased_on is None or car.obj.purchased_on < day:
            car.put("purchased_on", day)
            said["purchased_on"] = day.isoformat()
        insured = row.get("insurance_until")
        if insured and (car.obj.insurance_until is None or car.obj.insurance_until < insured):
            car.put("insurance_until", insured)
            said["insurance_until"] = insured.isoformat()
        car.remember(said)

    # ---- one that we knew -------------------------------------------------------------------------------------------

    def _again(self, car: Car, event: Event, person: Person, facts: Facts, outcome: Outcome) -> None:
        row, source = outcome.row, event.obj.source_values
        outcome.add(settle([Part(event, EVENT), Part(car, CAR)], row, facts, source))
        if person is not self.archive.person_of_key(event.obj.customer_id):
            self._rename(car, event, person, facts, outcome)
        before = source.get("phone") or []
        if row.get("phone") and row.get("phone") != before:
            added = self.archive.say_phones(person, row.get("phone"), before)
            if added:
                outcome.change("phone", None, added)
        self._name_staff(event, row, outcome)
        if outcome.changes:
            event.remember({name: value for name, value in facts.items() if name not in outcome.conflicts})
            self.events.append(event)

    def _rename(self, car: Car, event: Event, person: Person, facts: Facts, outcome: Outcome) -> None:
        """The car was handed over to somebody else."""
        row = outcome.row
        self._say_phones(person, row, facts)
        outcome.change("name", event.obj.customer.name, row.get("name"))
        event.put("customer", person.obj)
        self.archive.give_car(car, person, row.get("delivered_on"))

    def _name_staff(self, event: Event, row: Row, outcome: Outcome) -> None:
        """Set the keys of the employees whose names are known."""
        name_staff(event, row, outcome, STAFF)


def name_staff(event: Kept[Any], row: Row, outcome: Outcome, fields: Sequence[str]) -> None:
    """Point to the employees that a row names; a name that has become known since counts as a change.

    The text stays beside an empty key where nobody of that name is on the roster.
    """
    for name in fields:
        if not row.get(name) or name in outcome.conflicts:
            continue
        key = row.employees.get(name)
        standing = getattr(event.obj, f"{name}_id")
        is_said = name in outcome.changes or event.is_new
        if key == standing or (key is None and not is_said):
            continue
        event.put(f"{name}_id", key)
        outcome.changes.setdefault(name, [None, row.get(name)])


def settle_rows(
    ctx: Context, rows: Sequence[Row], facts: Sequence[Facts], *, lock: bool
) -> tuple[Handovers, list[Outcome]]:
    """Compare rows with the archive; reads by a fixed number of queries."""
    handovers = Handovers(Archive(ctx, lock=lock))
    handovers.read(rows)
    return handovers, [handovers.settle(row, plain) for row, plain in zip(rows, facts, strict=True)]
