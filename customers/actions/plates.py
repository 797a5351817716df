"""Keeps the plates that a car had before: whoever puts another plate on a car says here which one it was."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from customers.models import FormerPlate, Vehicle


def former_plates(changed: Iterable[tuple[Vehicle, str]], *, on: date) -> list[FormerPlate]:
    """The rows to write for cars that have got another plate on a day; `changed` pairs each with the plate it had.

    A car that had no plate, or lost and regained the same one on the day, gives none. One query, writes nothing.
    """
    pairs = [(car, plate) for car, plate in changed if plate and plate != car.plate_no]
    if not pairs:
        return []
    known = FormerPlate.objects.filter(vehicle__in=[car.pk for car, _plate in pairs], until=on)
    kept = set(known.values_list("vehicle_id", "plate_no"))
    return [
        FormerPlate(store_id=car.store_id, vehicle=car, plate_no=plate, until=on)
        for car, plate in pairs
        if (car.pk, plate) not in kept
    ]


def keep_former_plate(car: Vehicle, plate: str, *, on: date) -> None:
    """Remember the plate that one car had until a day; call it inside the transaction that changed the plate."""
    FormerPlate.objects.bulk_create(former_plates([(car, plate)], on=on))
