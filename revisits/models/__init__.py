"""The tables of revisits: rules, scripts and results; the tasks they make; the calls that were made."""

from revisits.models.calls import CallAttempt, Channel
from revisits.models.past import PastCall
from revisits.models.rules import (
    Anchor,
    CallResult,
    NextStep,
    RevisitRule,
    RuleVersion,
    Script,
    ScriptStep,
    ScriptVersion,
)
from revisits.models.tasks import (
    CALLABLE_STATES,
    OPEN_STATES,
    GenerationRun,
    Revisit,
    RevisitOrder,
    Skip,
    State,
)

__all__ = [
    "CALLABLE_STATES",
    "OPEN_STATES",
    "Anchor",
    "CallAttempt",
    "CallResult",
    "Channel",
    "GenerationRun",
    "NextStep",
    "PastCall",
    "Revisit",
    "RevisitOrder",
    "RevisitRule",
    "RuleVersion",
    "Script",
    "ScriptStep",
    "ScriptVersion",
    "Skip",
    "State",
]
