"""The spreadsheets that fill the archive: customers with their cars, deliveries, repair orders."""

from customers.layouts.cards import CUSTOMERS
from customers.layouts.handovers import DELIVERIES
from customers.layouts.visits import REPAIR_ORDERS

__all__ = ["CUSTOMERS", "DELIVERIES", "REPAIR_ORDERS"]
