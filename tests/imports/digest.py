"""What stands in one store's archive, without keys and moments: two stores that got the same file are equal."""

import hashlib

from customers.models import Customer, Phone, RepairOrder, SearchToken, Vehicle, VehicleRole, Workmanship

LOOKED_AT = (
    (Customer, ("number", "name", "version", "sheet", "row")),
    (Phone, ("customer__name", "number", "rank", "kind")),
    (Vehicle, ("vin", "plate_no", "series", "last_visit_on", "last_mileage_km", "version")),
    (VehicleRole, ("vehicle__vin", "customer__name", "role", "since", "until")),
    (RepairOrder, ("order_number", "vehicle__vin", "customer__name", "state", "released_on", "total_fee", "items")),
    (Workmanship, ("order__order_number", "trade", "technician_name")),
    (SearchToken, ("customer__name", "kind", "token")),
)


def digest(store_id: int) -> str:
    """A hash of a store's rows, and how many they are."""
    whole, count = hashlib.sha256(), 0
    for model, columns in LOOKED_AT:
        rows = sorted(map(repr, model.objects.filter(store_id=store_id).values_list(*columns)))
        whole.update("\n".join(rows).encode())
        count += len(rows)
    return f"{whole.hexdigest()[:24]} {count}"
