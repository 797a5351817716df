"""Words for the codes that revisits keep: reasons, and what a run of the generator says about itself."""

from datetime import datetime

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from revisits.rules.codes import Reason
from revisits.rules.outcomes import quiet_hours

#: somebody asks again for what was asked for in the same minute
ASKED_BEFORE = _(
    "This was asked for within this minute already and is being done once. For what came in since, ask again in a"
    " minute."
)

REASONS: dict[str, str | Promise] = {
    Reason.BEFORE_GO_LIVE: _("Before the store's start date"),
    Reason.HISTORICAL: _("Imported as history"),
    Reason.TOO_OLD: _("Learned more than 45 days too late"),
    Reason.EXCLUDED_JOB_TYPE: _("This kind of work is not asked about"),
    Reason.EXCLUDED_SALE_TYPE: _("This kind of sale is not asked about"),
    Reason.RETURNED: _("Car was returned"),
    Reason.NOT_COVERED: _("Rule is not for this kind of work, car or sale"),
    Reason.NOT_IN_SEGMENT: _("Customer is not in the rule's segment"),
    Reason.IN_SEGMENT: _("Customer is in the segment that the rule leaves out"),
    Reason.WINDOW_OVER: _("Its time had passed when we learned of it"),
    Reason.RESTRICTED: _("Customer's data is restricted"),
    Reason.REFUSES_CALLS: _("Customer refuses revisit calls"),
    Reason.REFUSES_MARKETING: _("Customer refuses marketing calls"),
    Reason.NO_CONSENT: _("Customer has not agreed to marketing calls"),
    Reason.BY_MANAGER: _("Excused by the manager"),
    Reason.CONTACT_PRESSURE: _("Number was called often enough lately"),
    Reason.NOT_DRAWN: _("Not drawn: more calls than the desk can make"),
    Reason.UNKNOWN_CUSTOMER: _("Car is not in the archive"),
    Reason.NO_PHONE: _("No number that can be dialled"),
    Reason.EMPLOYEE_PHONE: _("Number belongs to an employee"),
    Reason.BAD_NUMBERS: _("All numbers are bad"),
    Reason.ORDER_VOID: _("Repair order is void"),
    Reason.ORDER_REOPENED: _("Settlement of the order was taken back"),
    Reason.DELIVERY_RETURNED: _("Car was returned after delivery"),
    Reason.VEHICLE_SOLD: _("Car was sold on"),
    Reason.VEHICLE_SCRAPPED: _("Car was scrapped"),
    Reason.OWNER_CHANGED: _("Car has a new owner"),
    Reason.CAME_BACK: _("Car has come back to the workshop"),
    Reason.BOOKED: _("Visit is booked"),
    Reason.RENEWED: _("Insurance is renewed"),
    Reason.INSPECTED: _("Inspection is done"),
    Reason.EXTENDED: _("Warranty is extended"),
    Reason.DATE_MOVED: _("Date has moved"),
    Reason.COMPLAINT_MOVED_ON: _("Complaint no longer waits for this call"),
    Reason.ANSWERED: _("Customer has answered face to face"),
    Reason.DUPLICATE: _("Same matter was asked already"),
    Reason.WRONG_FACT: _("Record is wrong"),
    Reason.MISSED: _("Learned too late to call"),
    Reason.EXPIRED: _("Not called in time"),
    Reason.NOT_REACHED: _("Not reached"),
    Reason.REFUSED: _("Refused to answer"),
    Reason.PROGRESS_CALL: _("Progress call: a complaint is open"),
}


def reason_word(code: str) -> str:
    """A reason in the reader's words; '' for none, the bare code for one that this version does not know."""
    return str(REASONS.get(code, code))


def quiet_word(now: datetime) -> str:
    """Whom we call nevertheless at a time of day at which we call nobody of our own choice; '' at any other."""
    quiet = quiet_hours(now)
    if quiet is None:
        return ""
    text = _("Quiet hours (%(hours)s): call only whom you promised it, or who waits over an urgent complaint.")
    return text % {"hours": f"{quiet.begins:%H:%M}–{quiet.ends:%H:%M}"}


#: when a step of a script is read; the codes are those of rules.branches
BRANCHES: dict[str, str | Promise] = {
    "": _("always"),
    "person": _("to a person"),
    "organisation": _("to an enterprise, nobody known by name"),
    "promised": _("if the customer named this time"),
    "tried_before": _("if somebody has tried before"),
    "late_import": _("if the call comes late"),
    "open_complaint": _("if a complaint is open"),
    "first_service": _("after a first service"),
    "maintenance": _("after any maintenance"),
    "repair": _("after a repair"),
    "accident": _("after an accident"),
    "rework": _("after rework"),
    "ev": _("for an electric car"),
    "not_ev": _("for a car that is not electric"),
    "scored": _("if marks are asked"),
    "low_answer": _("once a low answer is given"),
    "has_several_purposes": _("if the call is for more than one thing"),
    "missing_facts": _("if facts are missing in the archive"),
    "no_consent": _("if consent to marketing calls is missing"),
}
