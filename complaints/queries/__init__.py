"""Reads of the tickets: what others ask of them, the desk's figures, and what is learned from a period."""

from complaints.queries.desk import (
    FIGURES,
    Figure,
    Rows,
    anchor_key,
    awaiting_confirmation,
    closed_for_recheck,
    closed_on,
    countable,
    counted,
    counts,
    lately_of_customer,
    open_about_vehicle,
    open_of_customer,
)

__all__ = [
    "FIGURES",
    "Figure",
    "Rows",
    "anchor_key",
    "awaiting_confirmation",
    "closed_for_recheck",
    "closed_on",
    "countable",
    "counted",
    "counts",
    "lately_of_customer",
    "open_about_vehicle",
    "open_of_customer",
]
