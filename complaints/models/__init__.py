"""The tables of complaints: reference rows, the ticket, its steps, its clock and who is liable."""

from complaints.models.beside import Attachment, CalendarVersion, IntakeDraft, Presence
from complaints.models.reference import Category, Level
from complaints.models.settings import Escalation, Phrase, Text, TicketSettings
from complaints.models.tickets import (
    COST_MONEY,
    SEE_ALL,
    UNCOUNTED,
    CauseClass,
    Complaint,
    ConfirmResult,
    Kind,
    Source,
    State,
    Validity,
    runs,
)
from complaints.models.trail import ClockEntry, Confirmation, Liability, Step

__all__ = [
    "COST_MONEY",
    "SEE_ALL",
    "UNCOUNTED",
    "Attachment",
    "CalendarVersion",
    "Category",
    "CauseClass",
    "ClockEntry",
    "Complaint",
    "ConfirmResult",
    "Confirmation",
    "Escalation",
    "IntakeDraft",
    "Kind",
    "Level",
    "Liability",
    "Phrase",
    "Presence",
    "Source",
    "State",
    "Step",
    "Text",
    "TicketSettings",
    "Validity",
    "runs",
]
