"""The tables of complaints: reference rows, the ticket, its steps, its clock and who is liable."""

from complaints.models.reference import Category, Level
from complaints.models.tickets import (
    CauseClass,
    Complaint,
    ConfirmResult,
    Kind,
    Source,
    State,
    Validity,
)
from complaints.models.trail import ClockEntry, Confirmation, Liability, Step

__all__ = [
    "Category",
    "CauseClass",
    "ClockEntry",
    "Complaint",
    "ConfirmResult",
    "Confirmation",
    "Kind",
    "Level",
    "Liability",
    "Source",
    "State",
    "Step",
    "Validity",
]
