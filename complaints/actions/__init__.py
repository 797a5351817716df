"""Every change of a ticket: one function each, locked, refused where the rules say so, written to log and trail."""

from complaints.actions.closing import close_unreachable, record_confirmation, reopen
from complaints.actions.handling import (
    accept,
    act,
    answer,
    approve,
    investigate,
    note_contact,
    propose,
    review,
    submit,
    tell_customer,
)
from complaints.actions.liability import confirm_liability, set_liability
from complaints.actions.opening import open_ticket
from complaints.actions.steering import (
    change_level,
    chase,
    judge_validity,
    merge,
    pause,
    reassign,
    resume,
)

__all__ = [
    "accept",
    "act",
    "answer",
    "approve",
    "change_level",
    "chase",
    "close_unreachable",
    "confirm_liability",
    "investigate",
    "judge_validity",
    "merge",
    "note_contact",
    "open_ticket",
    "pause",
    "propose",
    "reassign",
    "record_confirmation",
    "reopen",
    "resume",
    "review",
    "set_liability",
    "submit",
    "tell_customer",
]
