"""The archive's tables: people, cars, what happened to them, and the words by which they are found."""

from customers.models.bulk import BulkChange
from customers.models.classes import ClassDefinition, QualityFigure, Segment, YearValue
from customers.models.cleaning import Correction, FactCheck
from customers.models.events import NO_VISIT, Delivery, JobType, OrderState, RepairOrder, SaleType, Trade, Workmanship
from customers.models.people import (
    ClassChange,
    Contact,
    Customer,
    CustomerType,
    DefectionType,
    Lifecycle,
    LoyaltyClass,
    Phone,
    Potential,
    ValueClass,
)
from customers.models.profile import Consent, Group, ProfileField, ProfileRefusal, ProfileValue, Reveal
from customers.models.search import SearchToken
from customers.models.service import Booking, MileageReading, ServicePlan
from customers.models.vehicles import FormerPlate, Vehicle, VehicleRole
from customers.models.wishes import ContactBan

__all__ = [
    "NO_VISIT",
    "Booking",
    "BulkChange",
    "ClassChange",
    "ClassDefinition",
    "Consent",
    "Contact",
    "ContactBan",
    "Correction",
    "Customer",
    "CustomerType",
    "DefectionType",
    "Delivery",
    "FactCheck",
    "FormerPlate",
    "Group",
    "JobType",
    "Lifecycle",
    "LoyaltyClass",
    "MileageReading",
    "OrderState",
    "Phone",
    "Potential",
    "ProfileField",
    "ProfileRefusal",
    "ProfileValue",
    "QualityFigure",
    "RepairOrder",
    "Reveal",
    "SaleType",
    "SearchToken",
    "Segment",
    "ServicePlan",
    "Trade",
    "ValueClass",
    "Vehicle",
    "VehicleRole",
    "Workmanship",
    "YearValue",
]
