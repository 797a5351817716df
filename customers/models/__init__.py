"""The archive's tables: people, cars, what happened to them, and the words by which they are found."""

from customers.models.events import NO_VISIT, Delivery, JobType, OrderState, RepairOrder, SaleType, Trade, Workmanship
from customers.models.people import (
    ClassChange,
    Contact,
    ContactBan,
    Customer,
    CustomerType,
    LoyaltyClass,
    Phone,
    ValueClass,
)
from customers.models.search import SearchToken
from customers.models.service import Booking, MileageReading, ServicePlan
from customers.models.vehicles import Vehicle, VehicleRole

__all__ = [
    "NO_VISIT",
    "Booking",
    "ClassChange",
    "Contact",
    "ContactBan",
    "Customer",
    "CustomerType",
    "Delivery",
    "JobType",
    "LoyaltyClass",
    "MileageReading",
    "OrderState",
    "Phone",
    "RepairOrder",
    "SaleType",
    "SearchToken",
    "ServicePlan",
    "Trade",
    "ValueClass",
    "Vehicle",
    "VehicleRole",
    "Workmanship",
]
