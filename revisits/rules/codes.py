"""The codes that revisits keep in the database: states and reasons; words for them are made at display."""

from enum import StrEnum


class State(StrEnum):
    """Where a revisit stands; the same values as models.State, for rules that know no Django."""

    DUE = "due"
    NO_NUMBER = "no_number"
    IN_PROGRESS = "in_progress"
    DONE = "done"
    FAILED = "failed"
    EXCUSED = "excused"
    CANCELLED = "cancelled"


ENDED = frozenset({State.DONE, State.FAILED, State.EXCUSED, State.CANCELLED})


class Reason(StrEnum):
    """Why there is no call, why a call ended without success, or what sets it apart."""

    # no task at all: a Skip
    BEFORE_GO_LIVE = "before_go_live"
    HISTORICAL = "historical"
    TOO_OLD = "too_old"
    EXCLUDED_JOB_TYPE = "excluded_job_type"
    EXCLUDED_SALE_TYPE = "excluded_sale_type"
    RETURNED = "returned"
    NOT_COVERED = "not_covered"
    NOT_IN_SEGMENT = "not_in_segment"
    IN_SEGMENT = "in_segment"
    WINDOW_OVER = "window_over"
    # 免回访
    RESTRICTED = "restricted"
    REFUSES_CALLS = "refuses_calls"
    REFUSES_MARKETING = "refuses_marketing"
    NO_CONSENT = "no_consent"
    BY_MANAGER = "by_manager"
    CONTACT_PRESSURE = "contact_pressure"
    NOT_DRAWN = "not_drawn"
    # 待补号码
    UNKNOWN_CUSTOMER = "unknown_customer"
    NO_PHONE = "no_phone"
    EMPLOYEE_PHONE = "employee_phone"
    BAD_NUMBERS = "bad_numbers"
    # 已取消
    ORDER_VOID = "order_void"
    ORDER_REOPENED = "order_reopened"
    DELIVERY_RETURNED = "delivery_returned"
    VEHICLE_SOLD = "vehicle_sold"
    VEHICLE_SCRAPPED = "vehicle_scrapped"
    OWNER_CHANGED = "owner_changed"
    CAME_BACK = "came_back"
    BOOKED = "booked"
    RENEWED = "renewed"
    INSPECTED = "inspected"
    EXTENDED = "extended"
    DATE_MOVED = "date_moved"
    COMPLAINT_MOVED_ON = "complaint_moved_on"
    ANSWERED = "answered"
    DUPLICATE = "duplicate"
    WRONG_FACT = "wrong_fact"
    # 回访失败
    MISSED = "missed"
    EXPIRED = "expired"
    NOT_REACHED = "not_reached"
    REFUSED = "refused"
    # still to be called, but differently
    PROGRESS_CALL = "progress_call"


#: the fact is gone; a call that it takes along comes back with it
FACT_GONE = (Reason.ORDER_VOID, Reason.ORDER_REOPENED, Reason.DELIVERY_RETURNED)

#: what the call was to bring about has come about (已回厂, 已续保 …): one that was tried has been successful
BROUGHT_ABOUT = (
    Reason.CAME_BACK, Reason.BOOKED, Reason.RENEWED, Reason.INSPECTED, Reason.EXTENDED, Reason.ANSWERED,
)  # fmt: skip

#: what may turn out not to be so: a booking that is called off, a date set back, consent given, answers found false
REVERSIBLE = (*BROUGHT_ABOUT, Reason.DATE_MOVED, Reason.NO_CONSENT)

#: what a manager may choose by hand, by the state that it leads to
BY_HAND: dict[State, tuple[Reason, ...]] = {
    State.EXCUSED: (Reason.BY_MANAGER, Reason.REFUSES_CALLS),
    State.CANCELLED: (Reason.DUPLICATE, Reason.WRONG_FACT, Reason.VEHICLE_SOLD),
}
