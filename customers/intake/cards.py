"""A row of the customers' list: one customer and, where it names one, one car of theirs."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from crm_site.core import names
from crm_site.imports.layout import Context, Row
from customers.intake import consents
from customers.intake.archive import Archive, Car, Person
from customers.intake.kept import Facts, Part, same, settle, unsaid
from customers.intake.meant import meant
from customers.intake.outcome import Outcome, only

PERSON = same(
    "name", "customer_type", "value_class", "salutation", "sex", "birthday", "province", "city", "district", "address",
    "industry", "occupation", "employer", "email", "source", "hobbies", "preferred_time", "marketing_consent", "note",
)  # fmt: skip
CAR = same(
    "plate_no", "engine_no", "brand", "series", "model", "colour", "usage", "made_on", "purchased_on", "registered_on",
    "warranty_from", "warranty_until", "insurance_until", "inspection_due_on", "sold_here",
)  # fmt: skip


def settle_rows(
    ctx: Context, rows: Sequence[Row], facts: Sequence[Facts], *, lock: bool
) -> tuple[Archive, list[Outcome]]:
    """Compare rows with the archive; `facts` are their values as plain JSON. Reads by a fixed number of queries."""
    archive = Archive(ctx, lock=lock)
    archive.read(
        vins={row.get("vin") for row in rows if row.get("vin")},
        phones={number for row in rows for number in _phones(row)},
        numbers={row.get("number") for row in rows if row.get("number")},
        plates={row.get("plate_no") for row in rows if row.get("plate_no") and not row.get("vin")},
    )
    if any(row.get(consents.FIELD) is not None for row in rows):
        archive.wishes = consents.read((person.obj.pk for person in archive.people), ctx.today)
    return archive, [_settle(archive, row, plain) for row, plain in zip(rows, facts, strict=True)]


def _phones(row: Row) -> list[str]:
    return [*(row.get("phone") or []), *(row.get("spare_phone") or [])]


def _settle(archive: Archive, row: Row, facts: Facts) -> Outcome:
    outcome = Outcome(row)
    if row.is_refused or not row.get("name"):
        return outcome
    car = archive.car(row.get("vin"))
    person = meant(archive, outcome, name=row.get("name"), said=_phones(row), car=car, number=row.get("number"))
    if person is None:
        return outcome
    outcome.target = person
    _settle_person(archive, person, facts, outcome)
    car = car or archive.car_by_plate(row.get("plate_no"), person)
    if car or row.get("vin") or row.get("plate_no"):
        _settle_car(archive, car, person, facts, outcome)
    return outcome


def _settle_person(archive: Archive, person: Person, facts: Facts, outcome: Outcome) -> None:
    row = outcome.row
    reckoned = _set_aside(person)
    fresh = unsaid(person, only(PERSON, facts))
    told = archive.under(person, row.get("number"))
    source = told.obj.source_values
    refused = consents.overruled(archive.wishes, person, fresh, source, decision=row.decision)
    found = settle([Part(person, PERSON)], row, fresh, source)
    outcome.add(found)
    outcome.add(refused)
    _put_class(person, reckoned)
    if row.get("number") and not person.obj.number:
        archive.renumber(person, row.get("number"))
        outcome.change("number", None, row.get("number"))
    added = archive.say_phones(person, _phones(row), source.get("phones", []))
    if added:
        outcome.change("phone", None, added)
    if outcome.changes or person.is_new:
        known = {name: value for name, value in fresh.items() if name not in found.conflicts}
        known |= dict.fromkeys(refused.changes, True)
        told.remember({**known, "phones": _phones(row)} if _phones(row) else known)


def _set_aside(person: Person) -> str:
    """A value class that was reckoned is nobody's entry: a list may state another without asking. Gives it."""
    if person.is_new or person.obj.value_stated:
        return ""
    reckoned, person.obj.value_class = person.obj.value_class, ""
    return reckoned


def _put_class(person: Person, reckoned: str) -> None:
    """A class that the list states is left by the night from now on; without one the reckoned class goes on."""
    if "value_class" in person.dirty or (person.is_new and person.obj.value_class):
        person.put("value_stated", bool(person.obj.value_class))
    elif reckoned:
        person.obj.value_class = reckoned


def _settle_car(archive: Archive, car: Car | None, person: Person, facts: Facts, outcome: Outcome) -> None:
    row = outcome.row
    if car is None:
        came = {"batch": archive.ctx.batch, "sheet": row.sheet, "row": row.number}
        car = archive.new_car(row.get("vin"), row.get("plate_no") or "", **came)
        outcome.change("vin" if row.get("vin") else "plate_no", None, row.get("vin") or row.get("plate_no"))
    fresh = unsaid(car, only(CAR, facts))
    found = settle([Part(car, CAR)], row, fresh, car.obj.source_values)
    outcome.add(found)
    _settle_visit(car, outcome)
    _settle_owner(archive, car, person, outcome)
    if outcome.changes or car.is_new:
        known = {name: value for name, value in fresh.items() if name not in found.conflicts}
        car.remember({**known, "owner": names.match_key(row.get("name"))})


def _settle_visit(car: Car, outcome: Outcome) -> None:
    """The last visit and mileage of the list only ever move on."""
    for name in ("last_visit_on", "last_mileage_km"):
        said, standing = outcome.row.get(name), getattr(car.obj, name)
        if said is not None and (standing is None or said > standing):
            car.put(name, said)
            outcome.change(name, _plain(standing), _plain(said))


def _settle_owner(archive: Archive, car: Car, person: Person, outcome: Outcome) -> None:
    """The list makes an owner where there is none, or where it says for the first time that the car changed hands."""
    row, present = outcome.row, archive.owner(car)
    if present is person:
        return
    if present is None:
        if archive.give_car(car, person, row.get("purchased_on")):
            outcome.change("owner", None, person.obj.name)
        else:
            outcome.warn("former_owner", "name", row.get("name"))
        return
    bought, told = row.get("purchased_on"), car.obj.source_values.get("owner")
    start = archive.owners[car][0].obj.since
    is_later = bought is not None and (start is None or bought > start)
    if is_later or (told and told != names.match_key(row.get("name"))):
        before = present.obj.name
        archive.give_car(car, person, bought if is_later else archive.ctx.today)
        outcome.change("owner", before, person.obj.name)
    else:
        outcome.warn("other_owner", "name", row.get("name"))


def _plain(value: Any) -> Any:
    return value.isoformat() if isinstance(value, date) else value
