"""What forbids a call although it is open: one list of conditions for the nightly run, the claim and the page."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import NamedTuple

from django.db.models import Case, CharField, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Cast, Coalesce, Concat

from complaints.models import State as ComplaintState
from crm_site.accounts.models import Store
from crm_site.core import sql
from customers.models import Booking, ContactBan, OrderState, Phone, Vehicle, VehicleRole
from revisits.models import Anchor, Revisit
from revisits.rules import contact, due
from revisits.rules.codes import BROUGHT_ABOUT, Reason, State

#: the calls that want to bring a car to the workshop
WAIT_FOR_A_VISIT = (Anchor.FIRST_SERVICE, Anchor.MAINTENANCE, Anchor.LAST_VISIT)
#: the days of a car that stand in its row as we were told them, and what a later day means
_TOLD_DAYS = {
    Anchor.INSURANCE: ("vehicle__insurance_until", Reason.RENEWED),
    Anchor.INSPECTION: ("vehicle__inspection_due_on", Reason.INSPECTED),
    Anchor.WARRANTY: ("vehicle__warranty_until", Reason.EXTENDED),
    Anchor.LAST_VISIT: ("vehicle__last_seen_on", Reason.CAME_BACK),
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


def with_stop(rows: QuerySet, today: date, anchor: str = "") -> QuerySet:
    """Calls with `stop`: the weightiest fact that takes the reason for them away, NULL while they stand.

    Where all of them have one `anchor`, naming it leaves out the conditions of the others: half the work for one call.
    """
    whens = [When(condition, then=Value(reason.value)) for reason, condition in _conditions(today, anchor)]
    return rows.annotate(stop=Case(*whens, default=None, output_field=CharField(null=True)))


def stop_now(revisit: Revisit, today: date) -> Stop | None:
    """Why a call must not be made today although it is on the list; None when it may.

    Wants a row of queries.for_desk() or for_claim(). Three queries more, for the facts and for the refusals.
    """
    me = with_stop(Revisit.objects.filter(pk=revisit.pk), today, revisit.rule_version.anchor)
    row = me.values_list("stop", flat=True).order_by().get()
    if row:
        return end_of(Reason(row), called=revisit.first_attempt_on is not None)
    if _is_over(revisit, today):
        return end_of(Reason.EXPIRED, called=True)
    return _refusal(revisit, today)


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


def _is_over(revisit: Revisit, today: date) -> bool:
    """Whether a reminder or greeting has outlived its window; a time that the customer named is kept."""
    promised = revisit.promised_at is not None
    return due.ends_with_its_window(revisit.rule_version) and revisit.expires_on < today and not promised


def _refusal(revisit: Revisit, today: date) -> Stop | None:
    """What the customer, or somebody else at this number in any store, does not want to be called about."""
    customer, version = revisit.customer, revisit.rule_version
    if customer is None:
        return None
    bans = ContactBan.objects.in_force(today).filter(customer_id__in=_at_the_number(revisit))
    rows = bans.filter(channel__in=contact.TELEPHONE).values_list("purpose", "vehicle_id", "customer_id")
    purposes = [
        purpose
        for purpose, car, who in rows
        if car is None or (who == revisit.customer_id and car == revisit.vehicle_id)
    ]
    refused = contact.refusal(version.purpose, restricted=customer.restricted, bans=sorted(purposes))
    consent = bool(customer.marketing_consent)
    refused = refused or contact.consent_problem(version.needs_consent, consent=consent, bans=purposes)
    return Stop(State.EXCUSED, refused) if refused else None


def _at_the_number(revisit: Revisit) -> list[int]:
    """The customer, and whoever else has the number for himself; with the stores named, the index finds them."""
    if revisit.phone is None:
        return [revisit.customer_id or 0]
    same = Phone.objects.filter(store__in=Store.objects.values("pk"), number=revisit.phone.number, contact=None)
    return [revisit.customer_id or 0, *same.order_by().values_list("customer_id", flat=True)]


def without_number(revisit: Revisit) -> Stop | None:
    """Why a call cannot be dialled: its number was found bad by another call, and the customer has no other."""
    if revisit.phone is None or revisit.phone.bad_since is None:
        return None
    others = Phone.objects.filter(customer_id=revisit.customer_id).dialable()
    return None if others.exists() else Stop(State.NO_NUMBER, Reason.BAD_NUMBERS)


# ---- the conditions --------------------------------------------------------------------------------------------------


def _conditions(today: date, anchor: str) -> list[tuple[Reason, Q]]:
    """Every stop fact that the database can see in the rows, the weightiest first; those of one anchor, '' for all."""
    return [
        (Reason.ORDER_VOID, Q(repair_order__state=OrderState.VOID)),
        (Reason.ORDER_REOPENED, Q(repair_order__state=OrderState.OPEN)),
        (Reason.ORDER_REOPENED, Q(repair_order__isnull=False, repair_order__released_on=None)),
        (Reason.DELIVERY_RETURNED, Q(delivery__returned_on__isnull=False)),
        (Reason.VEHICLE_SOLD, Q(vehicle__state=Vehicle.State.SOLD)),
        (Reason.VEHICLE_SCRAPPED, Q(vehicle__state=Vehicle.State.SCRAPPED)),
        *([(Reason.COMPLAINT_MOVED_ON, _moved_on())] if anchor in ("", Anchor.COMPLAINT_SOLVED) else ()),
        (Reason.OWNER_CHANGED, _new_owner()),
        (Reason.RESTRICTED, Q(customer__restricted=True)),
        *(_visits(today) if anchor in ("", *WAIT_FOR_A_VISIT) else ()),
        *_told_days(anchor),
        (Reason.NO_CONSENT, Q(rule_version__needs_consent=True) & ~Q(customer__marketing_consent=True)),
    ]


def _anchored(*anchors: str) -> Q:
    return Q(rule_version__anchor__in=anchors)


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


def _told_days(only: str) -> list[tuple[Reason, Q]]:
    """The day has moved on, or it was wrong."""
    found = []
    for anchor, (day, later) in _TOLD_DAYS.items():
        if only in ("", anchor):
            found.append((later, _anchored(anchor) & Q((f"{day}__gt", F("anchor_on")))))
            found.append((Reason.DATE_MOVED, _anchored(anchor) & ~Q((day, F("anchor_on")))))
    return found
