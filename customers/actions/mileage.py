"""A mileage that somebody was told outside the workshop, as in a call."""

from __future__ import annotations

from datetime import date

from django.db import transaction
from django.utils.translation import gettext as _

from crm_site.accounts.models import Employee
from crm_site.audit import trail
from crm_site.core.errors import RuleBroken
from customers.actions import dates
from customers.models import MileageReading, Vehicle

#: no car on the road has more; what is typed beyond it is a slip of the finger
MOST_KM = 2_000_000


@transaction.atomic
def told_mileage(vehicle_id: int, *, km: int, on: date, by: Employee) -> MileageReading:
    """Note a mileage (kilometres) that the customer told on a day; a second one of the day takes its place.

    The car's dates follow at once.

    Raises RuleBroken (field "km") for a number that no odometer shows. A lower number than before is kept as it was
    told: the forecast leaves falling odometers out by itself.
    """
    if not 0 < km <= MOST_KM:
        raise RuleBroken(_("Enter the kilometres that the odometer shows."), code="mileage", field="km")
    vehicle = Vehicle.objects.select_for_update().get(pk=vehicle_id)
    reading, _is_new = MileageReading.objects.update_or_create(
        vehicle=vehicle, read_on=on, defaults={"store_id": vehicle.store_id, "km": km, "told_by": by}
    )
    dates.refresh(vehicle.store_id, [vehicle.pk])
    trail.record(by, "vehicle.mileage_told", vehicle)
    return reading
