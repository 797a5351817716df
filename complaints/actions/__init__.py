"""Every change of a ticket: one function each, locked, refused where the rules say so, written to log and trail."""

from complaints.actions.closing import close, close_unreachable, record_confirmation, record_ring_back, reopen
from complaints.actions.editing import edit
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
from complaints.actions.joining import merge, open_merged
from complaints.actions.liability import appeal_liability, confirm_liability, set_liability
from complaints.actions.opening import open_ticket
from complaints.actions.repairs import count_repairs
from complaints.actions.steering import (
    change_level,
    chase,
    judge_validity,
    pause,
    reassign,
    resume,
)
from complaints.actions.weighing import judge_level, judge_words

__all__ = [
    "accept",
    "act",
    "answer",
    "appeal_liability",
    "approve",
    "change_level",
    "chase",
    "close",
    "close_unreachable",
    "confirm_liability",
    "count_repairs",
    "edit",
    "investigate",
    "judge_level",
    "judge_validity",
    "judge_words",
    "merge",
    "note_contact",
    "open_merged",
    "open_ticket",
    "pause",
    "propose",
    "reassign",
    "record_confirmation",
    "record_ring_back",
    "reopen",
    "resume",
    "review",
    "set_liability",
    "submit",
    "tell_customer",
]
