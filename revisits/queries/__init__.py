"""Reads of revisits: what may be called next and by whom, the due list, coverage, runs and skips."""

from revisits.queries.desk import (
    accused_by,
    delicate,
    dial_list,
    for_claim,
    for_desk,
    may_call,
    served_by,
    stop_message,
    waiting_for,
    why_not,
)

__all__ = [
    "accused_by",
    "delicate",
    "dial_list",
    "for_claim",
    "for_desk",
    "may_call",
    "served_by",
    "stop_message",
    "waiting_for",
    "why_not",
]
