"""What forbids a call although it is open: the list of conditions, as the database finds them in many calls at once.

What is said here of many calls, moot.py says of one; a change of one is a change of both.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from complaints.models import State as ComplaintState
from crm_site.core import sql
from customers.models import Booking, OrderState, Vehicle, VehicleRole
from revisits.models import Anchor, Revisit
from revisits.rules.codes import BROUGHT_ABOUT, Reason, State
from satisfaction.models import FACE_TO_FACE, Response

#: the calls that want to bring a car to the workshop
WAIT_FOR_A_VISIT = (Anchor.FIRST_SERVICE, Anchor.MAINTENANCE, Anchor.LAST_VISIT)
#: the days of a car that stand in its row as we were told them, and what a later day means
TOLD_DAYS = {
    Anchor.INSURANCE: ("insurance_until", Reason.RENEWED),
    Anchor.INSPECTION: ("inspection_due_on", Reason.INSPECTED),
    Anchor.WARRANTY: ("warranty_until", Reason.EXTENDED),
    Anchor.LAST_VISIT: ("last_seen_on", Reason.CAME_BACK),
}
#: the calls that go to whoever owns the car now
OF_THE_OWNER = (*WAIT_FOR_A_VISIT, Anchor.INSURANCE, Anchor.INSPECTION, Anchor.WARRANTY)
_EXCUSED = (Reason.RESTRICTED, Reason.NO_CONSENT)


class Stop(NamedTuple):
    """The state that a stop fact leads to, and the reason."""

    state: State
    reason: Reason


def end_of(reason: Reason, *, called: bool) -> Stop:
    """What a call becomes that a stop fact ends; what it was to bring about counts as its success if it was tried."""
    if reason in _EXCUSED:
        return Stop(State.EXCUSED, reason)
    if reason == Reason.EXPIRED:
        return Stop(State.FAILED, reason)
    return Stop(State.DONE if called and reason in BROUGHT_ABOUT else State.CANCELLED, reason)


def with_stop(rows: QuerySet, today: date) -> QuerySet:
    """Calls with `stop`: the weightiest fact that takes the reason for them away, NULL while they stand."""
    whens = [When(condition, then=Value(reason.value)) for reason, condition in _conditions(today)]
    return rows.annotate(stop=Case(*whens, default=None, output_field=CharField(null=True)))


def stand_alone(head_ids: Iterable[int]) -> None:
    """Let what hangs from calls that end or go be calls of their own: the first one of each, with the rest."""
    along = Revisit.objects.filter(head_id__in=list(head_ids)).open().order_by("head_id", "due_on", "pk")
    first_of: dict[int, int] = {}
    rows: list[tuple[int, int | None, str, int]] = []
    for pk, head_id, joined_as, version in along.values_list("pk", "head_id", "joined_as", "version"):
        first = first_of.setdefault(head_id, pk)
        head = (None, "") if first == pk else (first, joined_as)
        rows.append((pk, *head, version + 1))
    sql.update_rows(Revisit, ("head", "joined_as", "version"), rows)


def free_keys(rows: QuerySet[Revisit]) -> None:
    """Let the new owner be called for the same occasion: the former one's call keeps it under a name of its own."""
    former = Concat("anchor_key", Value(":was:"), Cast("pk", CharField()), output_field=CharField())
    rows.filter(rule_version__anchor__in=OF_THE_OWNER).update(anchor_key=former)


# ---- the conditions --------------------------------------------------------------------------------------------------


def _conditions(today: date) -> list[tuple[Reason, Q]]:
    """Every stop fact that the database can see in the rows, the weightiest first."""
    return [
        (Reason.ORDER_VOID, Q(repair_order__state=OrderState.VOID)),
        (Reason.ORDER_REOPENED, Q(repair_order__state=OrderState.OPEN)),
        (Reason.ORDER_REOPENED, Q(repair_order__isnull=False, repair_order__released_on=None)),
        (Reason.DELIVERY_RETURNED, Q(delivery__returned_on__isnull=False)),
        (Reason.VEHICLE_SOLD, _of_the_car() & Q(vehicle__state=Vehicle.State.SOLD)),
        (Reason.VEHICLE_SCRAPPED, _of_the_car() & Q(vehicle__state=Vehicle.State.SCRAPPED)),
        (Reason.COMPLAINT_MOVED_ON, _moved_on()),
        (Reason.OWNER_CHANGED, _new_owner()),
        (Reason.RESTRICTED, Q(customer__restricted=True) | Q(customer__merged_into__restricted=True)),
        (Reason.ANSWERED, _answered()),
        *_visits(today),
        *_told_days(),
        (Reason.NO_CONSENT, Q(rule_version__needs_consent=True) & ~Q(customer__marketing_consent=True)),
    ]


def _anchored(*anchors: str) -> Q:
    return Q(rule_version__anchor__in=anchors)


def _of_the_car() -> Q:
    """Calls that end with their car: all but the one in which a customer is told what became of their complaint."""
    return ~_anchored(Anchor.COMPLAINT_SOLVED)


def _key(*parts: Value | Cast | Coalesce) -> Concat:
    return Concat(*parts, output_field=CharField())


def _moved_on() -> Q:
    """Confirming calls whose complaint no longer waits for them: reopened, put forward again, merged or closed."""
    current = _key(
        Value("complaint:"),
        Cast("complaint_id", CharField()),
        Value(":solved:"),
        Cast("complaint__round", CharField()),
    )
    return _anchored(Anchor.COMPLAINT_SOLVED) & (
        ~Q(complaint__state=ComplaintState.CONFIRMING) | ~Q(anchor_key=current)
    )


def _new_owner() -> Q:
    """The car is somebody else's: for what goes to its owner, now; for what we did for the former one, since then."""
    owner = VehicleRole.objects.filter(vehicle_id=OuterRef("vehicle_id"), role=VehicleRole.Kind.OWNER, until=None)
    other = owner.exclude(customer_id=OuterRef("customer_id"))
    fact = Q(delivery__isnull=False) | Q(repair_order__isnull=False)
    to_owner = _anchored(*OF_THE_OWNER) & Q(Exists(other))
    return Q(customer__isnull=False) & (to_owner | fact & Q(Exists(other.filter(since__gt=OuterRef("anchor_on")))))


def _answered() -> Q:
    """The scores that the call asks for were given face to face; a progress call is made all the same."""
    given = Response.objects.valid().filter(channel=FACE_TO_FACE)
    same = Q(Exists(given.filter(delivery=OuterRef("delivery_id"))))
    same |= Q(Exists(given.filter(repair_order=OuterRef("repair_order_id"))))
    return Q(rule_version__conditions__scored=True) & ~Q(reason=Reason.PROGRESS_CALL) & same


def _visits(today: date) -> list[tuple[Reason, Q]]:
    """The car came back, or its visit is booked; maintenance is named by the visit that it follows."""
    first, maintenance = _anchored(Anchor.FIRST_SERVICE), _anchored(Anchor.MAINTENANCE)
    last_seen = Coalesce(Cast("vehicle__last_seen_on", CharField()), Value("0"), output_field=CharField())
    current = _key(Value("vehicle:"), Cast("vehicle_id", CharField()), Value(":maintenance:after:"), last_seen)
    booked = Booking.objects.ahead(today).filter(vehicle_id=OuterRef("vehicle_id"))
    return [
        (Reason.CAME_BACK, first & Q(vehicle__last_visit_on__isnull=False)),
        (Reason.DATE_MOVED, first & Q(vehicle__first_service_on=None)),
        (Reason.CAME_BACK, maintenance & Q(anchor_key__lt=current)),
        (Reason.DATE_MOVED, maintenance & (~Q(anchor_key=current) | Q(vehicle__next_maintenance_on=None))),
        (Reason.BOOKED, _anchored(*WAIT_FOR_A_VISIT) & Q(Exists(booked))),
    ]


def _told_days() -> list[tuple[Reason, Q]]:
    """The day has moved on, or it was wrong."""
    found = []
    for anchor, (name, later) in TOLD_DAYS.items():
        day = f"vehicle__{name}"
        found.append((later, _anchored(anchor) & Q((f"{day}__gt", F("anchor_on")))))
        found.append((Reason.DATE_MOVED, _anchored(anchor) & ~Q((day, F("anchor_on")))))
    return found
