"""Reads of revisits: what may be called next and by whom, the due list, coverage, runs and skips."""

from revisits.queries.conflict import accused_by, delicate, free_for, served_by
from revisits.queries.desk import (
    dial_list,
    first_in_line,
    for_desk,
    has_joined,
    may_call,
    shown_numbers,
    stop_message,
    to_claim,
    waiting_for,
    waits_for_release,
    why_not,
)

__all__ = [
    "accused_by",
    "delicate",
    "dial_list",
    "for_desk",
    "free_for",
    "has_joined",
    "first_in_line",
    "may_call",
    "served_by",
    "shown_numbers",
    "stop_message",
    "to_claim",
    "waiting_for",
    "waits_for_release",
    "why_not",
]
