"""Every change of revisits: taking and giving back calls, ending them by hand, new rule versions, asking for runs."""

from revisits.actions.calls import save_call
from revisits.actions.drafts import discard_draft, keep_draft
from revisits.actions.generation import enqueue_missing_days, request_generation
from revisits.actions.rules import change_rule
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
    "change_rule",
    "claim",
    "claim_next",
    "discard_draft",
    "end_by_hand",
    "enqueue_missing_days",
    "keep_draft",
    "release",
    "renew_lease",
    "request_generation",
    "save_call",
]
