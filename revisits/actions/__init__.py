"""Every change of revisits: taking and giving back calls, ending them by hand, new rule versions, asking for runs."""

from revisits.actions.ahead import request_look_ahead
from revisits.actions.assignment import allow, assign, unassign
from revisits.actions.calls import save_call
from revisits.actions.desk import set_desk
from revisits.actions.drafts import discard_draft, keep_draft
from revisits.actions.generation import enqueue_missing_days, request_generation
from revisits.actions.handover import hand_over, undo_hand_over
from revisits.actions.notes import change_note
from revisits.actions.results import add_result, change_result
from revisits.actions.rules import change_rule
from revisits.actions.scripts import restore_script, save_script
from revisits.actions.tasks import (
    LEASE,
    claim,
    claim_next,
    end_by_hand,
    release,
    renew_lease,
)
from revisits.said import Call, TicketWanted

__all__ = [
    "LEASE",
    "Call",
    "TicketWanted",
    "add_result",
    "allow",
    "assign",
    "change_note",
    "change_result",
    "change_rule",
    "claim",
    "claim_next",
    "discard_draft",
    "end_by_hand",
    "enqueue_missing_days",
    "hand_over",
    "keep_draft",
    "release",
    "renew_lease",
    "request_generation",
    "request_look_ahead",
    "restore_script",
    "save_call",
    "save_script",
    "set_desk",
    "unassign",
    "undo_hand_over",
]
