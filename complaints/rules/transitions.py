"""Which action leads a ticket from which state to which, what it demands, and who may do it (domain 6.1)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class S(StrEnum):
    """The states of a ticket; the same words as models.State, which a test compares."""

    REGISTERED = "registered"
    ACCEPTED = "accepted"
    INVESTIGATING = "investigating"
    PROPOSED = "proposed"
    TOLD = "told"
    ACTING = "acting"
    CONFIRMING = "confirming"
    CLOSED = "closed"
    REOPENED = "reopened"
    MERGED = "merged"
    RECORDED = "recorded"


class Who(StrEnum):
    """The parts in which somebody may act on a ticket."""

    HANDLER = "handler"
    #: who is to call a customer of weight at once
    CALLER = "caller"
    #: a specialist on a grievance or question
    SPECIALIST_SMALL = "specialist_small"
    SPECIALIST = "specialist"
    FRONTLINE = "frontline"
    #: the head of the ticket's department
    HEAD = "head"
    MANAGER = "manager"
    DIRECTOR = "director"
    SYSTEM = "system"


HANDLING = frozenset({Who.HANDLER, Who.SPECIALIST_SMALL, Who.HEAD, Who.MANAGER})
ASSIGNING = frozenset({Who.HANDLER, Who.HEAD, Who.MANAGER})
LEADING = frozenset({Who.HEAD, Who.MANAGER})
MANAGING = frozenset({Who.MANAGER})
DECIDING = frozenset({Who.MANAGER, Who.DIRECTOR})
CALLING = frozenset({Who.SPECIALIST, Who.MANAGER, Who.DIRECTOR})
RINGING = frozenset({Who.SPECIALIST, Who.MANAGER})
REPORTING = frozenset({Who.SPECIALIST, Who.FRONTLINE, Who.HEAD, Who.MANAGER})

BEFORE_ACCEPTANCE = frozenset({S.REGISTERED, S.REOPENED})
IN_WORK = frozenset({S.ACCEPTED, S.INVESTIGATING, S.PROPOSED, S.TOLD, S.ACTING})
UNSOLVED = BEFORE_ACCEPTANCE | IN_WORK
OPEN = UNSOLVED | {S.CONFIRMING}


@dataclass(frozen=True)
class Move:
    """One action: the states it starts in, those it may end in (none: the state stays), who, and what it demands."""

    starts: frozenset[S]
    ends: frozenset[S]
    who: frozenset[Who]
    demands: tuple[str, ...] = ()
    #: the clock must be running: what waits for somebody else cannot move on
    running: bool = False
    #: whether the person complained about may do even this
    accused_may: bool = False
    #: which kinds of ticket know this action; a question has a short way of its own
    questions: bool = True
    complaints: bool = True
    #: whether a ticket from an old register knows it: only what says whose fault it was and whether it counts
    historical: bool = False


def _to(*ends: S) -> frozenset[S]:
    return frozenset(ends)


STAYS: frozenset[S] = frozenset()

NEXT: dict[str, Move] = {
    "accept": Move(BEFORE_ACCEPTANCE, _to(S.ACCEPTED), HANDLING, ("level", "handler")),
    "contact": Move(UNSOLVED, STAYS, HANDLING | {Who.CALLER}, ("note",)),
    "investigate": Move(
        IN_WORK, _to(S.INVESTIGATING), HANDLING, ("cause_class", "cause"), running=True, questions=False
    ),
    "propose": Move(IN_WORK, _to(S.PROPOSED), HANDLING, ("solution",), running=True, questions=False),
    "approve": Move(_to(S.PROPOSED, S.TOLD, S.ACTING, S.CONFIRMING), STAYS, MANAGING, running=True, questions=False),
    "tell": Move(_to(S.PROPOSED), _to(S.TOLD, S.INVESTIGATING), HANDLING, ("accepts",), running=True, questions=False),
    "act": Move(_to(S.TOLD), _to(S.ACTING), HANDLING, ("note",), running=True, questions=False),
    "review": Move(IN_WORK | {S.CONFIRMING, S.CLOSED}, STAYS, HANDLING, ("review_note",), questions=False),
    "submit": Move(
        _to(S.TOLD, S.ACTING),
        _to(S.CONFIRMING),
        HANDLING,
        ("cause_class", "liability", "told"),
        running=True,
        questions=False,
    ),
    "confirm": Move(_to(S.CONFIRMING), _to(S.CLOSED, S.REOPENED, S.CONFIRMING), CALLING, ("result",), questions=False),
    "close": Move(_to(S.CONFIRMING), _to(S.CLOSED), LEADING, ("confirmed",), questions=False),
    "rang_back": Move(
        _to(S.CONFIRMING, S.CLOSED),
        _to(S.CLOSED, S.REOPENED, S.CONFIRMING),
        RINGING,
        ("result", "note"),
        questions=False,
    ),
    "close_unreachable": Move(_to(S.CONFIRMING), _to(S.CLOSED), MANAGING, ("unreachable", "reason"), questions=False),
    "answer": Move(UNSOLVED, _to(S.CLOSED), HANDLING, ("solution",), complaints=False),
    "reopen": Move(_to(S.CLOSED), _to(S.REOPENED), MANAGING, ("reason",)),
    "reassign": Move(OPEN, STAYS, ASSIGNING, ("handler",)),
    "change_level": Move(UNSOLVED, STAYS, HANDLING, ("level",), questions=False),
    #: what the system asks (single words: L4?) or proposes about the level
    "judge_words": Move(OPEN, STAYS, HANDLING, ("is_grave", "reason"), questions=False),
    "judge_level": Move(OPEN, STAYS, HANDLING, ("accepts",), questions=False),
    #: by a changed calendar or changed limits
    "recount": Move(OPEN, STAYS, MANAGING, ("reason",)),
    "pause": Move(UNSOLVED, STAYS, HANDLING, ("waiting_for", "reason", "until"), running=True, questions=False),
    "resume": Move(UNSOLVED, STAYS, HANDLING | {Who.SYSTEM}, questions=False),
    "judge_validity": Move(
        OPEN | {S.CLOSED, S.RECORDED}, STAYS, MANAGING, ("validity", "reason"), questions=False, historical=True
    ),
    "set_liability": Move(IN_WORK | {S.CONFIRMING}, STAYS, HANDLING, ("liability",), questions=False),
    "confirm_liability": Move(
        IN_WORK | {S.CONFIRMING, S.CLOSED, S.RECORDED}, STAYS, LEADING, ("liability",), questions=False, historical=True
    ),
    #: an employee's appeal against the month's report was accepted; decided there, not on the ticket's page
    "appeal": Move(OPEN | {S.CLOSED, S.RECORDED}, STAYS, DECIDING, ("liability",), questions=False, historical=True),
    "chase": Move(OPEN, STAYS, REPORTING, ("note",), accused_may=True),
    "count_repairs": Move(OPEN | {S.CLOSED}, STAYS, HANDLING, ("orders",), questions=False),
    "edit": Move(OPEN | {S.CLOSED}, STAYS, HANDLING | {Who.SPECIALIST}),
    "merge": Move(UNSOLVED, _to(S.MERGED), LEADING, ("main",)),
    #: the main ticket takes in one that is registered about the same matter
    "join": Move(OPEN, STAYS, REPORTING),
    #: whoever is complained about may add what speaks for them, but takes nothing away
    "attach": Move(OPEN | {S.CLOSED}, STAYS, REPORTING | {Who.HANDLER}, ("files",), accused_may=True),
    "withdraw": Move(OPEN | {S.CLOSED}, STAYS, REPORTING | {Who.HANDLER}),
}

#: what the customer said in the confirming call -> where the ticket goes
CLOSING_RESULTS = frozenset({"very_satisfied", "satisfied", "fair", "accepts", "no_comment"})
REOPENING_RESULTS = frozenset({"dissatisfied"})


def after_confirmation(result: str) -> S:
    """Where a confirming result leads: closed, reopened, or still waiting because nobody was reached."""
    if result in CLOSING_RESULTS:
        return S.CLOSED
    return S.REOPENED if result in REOPENING_RESULTS else S.CONFIRMING


@dataclass(frozen=True)
class Actor:
    """In which part somebody meets a ticket."""

    role: str
    is_handler: bool = False
    is_caller: bool = False
    #: posted to the ticket's department (decides for heads)
    in_department: bool = False
    #: the ticket is a grievance (L1) or a question
    small: bool = False

    @property
    def parts(self) -> frozenset[Who]:
        """Every part this person has towards the ticket."""
        works = self.role in {"specialist", "head", "manager"}
        parts = {Who.HANDLER} if self.is_handler and works else set()
        parts |= {Who.CALLER} if self.is_caller and works else set()
        if self.role == "specialist":
            parts |= {Who.SPECIALIST} | ({Who.SPECIALIST_SMALL} if self.small else set())
        elif self.role == "head" and (self.in_department or self.is_handler):
            parts.add(Who.HEAD)
        elif self.role in {"frontline", "manager", "director", "system"}:
            parts.add(Who(self.role))
        return frozenset(parts)


def may(action: str, actor: Actor) -> bool:
    """Whether somebody in this part may do the action at all, whatever the ticket's state."""
    return bool(NEXT[action].who & actor.parts)


def fits(action: str, state: str, *, question: bool = False, paused: bool = False, historical: bool = False) -> bool:
    """Whether a ticket of this kind, in this state, with this clock can take the action now."""
    move = NEXT[action]
    known = (move.questions if question else move.complaints) and (move.historical or not historical)
    return known and state in move.starts and not (move.running and paused) and (action != "resume" or paused)


def possible(
    state: str, actor: Actor, *, question: bool = False, paused: bool = False, historical: bool = False
) -> list[str]:
    """The actions that this person can take now, in the order of the table."""
    ticket = {"question": question, "paused": paused, "historical": historical}
    return [action for action in NEXT if fits(action, state, **ticket) and may(action, actor)]


#: the six stages of the trade, and the states in which each is the present one
STAGES: tuple[tuple[str, frozenset[S]], ...] = (
    ("listen", frozenset({S.REGISTERED, S.REOPENED})),
    ("analyse", frozenset({S.ACCEPTED, S.INVESTIGATING})),
    ("propose", frozenset({S.PROPOSED})),
    ("tell", frozenset({S.TOLD})),
    ("act", frozenset({S.ACTING, S.CONFIRMING})),
    ("review", frozenset({S.CLOSED})),
)


def stage_of(state: str) -> int:
    """The index of the present stage in STAGES; a merged ticket has none (-1)."""
    return next((index for index, (_, states) in enumerate(STAGES) if state in states), -1)
