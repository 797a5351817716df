"""The words of a ticket's life: each step, each stage, each clock entry, in the reader's language."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

STEPS: dict[str, Promise] = {
    "settle": _("Settled on the spot"),
    "accept": _("Accept"),
    "contact": _("Contact the customer"),
    "investigate": _("Write down the cause"),
    "propose": _("Propose a solution"),
    "approve": _("Approve the solution"),
    "tell": _("Tell the customer"),
    "act": _("Put it right"),
    "review": _("Look back and prevent"),
    "submit": _("Hand over to the confirming call"),
    "confirm": _("Make the confirming call"),
    "close": _("Close"),
    "rang_back": _("The customer rang back"),
    "close_unreachable": _("Close as unreachable"),
    "answer": _("Answer the question"),
    "reopen": _("Reopen"),
    "reassign": _("Reassign"),
    "change_level": _("Change the level"),
    "judge_words": _("Is this L4?"),
    "judge_level": _("Decide about the proposed level"),
    "recount": _("Count by new rules"),
    "pause": _("Pause the clock"),
    "resume": _("Resume the clock"),
    "judge_validity": _("Judge the validity"),
    "set_liability": _("Propose who is liable"),
    "confirm_liability": _("Confirm who is liable"),
    "appeal": _("Decide an appeal"),
    "chase": _("Log that the customer asks again"),
    "count_repairs": _("Choose the repairs of the same problem"),
    "merge": _("Merge"),
    "edit": _("Correct the facts"),
    "join": _("Take in the same matter"),
    "attach": _("Attach files"),
    "withdraw": _("Withdraw a file"),
}

DONE: dict[str, Promise] = {
    "open": _("Registered"),
    "accept": _("Accepted"),
    "contact": _("Contact with the customer"),
    "investigate": _("Cause found"),
    "propose": _("Solution proposed"),
    "approve": _("Solution approved"),
    "tell": _("Customer told"),
    "act": _("Being put right"),
    "review": _("Reviewed"),
    "submit": _("Handed over to the confirming call"),
    "confirm": _("Confirming call"),
    "close": _("Closed"),
    "rang_back": _("Customer rang back"),
    "close_unreachable": _("Closed as unreachable"),
    "answer": _("Question answered"),
    "settle": _("Settled on the spot"),
    "reopen": _("Reopened"),
    "reassign": _("Reassigned"),
    "change_level": _("Level changed"),
    "judge_words": _("Words weighed"),
    "judge_level": _("Proposed level decided"),
    "recount": _("Counted by new rules"),
    "pause": _("Clock paused"),
    "resume": _("Clock resumed"),
    "judge_validity": _("Validity judged"),
    "set_liability": _("Liability proposed"),
    "confirm_liability": _("Liability confirmed"),
    "appeal": _("Liability changed after an appeal"),
    "chase": _("Customer asked again"),
    "count_repairs": _("Repairs of the same problem chosen"),
    "merge": _("Merged"),
    "edit": _("Facts corrected"),
    "join": _("Same matter from another source"),
    "attach": _("Files attached"),
    "withdraw": _("File withdrawn"),
}

STAGES: dict[str, Promise] = {
    "listen": _("Listen"),
    "analyse": _("Find the cause"),
    "propose": _("Find a solution"),
    "tell": _("Tell"),
    "act": _("Put right"),
    "review": _("Look back"),
}

LIMITS: dict[str, Promise] = {
    "response": _("First response"),
    "proposal": _("First proposal"),
    "closing": _("Closing"),
    "external": _("External limit"),
}

WAITING: dict[str, Promise] = {
    "customer": _("Waiting for the customer"),
    "manufacturer": _("Waiting for the manufacturer"),
}

#: why a level is proposed
PROPOSED: dict[str, Promise] = {
    "second_time": _("It is the second complaint on the same matter."),
    "claim": _("The customer claims compensation or a refund."),
}

#: why a complaint does not count (domain 6.2)
GROUNDS: dict[str, Promise] = {
    "no_fault": _("no fault of ours"),
    "false_report": _("reported by mistake"),
    "malicious": _("malicious"),
}

GAPS: dict[str, Promise] = {
    "cause_class": _("the cause class"),
    "liability": _("who is directly liable"),
    "told": _("that the customer was told the proposal and accepts it"),
    "approval": _("a manager's approval of the solution"),
    "measure": _("an improvement measure"),
    "review_note": _("the review note"),
}


def step(action: str) -> str:
    """A step in words; an unknown one stands as it is."""
    return str(STEPS.get(action, action))


def done(action: str) -> str:
    """A step that was taken, in words; an unknown one stands as it is."""
    return str(DONE.get(action, action))


def limit(name: str) -> str:
    """Which promise a deadline belongs to."""
    return str(LIMITS[name])
