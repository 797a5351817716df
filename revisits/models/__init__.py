"""The tables of revisits: rules, scripts and results; the tasks they make; the calls that were made."""

from revisits.models.calls import AttemptPurpose, CallAttempt, CallDraft, Channel
from revisits.models.desk import CallerSettings, DeskSettings, HandOver
from revisits.models.past import PastCall
from revisits.models.phrases import Phrase
from revisits.models.quality import Inspection, InspectionItem, PracticeCall, Target
from revisits.models.rules import (
    Anchor,
    CallResult,
    NextStep,
    ResultVersion,
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
    Joined,
    Revisit,
    RevisitOrder,
    Skip,
    State,
)

__all__ = [
    "CALLABLE_STATES",
    "OPEN_STATES",
    "Anchor",
    "AttemptPurpose",
    "CallAttempt",
    "CallDraft",
    "CallResult",
    "CallerSettings",
    "Channel",
    "DeskSettings",
    "GenerationRun",
    "HandOver",
    "Inspection",
    "InspectionItem",
    "Joined",
    "NextStep",
    "PastCall",
    "Phrase",
    "PracticeCall",
    "ResultVersion",
    "Revisit",
    "RevisitOrder",
    "RevisitRule",
    "RuleVersion",
    "Script",
    "ScriptStep",
    "ScriptVersion",
    "Skip",
    "State",
    "Target",
]
