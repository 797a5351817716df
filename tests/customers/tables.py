"""The business tables as one value, to compare what stood before with what stands after."""

import hashlib
import json

from crm_site.accounts.models import Employee, Posting
from crm_site.audit.trail import plain
from customers.models import (
    Booking,
    Contact,
    Customer,
    Delivery,
    Phone,
    RepairOrder,
    SearchToken,
    Vehicle,
    VehicleRole,
    Workmanship,
)

MODELS = (
    Customer, Phone, Contact, Vehicle, VehicleRole, Delivery, RepairOrder, Workmanship, Booking, Employee, Posting,
)  # fmt: skip


def rows() -> dict[str, list]:
    """Every row of every table; tokens, which are derived, without their keys."""
    found = {model.__name__: [plain(row) for row in model.objects.order_by("pk").values()] for model in MODELS}
    tokens = SearchToken.objects.values_list("store", "customer", "vehicle", "kind", "token")
    return found | {"tokens": sorted(map(str, tokens))}


def digest() -> str:
    """A hash of all that stands in the tables."""
    return hashlib.sha256(json.dumps(rows(), sort_keys=True, default=str).encode()).hexdigest()
