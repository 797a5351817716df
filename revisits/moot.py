"""Why one call must not be made although it is open: asked when it is taken and when its page opens.

The facts are those that stops.py finds in many calls at once, in the same order, decided from rows that are read
anyway: for one call PostgreSQL would take longer to plan that statement than to read them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date

from django.db.models import Q, QuerySet

from complaints.models import State as ComplaintState
from crm_site.accounts.models import Store
from crm_site.core.compiled import compiled
from customers.models import Booking, ContactBan, Customer, OrderState, Phone, Vehicle, VehicleRole
from revisits.models import Anchor, Revisit
from revisits.rules import contact, due
from revisits.rules.codes import Reason, State
from revisits.stops import OF_THE_OWNER, TOLD_DAYS, WAIT_FOR_A_VISIT, Stop, end_of
from satisfaction.models import FACE_TO_FACE, Response


def stop_now(revisit: Revisit, today: date) -> Stop | None:
    """Why a call must not be made today although it is on the list; None when it may.

    Wants a row of queries.for_desk() or to_claim(). Three to five small queries more: the fact that it is about, the
    owners of the car, the booking that it would ask for, and the refusals.
    """
    fact = fact_against(revisit, today)
    if fact:
        return end_of(fact, called=revisit.first_attempt_on is not None)
    if _is_over(revisit, today):
        return end_of(Reason.EXPIRED, called=True)
    return _refusal(revisit, today)


def without_number(revisit: Revisit) -> Stop | None:
    """Why a call cannot be dialled: its number was found bad by another call, and the customer has no other."""
    if revisit.phone is None or revisit.phone.bad_since is None:
        return None
    others = Phone.objects.filter(customer_id=revisit.customer_id or 0).dialable()
    return None if others.exists() else Stop(State.NO_NUMBER, Reason.BAD_NUMBERS)


def fact_against(revisit: Revisit, today: date) -> Reason | None:
    """The weightiest fact that takes the reason for a call away; what stops.with_stop finds."""
    return next(_facts(revisit, today), None)


# ---- the facts, as in stops._conditions ------------------------------------------------------------------------------


def _facts(revisit: Revisit, today: date) -> Iterator[Reason]:
    """Every fact against a call, the weightiest first."""
    yield from _gone(revisit)
    if _has_moved_on(revisit):
        yield Reason.COMPLAINT_MOVED_ON
    if _is_anothers(revisit):
        yield Reason.OWNER_CHANGED
    customer, version = revisit.customer, revisit.rule_version
    if _is_restricted(customer):
        yield Reason.RESTRICTED
    if _is_answered(revisit):
        yield Reason.ANSWERED
    yield from _visits(revisit, today)
    yield from _told_days(revisit)
    if version.needs_consent and not (customer and customer.marketing_consent):
        yield Reason.NO_CONSENT


def _is_restricted(customer: Customer | None) -> bool:
    """Whether a card is restricted, or the one that it was merged into the moment before."""
    if customer is None:
        return False
    return customer.restricted or bool(customer.merged_into and customer.merged_into.restricted)


def _gone(revisit: Revisit) -> Iterator[Reason]:
    """What the call is about is no more: its order, its delivery, its car."""
    order, delivery = revisit.repair_order, revisit.delivery
    car = revisit.vehicle if revisit.rule_version.anchor != Anchor.COMPLAINT_SOLVED else None
    if order and order.state == OrderState.VOID:
        yield Reason.ORDER_VOID
    if order and (order.state == OrderState.OPEN or order.released_on is None):
        yield Reason.ORDER_REOPENED
    if delivery and delivery.returned_on is not None:
        yield Reason.DELIVERY_RETURNED
    if car and car.state == Vehicle.State.SOLD:
        yield Reason.VEHICLE_SOLD
    if car and car.state == Vehicle.State.SCRAPPED:
        yield Reason.VEHICLE_SCRAPPED


def _has_moved_on(revisit: Revisit) -> bool:
    """Whether the complaint no longer waits for its confirming call: reopened, put forward again, merged or closed."""
    if revisit.rule_version.anchor != Anchor.COMPLAINT_SOLVED:
        return False
    complaint = revisit.complaint
    if complaint is None or complaint.state != ComplaintState.CONFIRMING:
        return True
    return revisit.anchor_key != f"complaint:{complaint.pk}:solved:{complaint.round}"


def _is_anothers(revisit: Revisit) -> bool:
    """Whether the car is somebody else's: for what goes to its owner, now; for what we did for the former, since."""
    to_owner = revisit.rule_version.anchor in OF_THE_OWNER
    is_fact = revisit.delivery_id is not None or revisit.repair_order_id is not None
    if revisit.customer_id is None or revisit.vehicle_id is None or not (to_owner or is_fact):
        return False
    others = _other_owners(vehicle=revisit.vehicle_id, customer=revisit.customer_id)
    return any(to_owner or (since is not None and since > revisit.anchor_on) for since in others)


def _is_answered(revisit: Revisit) -> bool:
    """Whether the scores that the call asks for were given face to face; a progress call is made all the same."""
    if not revisit.rule_version.conditions.get("scored") or revisit.reason == Reason.PROGRESS_CALL:
        return False
    delivery, order = revisit.delivery_id or 0, revisit.repair_order_id or 0
    return bool(_face_to_face(store=revisit.store_id, delivery=delivery, order=order))


def _visits(revisit: Revisit, today: date) -> Iterator[Reason]:
    """The car came back, or its visit is booked; maintenance is named by the visit that it follows."""
    anchor, car = revisit.rule_version.anchor, revisit.vehicle
    if anchor == Anchor.FIRST_SERVICE:
        if car and car.last_visit_on is not None:
            yield Reason.CAME_BACK
        if car is None or car.first_service_on is None:
            yield Reason.DATE_MOVED
    if anchor == Anchor.MAINTENANCE:
        seen = car.last_seen_on.isoformat() if car and car.last_seen_on else "0"
        current = f"vehicle:{revisit.vehicle_id or ''}:maintenance:after:{seen}"
        if revisit.anchor_key < current:
            yield Reason.CAME_BACK
        if revisit.anchor_key != current or car is None or car.next_maintenance_on is None:
            yield Reason.DATE_MOVED
    if anchor in WAIT_FOR_A_VISIT and _is_booked(revisit, today):
        yield Reason.BOOKED


def _is_booked(revisit: Revisit, today: date) -> bool:
    """Whether a visit of the car is asked for or confirmed, and lies ahead."""
    return Booking.objects.ahead(today).filter(vehicle_id=revisit.vehicle_id or 0).exists()


def _told_days(revisit: Revisit) -> Iterator[Reason]:
    """The day has moved on, or it was wrong."""
    name, later = TOLD_DAYS.get(Anchor(revisit.rule_version.anchor), ("", None))
    if later is None:
        return
    day = getattr(revisit.vehicle, name, None)
    if day is not None and day > revisit.anchor_on:
        yield later
    if day != revisit.anchor_on:
        yield Reason.DATE_MOVED


# ---- its time, and what people have said -----------------------------------------------------------------------------


def _is_over(revisit: Revisit, today: date) -> bool:
    """Whether a reminder or greeting has outlived its window; a time that the customer named is kept."""
    promised = revisit.promised_at is not None
    return due.ends_with_its_window(revisit.rule_version) and revisit.expires_on < today and not promised


def _refusal(revisit: Revisit, today: date) -> Stop | None:
    """What the customer, or somebody else at this number in any store, does not want to be called about."""
    return _refused(revisit, _bans(_at_the_number(revisit), today))


def refused_along(head: Revisit, along: Iterable[Revisit], today: date) -> dict[int, Stop]:
    """Those of the calls made together with another one that their customers do not want; two queries for any number.

    The number is the head's. Wants rows with their customer and rule_version.
    """
    along = list(along)
    if not along:
        return {}
    here = _at_the_number(head)
    bans = _bans({*here, *(one.customer_id for one in along if one.customer_id)}, today)
    found = {one.pk: _refused(one, [ban for ban in bans if ban[2] in {*here, one.customer_id}]) for one in along}
    return {pk: stop for pk, stop in found.items() if stop}


#: purpose, car, customer of a wish
Ban = tuple[str, int | None, int]


def _bans(customer_ids: Iterable[int], today: date) -> list[Ban]:
    """The wishes of some customers not to be called by telephone."""
    return _wishes(day=today, customers=sorted(set(customer_ids)))


def _refused(revisit: Revisit, bans: Iterable[Ban]) -> Stop | None:
    """Which of the wishes at the number is about this call; one about a car is its customer's alone."""
    customer, version = revisit.customer, revisit.rule_version
    purposes = {
        purpose
        for purpose, car, who in bans
        if car is None or (who == revisit.customer_id and car == revisit.vehicle_id)
    }
    consent = customer.marketing_consent if customer else None
    purposes |= contact.told_no(version.needs_consent, consent)
    refused = contact.refusal(version.purpose, restricted=_is_restricted(customer), bans=sorted(purposes))
    refused = refused or contact.consent_problem(version.needs_consent, consent=bool(consent), bans=purposes)
    return Stop(State.EXCUSED, refused) if refused else None


def _at_the_number(revisit: Revisit) -> list[int]:
    """The customer, and whoever else has the number for himself; with the stores named, the index finds them."""
    if revisit.phone is None:
        return [revisit.customer_id or 0]
    return [revisit.customer_id or 0, *_with_number(number=revisit.phone.number)]


# ---- asked for every call that is taken ------------------------------------------------------------------------------


@compiled
def _other_owners(*, vehicle: int, customer: int) -> QuerySet[VehicleRole, date | None]:
    owners = VehicleRole.objects.filter(vehicle_id=vehicle, role=VehicleRole.Kind.OWNER, until=None)
    return owners.exclude(customer_id=customer).order_by().values_list("since", flat=True)


@compiled
def _face_to_face(*, store: int, delivery: int, order: int) -> QuerySet[Response, int]:
    given = Response.objects.valid().filter(channel=FACE_TO_FACE, store_id=store)
    given = given.filter(Q(delivery_id=delivery) | Q(repair_order_id=order))
    return given.order_by().values_list("pk", flat=True)[:1]


@compiled
def _wishes(*, day: date, customers: list[int]) -> QuerySet[ContactBan, Ban]:
    bans = ContactBan.objects.in_force(day).filter(customer__pk__in=customers, channel__in=contact.TELEPHONE)
    return bans.values_list("purpose", "vehicle_id", "customer_id")


@compiled
def _with_number(*, number: str) -> QuerySet[Phone, int]:
    same = Phone.objects.filter(store__in=Store.objects.values("pk"), number=number, contact=None)
    return same.order_by().values_list("customer_id", flat=True)
