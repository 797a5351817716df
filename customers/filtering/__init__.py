"""What the customer list can be filtered by: one table for the list, bulk changes, segments and exports.

`parse` reads an address or a kept query, `narrow` narrows rows by it, `describe` says it in words.
"""

from customers.filtering.field import Asked, Field
from customers.filtering.listing import Listing
from customers.filtering.table import (
    FIELDS,
    GROUPS,
    Active,
    active,
    condition,
    describe,
    fields,
    narrow,
    parse,
    words_of,
)

__all__ = [
    "FIELDS",
    "GROUPS",
    "Active",
    "Asked",
    "Field",
    "Listing",
    "active",
    "condition",
    "describe",
    "fields",
    "narrow",
    "parse",
    "words_of",
]
