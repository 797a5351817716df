"""When a step of a script is read: a code for each branch, and what must be so in a call for it to hold."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass

#: read in every call
ALWAYS = ""
#: read once a low answer has been given: nobody knows that before the call, so the page shows it when it happens
LOW_ANSWER = "low_answer"

MAINTENANCE = frozenset({"first_service", "scheduled"})
REPAIR = frozenset({"general", "warranty", "body"})


@dataclass(frozen=True)
class CallFacts:
    """What is known about a call before anybody has spoken."""

    #: the kind of work that the call is about, '' for none; and whether it was rework
    job_type: str = ""
    is_rework: bool = False
    #: the car's power, '' where unknown
    power: str = ""
    #: an enterprise answers, and no person of it is known by name
    is_organisation: bool = False
    #: a complaint is open that this call is not itself about
    open_complaint: bool = False
    #: the customer has agreed to renewal and marketing calls
    has_consent: bool = True
    #: the call is made for further purposes or cars too
    several_purposes: bool = False
    #: the fact was learned after the call was due
    late_import: bool = False
    #: marks are asked
    asks_marks: bool = False
    #: somebody has tried before; the customer named this time
    tried_before: bool = False
    promised: bool = False
    #: facts of the archive are to be asked in passing
    missing_facts: bool = False


#: code -> whether its steps are read; LOW_ANSWER alone is decided by the page
BRANCHES: dict[str, Callable[[CallFacts], bool]] = {
    ALWAYS: lambda call: True,
    "first_service": lambda call: call.job_type == "first_service",
    "maintenance": lambda call: call.job_type in MAINTENANCE,
    "repair": lambda call: call.job_type in REPAIR and not call.is_rework,
    "accident": lambda call: call.job_type == "accident",
    "rework": lambda call: call.is_rework or call.job_type == "rework",
    "ev": lambda call: call.power == "ev",
    "not_ev": lambda call: call.power != "ev",
    "person": lambda call: not call.is_organisation,
    "organisation": lambda call: call.is_organisation,
    "scored": lambda call: call.asks_marks,
    LOW_ANSWER: lambda call: False,
    "open_complaint": lambda call: call.open_complaint,
    "no_consent": lambda call: not call.has_consent,
    "has_several_purposes": lambda call: call.several_purposes,
    "late_import": lambda call: call.late_import,
    "tried_before": lambda call: call.tried_before and not call.promised,
    "promised": lambda call: call.promised,
    "missing_facts": lambda call: call.missing_facts,
}


def holds(code: str, call: CallFacts) -> bool:
    """Whether a step with this branch is read from the start; an unknown code is read, so that nothing is lost."""
    test = BRANCHES.get(code)
    return test is None or test(call)


def unknown(codes: Iterable[str]) -> list[str]:
    """The codes that are no branch, each once, in their order."""
    return list(dict.fromkeys(code for code in codes if code not in BRANCHES))
