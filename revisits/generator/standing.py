"""What stands against an occasion at the moment it is looked at: a visit that is booked, a car that has a new owner."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import date

from django.db.models import Q

from customers.models import Booking, VehicleRole
from revisits.generator.context import Context
from revisits.generator.reading import Occasion
from revisits.rules.codes import Reason
from revisits.stops import WAIT_FOR_A_VISIT
from satisfaction.models import FACE_TO_FACE, Response


class Standing:
    """The stop facts of one batch that no stored day of the fact itself shows; three queries, whatever its size."""

    def __init__(self, context: Context, batch: Sequence[Occasion]) -> None:
        self._booked = _booked({one.vehicle_id for one in batch if one.vehicle_id}, context.today)
        facts = [one for one in batch if _is_a_fact(one)]
        self._owners = _owners({one.vehicle_id for one in facts if one.vehicle_id})
        self._answered = _answered(facts)

    def skip(self, occasion: Occasion, anchor: str) -> Reason | None:
        """Why nothing has to be brought about any more: the visit that the call would ask for is booked."""
        return Reason.BOOKED if anchor in WAIT_FOR_A_VISIT and occasion.vehicle_id in self._booked else None

    def end(self, occasion: Occasion) -> Reason | None:
        """Why a delivery or a visit is asked about no more: the car has been somebody else's since."""
        for customer_id, since in self._owners.get(occasion.vehicle_id or 0, ()):
            if customer_id != occasion.customer_id and since is not None and since > occasion.anchor_on:
                return Reason.OWNER_CHANGED
        return None

    def is_answered(self, occasion: Occasion) -> bool:
        """Whether the customer has answered about a delivery or visit face to face."""
        about = (occasion.delivery_id, occasion.repair_order_id)
        return about != (None, None) and about in self._answered


def _is_a_fact(occasion: Occasion) -> bool:
    return bool(occasion.delivery_id or occasion.repair_order_id)


def _booked(cars: set[int], today: date) -> set[int]:
    return set(Booking.objects.ahead(today).filter(vehicle_id__in=cars).values_list("vehicle_id", flat=True))


def _owners(cars: set[int]) -> dict[int, list[tuple[int, date | None]]]:
    """{car: (current owner, since when)}."""
    found = defaultdict(list)
    rows = VehicleRole.objects.filter(vehicle_id__in=cars, role=VehicleRole.Kind.OWNER, until=None)
    for vehicle_id, customer_id, since in rows.values_list("vehicle_id", "customer_id", "since"):
        found[vehicle_id].append((customer_id, since))
    return found


def _answered(facts: Sequence[Occasion]) -> set[tuple[int | None, int | None]]:
    """{(delivery, repair order)} of those that were answered face to face."""
    deliveries = {one.delivery_id for one in facts if one.delivery_id}
    orders = {one.repair_order_id for one in facts if one.repair_order_id}
    if not facts:
        return set()
    given = Response.objects.valid().filter(channel=FACE_TO_FACE)
    about = Q(delivery_id__in=deliveries) | Q(repair_order_id__in=orders)
    return set(given.filter(about).order_by().values_list("delivery_id", "repair_order_id"))
