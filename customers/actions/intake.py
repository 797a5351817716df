"""Writes what an import has settled: a fixed number of statements for any number of rows, in the order of the keys."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any

from django.db.models import Model, OuterRef, Subquery

from crm_site.core.sql import insert_rows
from crm_site.imports.journal import Journal
from customers import search
from customers.actions import follow
from customers.actions.facts import CarFacts, hand_over_of, order_of
from customers.actions.plates import former_plates
from customers.intake import consents
from customers.intake.archive import Archive
from customers.intake.handovers import Handovers
from customers.intake.kept import Kept, blank
from customers.intake.visits import Visits
from customers.models import Contact, Customer, Delivery, Phone, RepairOrder, Vehicle, VehicleRole, Workmanship


def save_cards(archive: Archive) -> dict[str, int]:
    """Write customers, phones, cars and roles; gives how many were made of each kind."""
    _tell_new_cars(archive, (), ())
    made = _save_archive(archive)
    _follow(archive, (car for car in archive.cars if car.dirty & {"series", "last_visit_on", "last_mileage_km"}))
    _tidy(archive)
    return made


def save_handovers(handovers: Handovers) -> dict[str, int]:
    """Write the deliveries and what they changed in the archive."""
    _tell_new_cars(handovers.archive, (), handovers.events)
    made = _save_archive(handovers.archive)
    journal = handovers.archive.ctx.journal
    _save(journal, Delivery, handovers.events, key=lambda one: (one.vehicle_id, one.delivered_on))
    handed_over = {event.obj.vehicle_id for event in handovers.events}
    _follow(handovers.archive, (car for car in handovers.archive.cars if car.obj.pk in handed_over))
    _tidy(handovers.archive)
    return made


def save_visits(visits: Visits) -> dict[str, int]:
    """Write the repair orders, who worked on them, and what they changed in the archive."""
    _tell_new_cars(visits.archive, visits.orders, ())
    made = _save_archive(visits.archive)
    journal = visits.archive.ctx.journal
    _save(journal, RepairOrder, visits.orders, key=lambda one: one.order_number)
    _replace(journal, visits.replaced)
    _save(journal, Workmanship, visits.leads, key=lambda one: (one.order_id, one.trade))
    _follow(visits.archive, visits.touched, visits.orders)
    _tidy(visits.archive)
    return made


def _tell_new_cars(archive: Archive, orders: Iterable[Kept[RepairOrder]], events: Iterable[Kept[Delivery]]) -> None:
    """The last visit and the dates of cars that these rows bring: no fact of theirs stands anywhere else."""
    known = {id(car.obj): (car.obj, CarFacts()) for car in archive.cars if car.is_new}
    for order in sorted((one.obj for one in orders), key=lambda one: one.checked_in_on):
        if mine := known.get(id(order._state.fields_cache.get("vehicle"))):
            mine[1].orders.append(order_of(order))
    for event in sorted((one.obj for one in events), key=lambda one: one.delivered_on):
        if mine := known.get(id(event._state.fields_cache.get("vehicle"))):
            mine[1].deliveries.append(hand_over_of(event))
    follow.tell_new(list(known.values()), archive.ctx.store.pk)


def _follow(archive: Archive, touched: Iterable[Kept[Vehicle]], again: Iterable[Kept[RepairOrder]] = ()) -> None:
    """What hangs on the facts of cars that stood before, and of new ones that came with several orders."""
    ids = {car.obj.pk for car in touched if not car.is_new}
    orders = Counter(order.obj.vehicle_id for order in again)
    ids.update(pk for pk, count in orders.items() if count > 1)
    follow.follow(archive.ctx.store.pk, ids, archive.ctx.journal)


def _save_archive(archive: Archive) -> dict[str, int]:
    """Parents before children, ended roles before those that follow them."""
    save = partial(_save, archive.ctx.journal)
    people = save(Customer, archive.people, key=lambda one: (one.number or "", one.name))
    cars = save(Vehicle, archive.cars, key=lambda one: (one.vin or "", one.plate_no))
    _save_besides(archive)
    contacts = [contact for contact in archive.contacts.values() if contact.is_new]
    save(Contact, contacts, key=lambda one: (one.customer_id, one.name))
    numbers = [phone for phones in archive.numbers.values() for phone in phones]
    phones = save(Phone, numbers, key=lambda one: (one.customer_id, one.number))
    save(VehicleRole, [role for role in archive.roles if not role.is_new], key=lambda one: one.pk)
    save(VehicleRole, [role for role in archive.roles if role.is_new], key=lambda one: one.vehicle_id)
    return {"customers": people, "vehicles": cars, "phones": phones, "contacts": len(contacts)}


def _save_besides(archive: Archive) -> None:
    """What the list says of consent, and the plates that cars had before."""
    changed = [(car.obj, car.before["plate_no"]) for car in archive.cars if "plate_no" in car.before]
    told = consents.told_by_list(archive.people, archive.ctx)
    for rows in (told, former_plates(changed, on=archive.ctx.today)):
        if rows:
            insert_rows(rows)
            archive.ctx.journal.made(rows)


def _replace(journal: Journal, lead_ids: Sequence[int]) -> None:
    """Remove leads in whose place others come, not without keeping them for undo."""
    if lead_ids:
        leads = Workmanship.objects.filter(pk__in=lead_ids)
        journal.removed(leads)
        leads.delete()


def _save(journal: Journal, model: type[Model], kept: Iterable[Kept[Any]], *, key: Any) -> int:
    """Insert the new rows and update the dirty fields of the others, one statement each; gives how many are new.

    The journal gets a note of every row, in the order of writing.
    """
    rows = list(dict.fromkeys(kept))
    for row in rows:
        _relink(row.obj)
    new = sorted((row.obj for row in rows if row.is_new), key=key)
    if new:
        insert_rows(new)
        journal.made(new)
    changed = [row for row in rows if not row.is_new and row.dirty]
    if changed:
        _update(model, changed)
        for row in changed:
            journal.changed(row.obj, row.before)
    return len(new)


def _relink(obj: Model) -> None:
    """Take over the keys of parents that were inserted a moment ago."""
    columns = blank(type(obj)).links
    for name, parent in obj._state.fields_cache.items():
        if parent is not None and name in columns:
            obj.__dict__[f"{name}_id"] = parent.pk


def _update(model: type[Model], changed: Sequence[Kept[Any]]) -> None:
    """One upsert for all: the rows are locked, so every field holds what stands or what is to stand."""
    names = sorted({name.removesuffix("_id") for row in changed for name in row.dirty})
    objects = sorted((row.obj for row in changed), key=lambda one: one.pk)
    if any(field.name == "version" for field in model._meta.concrete_fields):
        for row in changed:
            row.put("version", row.obj.version + 1)
        names.append("version")
    model._default_manager.bulk_create(objects, update_conflicts=True, unique_fields=["id"], update_fields=names)


def name_orders(vehicle_ids: Iterable[int], journal: Journal | None = None) -> int:
    """Give the orders of some cars that had no customer (待补号码) the owner whom the car has got since."""
    owner = VehicleRole.objects.filter(vehicle_id=OuterRef("vehicle_id"), role=VehicleRole.Kind.OWNER, until=None)
    waiting = RepairOrder.objects.filter(vehicle_id__in=sorted(set(vehicle_ids)), customer=None)
    named = waiting.filter(vehicle__roles__in=VehicleRole.objects.filter(role="owner", until=None))
    keys = list(named.values_list("pk", flat=True)) if journal else []
    count = named.update(customer_id=Subquery(owner.values("customer_id")[:1]))
    if journal:
        for order in RepairOrder.objects.filter(pk__in=keys):
            journal.changed(order, {"customer_id": None})
    return count


def _tidy(archive: Archive) -> None:
    """What hangs on the rows just written: orders that waited for an owner, and the words by which people are found."""
    if archive.claimed:
        name_orders((car.obj.pk for car in archive.claimed), archive.ctx.journal)
    roles = [role.obj.customer_id for role in archive.roles]
    changed = [person.obj.pk for person in archive.people if person.is_new or person.dirty]
    phoned = [phone.obj.customer_id for phones in archive.numbers.values() for phone in phones if phone.is_new]
    cars = [car for car in archive.cars if car.dirty & {"plate_no", "vin"}]
    owners = [owner.obj.pk for owner in (archive.owner(car) for car in cars) if owner]
    contacts = [contact.obj.customer_id for contact in archive.contacts.values() if contact.is_new]
    search.refresh([*roles, *changed, *phoned, *owners, *contacts])
